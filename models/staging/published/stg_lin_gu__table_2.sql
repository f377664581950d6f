{%- set variables = ['LCH', 'ETP', 'SYS', 'GOV', 'DIS', 'EDU'] %}

with

table_2 as (

    select * from {{ ref('lin_gu_2015_table_2') }}

)

{% for variable in variables -%}
select
    'lin_gu_2015_table_2' as matrix_code,
    variable as variable_a,
    '{{ variable }}' as variable_b,
    {{ variable | lower }} as {{ adapter.quote('value') }},
    observations as n_observations,
    decimals

from table_2
{{ 'union all' if not loop.last }}
{% endfor %}
