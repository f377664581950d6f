with

results as (

    select * from {{ ref('warning_incidence') }}

),

groups as (

    select * from {{ ref('int_laboratory__groups') }}
    where is_listed

),

levels as (

    select
        level,
        level_rank < max(level_rank) over () as is_lower
    from {{ ref('int_warnings__levels') }}

),

enterprises as (

    select max(data_origin) as data_origin
    from {{ ref('int_warnings__enterprises') }}

),

outcomes as (

    {%- for outcome in allowed_values('warning_survival.outcome') %}
    select '{{ outcome }}' as outcome
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

days as (

    {%- for day in [0] + survival_days() %}
    select cast({{ day }} as integer) as day
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

-- A group has the same rows whatever happened in it.
of_groups as (

    select
        levels.level as from_level,
        groups.grouping_code,
        groups.group_name,
        groups.is_published,
        outcomes.outcome,
        days.day
    from groups
    cross join levels
    cross join outcomes
    cross join days
    where levels.is_lower

),

cells as (

    select
        from_level,
        grouping_code,
        group_name,
        true as is_published,
        outcome,
        day,
        n_at_risk,
        n_events,
        incidence,
        ci_low,
        ci_high,
        km
    from results
    where grouping_code = 'all'
    union all
    select
        of_groups.from_level,
        of_groups.grouping_code,
        of_groups.group_name,
        of_groups.is_published,
        of_groups.outcome,
        of_groups.day,
        coalesce(results.n_at_risk, 0) as n_at_risk,
        coalesce(results.n_events, 0) as n_events,
        results.incidence,
        results.ci_low,
        results.ci_high,
        results.km
    from of_groups
    left join results
        on
            of_groups.from_level = results.from_level
            and of_groups.grouping_code = results.grouping_code
            and of_groups.group_name = results.group_name
            and of_groups.outcome = results.outcome
            and of_groups.day = results.day

)

select
    cells.from_level,
    cells.grouping_code as {{ adapter.quote('grouping') }},
    cells.group_name,
    cells.outcome,
    cells.day,
    {%- for count in ['n_at_risk', 'n_events'] %}
    case when cells.is_published then cells.{{ count }} end as {{ count }},
    {%- endfor %}
    {%- for estimate in ['incidence', 'ci_low', 'ci_high', 'km'] %}
    case when cells.is_published then {{ significant_digits('cells.' ~ estimate) }} end
        as {{ estimate }},
    {%- endfor %}
    not cells.is_published as is_suppressed,
    enterprises.data_origin

from cells
cross join enterprises
