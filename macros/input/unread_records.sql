{#-
    Tables of a part (of none for most tables) from whose files fewer rows were read than the inspection counted
    records. A query of a test.
-#}
{% macro unread_records(part=none) -%}
    {%- set tables = [] -%}
    {%- for table, columns in credit_indices.input_tables().items() if columns.get('part') == part -%}
        {%- do tables.append(table) -%}
    {%- endfor -%}
    {%- set comparisons = [] -%}
    {%- for table in tables -%}
        {%- set rows = ref('int_observations__read' if table == 'observations' else 'stg_input__' ~ table) -%}
        {%- set file = credit_indices.inspect_input_table(table) -%}
        {%- if file is not none and file['is_valid'] -%}
            {%- do comparisons.append(
                "select " ~ credit_indices.sql_text(table) ~ " as table_name, " ~ file['records']
                ~ " as n_counted, (select count(*) from " ~ rows ~ ") as n_read"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do comparisons.append("select 'none' as table_name, 0 as n_counted, 0 as n_read") -%}
    select *
    from (
        {{ comparisons | join('\n        union all\n        ') }}
    ) as counted
    where n_counted <> n_read
{%- endmacro %}
