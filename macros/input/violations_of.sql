{#-
    Rows of an input table that break a rule, as violations: place, value, and a reason with the expectation
    and the correction to make. `condition` and `reason` refer to the table as `rows`. `needs` names the tables
    that the rule reads; the rule is skipped if one of them cannot be read.
-#}
{% macro violations_of(rule, table, column, reason, condition, needs=none) -%}
    select
        {{ credit_indices.rule_and_place(rule, needs or [table], records='rows') }},
        {{ credit_indices.sql_text(column) }} as column_name,
        cast(rows.{{ column }} as {{ dbt.type_string() }}) as value,
        {{ reason }} as reason
    from {{ ref('stg_input__' ~ table) }} as rows
    where {{ condition }}
{%- endmacro %}
