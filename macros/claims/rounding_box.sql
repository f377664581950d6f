{#-
    CTEs up to `in_the_box`: one row per code in `checks` with a formula, {code: {formula, inputs, exact}}.
    It is computed at the printed values of its inputs (up to four columns of `figures`, each
    beside its <input>_half), and at every combination of the ends and the middle of what they stand
    for; `lower` and `upper` are the extremes. That is exact where the formula rises or falls with each
    input. `exact` are other columns of `figures` that it takes. A comma follows the CTEs.
-#}
{% macro rounding_box(checks) -%}
ends as (

    select -1 as e
    union all
    select 0 as e
    union all
    select 1 as e

),

box as (

    select
        first_input.e as e1,
        second_input.e as e2,
        third_input.e as e3,
        fourth_input.e as e4
    from ends as first_input
    cross join ends as second_input
    cross join ends as third_input
    cross join ends as fourth_input

),

in_the_box as (
    {%- for code, check in checks.items() if check.formula %}
    select
        '{{ code }}' as code,
        max(case when e1 = 0 and e2 = 0 and e3 = 0 and e4 = 0 then {{ check.formula }} end)
            as recomputed,
        min({{ check.formula }}) as {{ adapter.quote('lower') }},
        max({{ check.formula }}) as {{ adapter.quote('upper') }}
    from (
        select
            {%- for input in check.inputs %}
            figures.{{ input }} + box.e{{ loop.index }} * figures.{{ input }}_half as {{ input }},
            {%- endfor %}
            {%- for column in check.exact | default([]) %}
            figures.{{ column }},
            {%- endfor %}
            box.*
        from figures
        cross join box
    ) as moved
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),
{%- endmacro %}
