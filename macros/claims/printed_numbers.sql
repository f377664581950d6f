{#-
    The CTE `printed`: one row. For each name in `numbers` the printed number of that code
    (int_claims__printed_numbers) and, as <name>_half, half a unit of its last digit; NULL where it is not
    there. A comma follows it.
-#}
{% macro printed_numbers(numbers) -%}
printed as (

    select
        {%- for name, code in numbers.items() %}
        max(case when number_code = '{{ code }}' then number_value end) as {{ name }},
        max(case when number_code = '{{ code }}' then half end) as {{ name }}_half
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_claims__printed_numbers') }}

),
{%- endmacro %}
