{#-
    The records of `observations` as read, from the user's folder or, if it has none, from the shipped
    agency files. period_as_read and value_as_read keep the type of the file, since converting the numbers
    of a Parquet file to text costs more than reading them. Its numbers are also in period_as_integer and
    value_as_number. The relation csv holds the records of a CSV file.
-#}
{% macro observation_rows(shipped, csv) -%}
    {%- set file = credit_indices.inspect_input_table('observations') -%}
    {%- set own = credit_indices.is_own_table('observations') -%}
    {%- if own and file['is_valid'] -%}
        {%- set kinds = file['column_kinds'] -%}
        {%- set period = adapter.quote('period') -%}
        {%- if kinds['period'] == 'instant' -%}
            {%- set period = credit_indices.to_local_time(period) -%}
        {%- endif -%}
        {%- set value = adapter.quote('value') -%}
    select
        cast({{ adapter.quote('unit_id') }} as {{ dbt.type_string() }}) as unit_id,
        cast({{ adapter.quote('indicator_code') }} as {{ dbt.type_string() }}) as indicator_code,
        {{ period }} as period_as_read,
        {{ value }} as value_as_read,
        -- pandas writes a column of integers with gaps as floating point.
        {% if kinds['period'] in ['integer', 'number'] -%}
        case when {{ period }} = floor({{ period }}) then try_cast({{ period }} as {{ dbt.type_int() }}) end
            as period_as_integer,
        {%- else -%}
        cast(null as {{ dbt.type_int() }}) as period_as_integer,
        {%- endif %}
        cast(
            {{ value if kinds['value'] in ['integer', 'number'] else 'null' }} as double
        ) as value_as_number,
        cast(
            {{ adapter.quote('source') if 'source' in file['columns'] else 'null' }}
            as {{ dbt.type_string() }}
        ) as source,
        'file' as origin,
        {{ credit_indices.sql_text(file['source_file']) }} as source_file,
        source_row
    from {{ csv if file['file_format'] == 'csv' else credit_indices.read_input_file(file) }}
    {%- else -%}
    select
        unit_id,
        indicator_code,
        period_as_read,
        value_as_read,
        cast(null as {{ dbt.type_int() }}) as period_as_integer,
        cast(null as double) as value_as_number,
        source,
        'seed' as origin,
        source_file,
        source_row
        {%- if own %}
    from (
        select
            {%- for column in ['unit_id', 'indicator_code', 'period_as_read', 'value_as_read', 'source', 'source_file'] %}
            cast(null as {{ dbt.type_string() }}) as {{ column }},
            {%- endfor %}
            cast(null as {{ dbt.type_bigint() }}) as source_row
    ) as no_rows
    where 1 = 0
        {%- else %}
    from {{ shipped }}
        {%- endif %}
    {%- endif %}
{%- endmacro %}
