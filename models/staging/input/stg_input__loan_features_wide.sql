{#- The columns other than loan_id are those of the user's file, under the name "feature <column>". -#}
{{ config(schema='restricted') }}

{%- set file = inspect_input_table('loan_features_wide') %}
{%- set is_readable = is_own_table('loan_features_wide') and file['is_valid'] %}

select
    {%- if is_readable %}
    {%- for column in file['columns'] %}
    {%- set escaped = column | replace('"', '""') %}
    nullif({{ as_text(adapter.quote(escaped), file['column_kinds'].get(column, 'text')) }}, '')
        as {{ adapter.quote(('' if column == 'loan_id' else 'feature ') ~ escaped) }},
    {%- endfor %}
    'file' as origin,
    {{ sql_text(file['source_file']) }} as source_file,
    source_row
    {%- else %}
    cast(null as {{ dbt.type_string() }}) as loan_id,
    cast(null as {{ dbt.type_string() }}) as origin,
    cast(null as {{ dbt.type_string() }}) as source_file,
    cast(null as {{ dbt.type_bigint() }}) as source_row
    {%- endif %}

from
    {%- if is_readable %}
    {{ read_input_file(file) }} as rows
    {%- else %}
    (select 1 as nothing) as no_rows
where 1 = 0
    {%- endif %}
