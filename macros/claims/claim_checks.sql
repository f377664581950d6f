{#-
    The CTE `checks`: one row per claim, each out of the one row of `figures`. `checks` maps the
    claim's code, without the paper's, to expressions for published, recomputed, lower, upper and
    holds; what is left out is NULL.
-#}
{% macro claim_checks(paper, checks) -%}
checks as (
    {%- for code, check in checks.items() %}
    select
        '{{ paper }}_{{ code }}' as claim_code,
        {%- for column in ['published', 'recomputed', 'lower', 'upper'] %}
        cast({{ check[column] | default('null') }} as double) as {{ adapter.quote(column) }},
        {%- endfor %}
        cast({{ check.holds | default('null') }} as boolean) as holds
    from figures
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

)
{%- endmacro %}
