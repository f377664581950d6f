{{ config(materialized='view') }}

{%- set period_text = 'cast(period_as_read as ' ~ dbt.type_string() ~ ')' %}
{%- set value_text = 'cast(value_as_read as ' ~ dbt.type_string() ~ ')' %}

with

typed as (

    select
        *,
        coalesce(period_as_integer, {{ to_period(period_text) }}) as period,
        case
            -- Neither NaN nor infinite.
            when abs(value_as_number) <= {{ largest_double() }} then value_as_number
            when value_as_number is null then {{ to_number(value_text) }}
        end as value
    from {{ ref('int_observations__read') }}

),

units as (

    select * from {{ ref('int_catalog__units') }}

),

indicators as (

    select * from {{ ref('int_catalog__indicators') }}

)

select
    typed.unit_id,
    typed.indicator_code,
    typed.period,
    typed.value,
    typed.period_as_read,
    typed.value_as_read,
    typed.source,
    typed.source_file,
    typed.source_row,
    units.unit_key,
    indicators.indicator_key,
    indicators.presence_block,
    indicators.presence_bit,
    indicators.lower_bound,
    indicators.upper_bound,
    -- Never NULL: if a value is missing, the missing value decides, not the comparison with a
    -- bound.
    (
        units.unit_key is not null
        and indicators.indicator_key is not null
        and typed.period is not null
        and typed.value is not null
        and (indicators.lower_bound is null or typed.value >= indicators.lower_bound)
        and (indicators.upper_bound is null or typed.value <= indicators.upper_bound)
    ) as is_accepted

from typed
left join units
    on typed.unit_id = units.unit_id
left join indicators
    on typed.indicator_code = indicators.indicator_code
