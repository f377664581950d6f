{#- The rows of quality.data_quality_results, from the relations that hold them. -#}
{% macro data_quality_rows(relations) -%}
    {%- for relation in relations %}
    select
        suite,
        expectation,
        column_name,
        success,
        failure,
        severity,
        expected,
        observed,
        n_checked,
        unexpected_count,
        examples,
        why
    from {{ relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
