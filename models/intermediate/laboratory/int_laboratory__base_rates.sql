{#-
    How often red follows a moment drawn at random: of the days on which an enterprise is not red and which have a
    full {{ warning_horizon_days() }} days before as_of ends, the days within {{ warning_horizon_days() }} days
    before red. Computed from the lengths of these periods.
-#}
{%- set horizon = warning_horizon_days() %}

with

months as (

    select * from {{ ref('int_laboratory__months') }}

),

enterprises as (

    select count(*) as enterprises from {{ ref('int_warnings__enterprises') }}

),

red_periods as (

    select
        outcome_code,
        enterprise_key,
        opened_at,
        expires_at,
        case
            when previous_expires_at > {{ dbt.dateadd('day', -horizon, 'opened_at') }}
                then previous_expires_at
            else {{ dbt.dateadd('day', -horizon, 'opened_at') }}
        end as near_from
    from {{ ref('int_laboratory__red_periods') }}

),

spells as (

    select
        outcome_code,
        'red' as kind,
        opened_at as begins_at,
        expires_at as ends_at
    from red_periods
    union all
    select
        outcome_code,
        'before_red' as kind,
        near_from as begins_at,
        opened_at as ends_at
    from red_periods

),

clipped as (

    select
        spells.outcome_code,
        spells.kind,
        months.month_code,
        case
            when spells.begins_at > months.begins_at then spells.begins_at
            else months.begins_at
        end as begins_at,
        case
            when spells.ends_at < months.evaluated_until then spells.ends_at
            else months.evaluated_until
        end as ends_at
    from spells
    inner join months
        on
            spells.begins_at < months.evaluated_until
            and spells.ends_at > months.begins_at

),

measured as (

    select
        outcome_code,
        month_code,
        sum(case when kind = 'red' then days else 0 end) as red_days,
        sum(case when kind = 'before_red' then days else 0 end) as days_before_red
    from (
        select
            outcome_code,
            month_code,
            kind,
            {{ days_between('begins_at', 'ends_at') }} as days
        from clipped
    ) as dated
    group by outcome_code, month_code

)

select
    outcomes.rule_code,
    months.month_code,
    enterprises.enterprises
    * {{ days_between('months.begins_at', 'months.evaluated_until') }}
    - coalesce(measured.red_days, 0) as evaluated_days,
    coalesce(measured.days_before_red, 0) as days_before_red

from {{ ref('int_laboratory__outcomes') }} as outcomes
cross join months
cross join enterprises
left join measured
    on
        outcomes.outcome_code = measured.outcome_code
        and months.month_code = measured.month_code
