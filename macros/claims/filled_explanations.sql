{#-
    CTEs that put figures into the explanations of claims: each placeholder {figure} of
    `claims.explanation` becomes the column of that name of the one row of `source`, printed with so
    many decimals (none: a text, as it is), or ? where it is NULL. Written in batches, since parsers limit
    how deep functions nest. The last CTE is called filled; a comma follows the CTEs before it, none
    follows it.
-#}
{% macro filled_explanations(decimals, source='figures') -%}
    {%- for batch in decimals.items() | batch(8) %}
filled_{{ loop.index }} as (

    select
        claims.claim_code,
        {%- for figure, places in batch %}
        replace(
        {%- endfor %}
            claims.explanation
        {%- for figure, places in batch %},
            '{{ '{' ~ figure ~ '}' }}',
            coalesce(
                {%- if places is none %}
                {{ source }}.{{ figure }},
                {%- else %}
                cast(
                    cast({{ source }}.{{ figure }} as decimal(18, {{ places }}))
                    as {{ dbt.type_string() }}
                ),
                {%- endif %}
                '?'
            )
        )
        {%- endfor %} as explanation
    from {{ 'claims' if loop.first else 'filled_' ~ loop.index0 }} as claims
    cross join {{ source }}

),
    {%- endfor %}

filled as (

    select * from filled_{{ (decimals | length / 8) | round(0, 'ceil') | int }}

)
{%- endmacro %}
