{#-
    How many warnings ended on each day, over all enterprises, and by province and size class in the periods of
    survival_days. These days are listed even if no warning ended on them.
-#}
{{ config(schema='restricted') }}
{%- set days = survival_days() %}

with

warnings as (

    select * from {{ ref('int_laboratory__warnings') }}

),

enterprises as (

    select
        *,
        {{ capital_class('registered_capital') }} as capital_class
    from {{ ref('int_warnings__enterprises') }}

),

grouped as (

    select
        from_level,
        'all' as grouping_code,
        'all' as group_name,
        day,
        outcome,
        enterprise_key
    from warnings
    union all
    select
        warnings.from_level,
        'province' as grouping_code,
        enterprises.province_code as group_name,
        warnings.period_day as day,
        warnings.outcome_of_period as outcome,
        warnings.enterprise_key
    from warnings
    inner join enterprises
        on warnings.enterprise_key = enterprises.enterprise_key
    where enterprises.province_code is not null
    union all
    select
        warnings.from_level,
        'capital' as grouping_code,
        enterprises.capital_class as group_name,
        warnings.period_day as day,
        warnings.outcome_of_period as outcome,
        warnings.enterprise_key
    from warnings
    inner join enterprises
        on warnings.enterprise_key = enterprises.enterprise_key

),

listed as (

    select * from grouped
    {%- for day in days %}
    union all
    select distinct
        from_level,
        grouping_code,
        group_name,
        {{ day }} as day,
        cast(null as {{ dbt.type_string() }}) as outcome,
        cast(null as {{ dbt.type_string() }}) as enterprise_key
    from grouped
    {%- endfor %}

)

select
    from_level,
    grouping_code,
    group_name,
    day,
    coalesce(outcome, 'censored') as outcome,
    count(enterprise_key) as warnings,
    count(distinct enterprise_key) as enterprises

from listed
group by from_level, grouping_code, group_name, day, coalesce(outcome, 'censored')
