{#-
    The CTE `checks`: one row per claim, each out of the one row of `figures`. `checks` maps the
    claim's code, without the paper's, to expressions for published, recomputed, lower, upper and
    holds; what is left out is NULL. Sums in another order differ in their last bits, and deviations are
    differences of such sums: hence twelve decimals.
-#}
{% macro claim_checks(paper, checks) -%}
checks as (
    {%- for code, check in checks.items() %}
    select
        '{{ paper }}_{{ code }}' as claim_code,
        {%- for column in ['published', 'recomputed', 'lower', 'upper'] %}
        round(cast({{ check[column] | default('null') }} as double), 12)
            as {{ adapter.quote(column) }},
        {%- endfor %}
        cast({{ check.holds | default('null') }} as boolean) as holds
    from figures
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

)
{%- endmacro %}
