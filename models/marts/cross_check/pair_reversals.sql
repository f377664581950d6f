{#-
    Share of pairs of units that change places between the rankings, by their distance in the index's ranking.
    The number of pairs grows with the square of the units, so in large samples only every k-th rank is
    compared.
-#}
{%- set compared = 2000 %}
with

sizes as (

    select
        analysis_code,
        period,
        cast(ceil(count(*) / {{ compared }}.0) as {{ dbt.type_int() }}) as sampling_step
    from {{ ref('int_cross_check__pairs') }}
    group by analysis_code, period

),

pairs as (

    select
        ranks.*,
        sizes.sampling_step
    from {{ ref('int_cross_check__pairs') }} as ranks
    inner join sizes
        on
            ranks.analysis_code = sizes.analysis_code
            and ranks.period = sizes.period
    where mod(ranks.official_rank - 1, sizes.sampling_step) = 0

),

compared as (

    select
        better.analysis_code,
        better.period,
        better.sampling_step,
        worse.official_rank - better.official_rank as rank_gap,
        case when better.z1_rank > worse.z1_rank then 1 else 0 end as is_reversed
    from pairs as better
    inner join pairs as worse
        on
            better.analysis_code = worse.analysis_code
            and better.period = worse.period
            and better.official_rank < worse.official_rank

),

binned as (

    select
        analysis_code,
        period,
        sampling_step,
        10 * floor((rank_gap - 1) / 10.0) as gap_before,
        count(*) as n_pairs,
        sum(is_reversed) as n_reversed
    from compared
    group by analysis_code, period, sampling_step, 10 * floor((rank_gap - 1) / 10.0)

)

select
    analysis_code,
    period,
    cast(gap_before + 1 as {{ dbt.type_int() }}) as from_gap,
    cast(gap_before + 10 as {{ dbt.type_int() }}) as to_gap,
    n_pairs,
    cast(n_reversed as {{ dbt.type_bigint() }}) as n_reversed,
    {{ significant_digits('cast(n_reversed as double) / n_pairs') }} as share_reversed,
    sampling_step

from binned
