{#- Profile of the headline scores of an index in a period. NULL if there are too few units. -#}
{%- set min_units = quality_threshold('quality_min_units') %}

with

node_scores as (

    select * from {{ ref('int_index__node_scores') }}
    where parent_key is null

),

indices as (

    select * from {{ ref('int_catalog__indices') }}

),

units as (

    select * from {{ ref('int_catalog__units') }}

),

schemes as (

    select distinct
        index_key,
        scheme
    from {{ ref('int_index__weights') }}
    where scheme in ('headline', 'equal')

),

scores as (

    select
        indices.index_code,
        schemes.scheme,
        units.unit_id,
        coalesce(units.name_en, units.unit_id) as unit_name,
        node_scores.period,
        {{ significant_digits(scheme_score('node_scores', 'schemes.scheme')) }} as score,
        node_scores.imputed_cells
    from node_scores
    inner join schemes
        on node_scores.index_key = schemes.index_key
    inner join indices
        on node_scores.index_key = indices.index_key
    inner join units
        on node_scores.unit_key = units.unit_key

),

headline as (

    select * from scores
    where scheme = 'headline'

),

members as (

    select
        index_code,
        count(*) as n_indicators
    from {{ ref('int_index__members') }}
    group by index_code

),

counted as (

    select
        index_code,
        period,
        count(*) as n_units,
        count(score) as n_scored,
        cast(sum(imputed_cells) as {{ dbt.type_bigint() }}) as n_imputed_cells
    from headline
    group by index_code, period

),

ties as (

    select
        index_code,
        period,
        max(n_of_score) as n_of_commonest_score
    from (
        select
            index_code,
            period,
            score,
            count(*) as n_of_score
        from headline
        where score is not null
        group by index_code, period, score
    ) as scores_of_period
    group by index_code, period

),

-- Spearman's coefficient: the correlation of ranks, with mean ranks for ties.
ranked as (

    select
        headline.index_code,
        headline.period,
        rank() over (
            partition by headline.index_code, headline.period
            order by headline.score
        ) + (count(*) over (
            partition by headline.index_code, headline.period, headline.score
        ) - 1) / 2.0 as headline_rank,
        rank() over (
            partition by headline.index_code, headline.period
            order by equal_scores.score
        ) + (count(*) over (
            partition by headline.index_code, headline.period, equal_scores.score
        ) - 1) / 2.0 as equal_rank
    from headline
    inner join scores as equal_scores
        on
            headline.index_code = equal_scores.index_code
            and headline.unit_id = equal_scores.unit_id
            and headline.period = equal_scores.period
            and equal_scores.scheme = 'equal'
    where
        headline.score is not null
        and equal_scores.score is not null

),

correlations as (

    select
        index_code,
        period,
        corr(cast(headline_rank as double), cast(equal_rank as double)) as rank_correlation
    from ranked
    group by index_code, period
    having
        count(distinct headline_rank) > 1
        and count(distinct equal_rank) > 1

),

periods as (

    select
        index_code,
        period,
        lag(period) over (partition by index_code order by period) as period_before
    from counted

),

-- Ranks in both periods among the units with both, so that units that join or leave move no rank.
common as (

    select
        later.index_code,
        later.period,
        later.unit_id,
        later.unit_name,
        count(*) over (partition by later.index_code, later.period) as n_common,
        rank() over (
            partition by later.index_code, later.period
            order by earlier.score desc
        ) as place_before,
        rank() over (
            partition by later.index_code, later.period
            order by later.score desc
        ) as place
    from headline as later
    inner join periods
        on
            later.index_code = periods.index_code
            and later.period = periods.period
    inner join headline as earlier
        on
            periods.index_code = earlier.index_code
            and periods.period_before = earlier.period
            and later.unit_id = earlier.unit_id
    where
        later.score is not null
        and earlier.score is not null

),

moves as (

    select
        *,
        row_number() over (
            partition by index_code, period
            order by abs(place - place_before) desc, unit_id
        ) as place_of_move
    from common

),

measured as (

    select
        counted.index_code,
        counted.period,
        counted.n_units,
        counted.n_scored,
        cast(counted.n_imputed_cells as double) / (counted.n_units * members.n_indicators)
            as share_imputed,
        cast(counted.n_scored as double) / counted.n_units as share_scored,
        case
            when counted.n_scored >= {{ min_units }}
                then cast(ties.n_of_commonest_score as double) / nullif(counted.n_scored, 0)
        end as share_of_commonest_score,
        case
            when counted.n_scored >= {{ min_units }} then correlations.rank_correlation
        end as rank_correlation,
        case
            when moves.n_common >= {{ min_units }}
                then cast(abs(moves.place - moves.place_before) as double) / moves.n_common
        end as largest_rank_move,
        concat_ws(
            '',
            counted.index_code, ', ', cast(counted.period as {{ dbt.type_string() }}), ': '
        ) as subject,
        moves.unit_name,
        moves.place,
        moves.place_before,
        moves.n_common,
        counted.n_imputed_cells
    from counted
    inner join members
        on counted.index_code = members.index_code
    left join ties
        on
            counted.index_code = ties.index_code
            and counted.period = ties.period
    left join correlations
        on
            counted.index_code = correlations.index_code
            and counted.period = correlations.period
    left join moves
        on
            counted.index_code = moves.index_code
            and counted.period = moves.period
            and moves.place_of_move = 1

)

select
    index_code,
    period,
    n_units,
    n_scored,
    {{ significant_digits('share_scored') }} as share_scored,
    {{ significant_digits('share_imputed') }} as share_imputed,
    {{ significant_digits('share_of_commonest_score') }} as share_of_commonest_score,
    {{ significant_digits('rank_correlation') }} as rank_correlation,
    {{ significant_digits('largest_rank_move') }} as largest_rank_move,
    concat_ws(
        '',
        subject, cast(n_scored as {{ dbt.type_string() }}), ' of ',
        cast(n_units as {{ dbt.type_string() }}), ' units have a score'
    ) as scored_detail,
    concat_ws(
        '',
        subject, cast(n_imputed_cells as {{ dbt.type_string() }}),
        ' cells were imputed, a share of ',
        cast({{ significant_digits('share_imputed', 3) }} as {{ dbt.type_string() }})
    ) as imputed_detail,
    concat_ws(
        '',
        subject, 'a share of ',
        cast({{ significant_digits('share_of_commonest_score', 3) }} as {{ dbt.type_string() }}),
        ' of the units have the same score'
    ) as tied_detail,
    concat_ws(
        '',
        subject, 'Spearman''s coefficient with the ranking under equal weights is ',
        cast({{ significant_digits('rank_correlation', 3) }} as {{ dbt.type_string() }})
    ) as correlation_detail,
    case
        when place is not null
            then concat_ws(
                '',
                subject, unit_name, ' is ranked ', cast(place as {{ dbt.type_string() }}),
                ' after ', cast(place_before as {{ dbt.type_string() }}),
                ' in the previous period, of the ', cast(n_common as {{ dbt.type_string() }}),
                ' units with a score in both'
            )
    end as move_detail

from measured
