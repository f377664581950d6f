{#-
    The CTE `checks` after rounding_box: one row per claim. `checks` maps the claim's code, without the
    paper's, to
    * published: the printed number, a column of `source` with a <column>_half beside it, or none;
    * formula: what rounding_box computed under that code; without it recomputed, lower and upper may be
      expressions over `source`;
    * holds: an expression over `source`, recomputed, lower and upper. Without it the claim holds if the
      interval of the printed number and that of the recomputed one overlap; 'null' if nothing decides;
    * places: how many decimals the explanation prints of recomputed, lower and upper.
-#}
{% macro recomputed_checks(paper, checks, source='figures') -%}
{%- set bounds = [adapter.quote('lower'), adapter.quote('upper')] %}
checks as (
    {%- for code, check in checks.items() %}
    select
        '{{ paper }}_{{ code }}' as claim_code,
        round(cast({{ check.published | default('null') }} as double), 12) as published,
        {%- for column in ['recomputed'] + bounds %}
        round(cast({{ column }} as double), 12) as {{ column }},
        {%- endfor %}
        {%- if check.holds or not check.published %}
        cast({{ check.holds | default('null') }} as boolean) as holds,
        {%- else %}
        {{ bounds[0] }} <= {{ check.published }} + {{ check.published }}_half
        and {{ bounds[1] }} >= {{ check.published }} - {{ check.published }}_half as holds,
        {%- endif %}
        {%- for column in ['recomputed', 'lower', 'upper'] %}
        cast(
            cast({{ adapter.quote(column) }} as decimal(18, {{ check.places | default(2) }}))
            as {{ dbt.type_string() }}
        ) as {{ column }}_text
        {{- ',' if not loop.last }}
        {%- endfor %}
    {%- if check.formula %}
    from in_the_box
    cross join {{ source }}
    where in_the_box.code = '{{ code }}'
    {%- else %}
    from (
        select
            {%- for column in ['recomputed', 'lower', 'upper'] %}
            cast({{ check[column] | default('null') }} as double) as {{ adapter.quote(column) }},
            {%- endfor %}
            {{ source }}.*
        from {{ source }}
    ) as bounded
    {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

)
{%- endmacro %}
