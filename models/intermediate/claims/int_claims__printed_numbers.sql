{%- set coefficient_columns = {
    'coefficient': 'decimals', 'standard_error': 'decimals', 't_value': 'decimals',
    'p_value': 'p_decimals',
} %}
{%- set table_5_columns = ['value_2019', 'value_2023', 'change', 'simulated'] %}
{%- set table_2_columns = {'mean': 'mean', 'standard_deviation': 'sd', 'maximum': 'max'} %}

with

numbers as (
    {% for column, decimals in coefficient_columns.items() %}
    select
        coefficient_code || '_{{ column }}' as number_code,
        {{ column }} as number_value,
        {{ decimals }} as decimals
    from {{ ref('song_liu_2025_coefficients') }}
    union all
    {%- endfor %}
    {%- for column in table_5_columns %}
    select
        'table_5_' || measure_code || '_{{ column }}' as number_code,
        {{ column }} as number_value,
        {{ column }}_decimals as decimals
    from {{ ref('song_liu_2025_table_5') }}
    union all
    {%- endfor %}
    {%- for column, name in table_2_columns.items() %}
    select
        'table_2_' || variable_code || '_{{ name }}' as number_code,
        {{ column }} as number_value,
        decimals
    from {{ ref('song_liu_2025_table_2') }}
    union all
    {%- endfor %}
    select
        number_code,
        {{ adapter.quote('value') }} as number_value,
        decimals
    from {{ ref('song_liu_2025_text') }}

)

select
    number_code,
    number_value,
    power(10, -decimals) / 2 as half

from numbers
where number_value is not null
