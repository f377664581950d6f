{#-
    The first columns of a violation: the rule, the input tables that it needs, and the place, which is a record of
    the relation `records`, or else the table `table` as a whole. column_name, value and reason follow.
-#}
{% macro rule_and_place(rule, needs, table=none, records=none) -%}
    {{ credit_indices.sql_text(rule) }} as rule,
    {{ credit_indices.sql_text(needs | join(' ')) }} as needs,
    {%- if records %}
    {{ records }}.source_file,
    {{ records }}.source_row
    {%- else %}
    {{ credit_indices.sql_text(table) }} as source_file,
    cast(null as {{ dbt.type_bigint() }}) as source_row
    {%- endif %}
{%- endmacro %}
