{#-
    The records of `observations` as read: from the user's folder or, where it has none, from the
    shipped agency files. period and value are typed here, NULL where they are not what they should
    be; a Parquet file's numbers are taken as they are. The texts as read stay beside them.
-#}
{% macro observation_rows(shipped) -%}
    {%- set file = inspect_input_table('observations') -%}
    {%- set own = file is not none and (file['file_format'] is not none or file['faults']) -%}
    {%- if own and file['is_sound'] -%}
        {%- set kinds = file['column_kinds'] -%}
    select
        cast({{ adapter.quote('unit_id') }} as {{ dbt.type_string() }}) as unit_id,
        {% if kinds['period'] == 'integer' -%}
        try_cast({{ adapter.quote('period') }} as {{ dbt.type_int() }}) as period,
        {%- else -%}
        {{ to_integer('cast(' ~ adapter.quote('period') ~ ' as ' ~ dbt.type_string() ~ ')') }} as period,
        {%- endif %}
        cast({{ adapter.quote('indicator_code') }} as {{ dbt.type_string() }}) as indicator_code,
        {% if kinds['value'] in ['integer', 'number'] -%}
        case
            when abs(cast({{ adapter.quote('value') }} as double)) <= {{ largest_double() }}
                then cast({{ adapter.quote('value') }} as double)
        end as value,
        {%- else -%}
        {{ to_number('cast(' ~ adapter.quote('value') ~ ' as ' ~ dbt.type_string() ~ ')') }} as value,
        {%- endif %}
        {% if 'source' in file['columns'] -%}
        cast({{ adapter.quote('source') }} as {{ dbt.type_string() }}) as source,
        {%- else -%}
        cast(null as {{ dbt.type_string() }}) as source,
        {%- endif %}
        cast({{ adapter.quote('period') }} as {{ dbt.type_string() }}) as period_as_read,
        cast({{ adapter.quote('value') }} as {{ dbt.type_string() }}) as value_as_read,
        {{ sql_text(file['source_file']) }} as source_file,
        source_row
    from {{ read_input_file(file) }}
    {%- else -%}
    select
        unit_id,
        {{ to_integer('period_as_read') }} as period,
        indicator_code,
        {{ to_number('value_as_read') }} as value,
        source,
        period_as_read,
        value_as_read,
        source_file,
        source_row
    from {{ shipped }}
        {%- if own %}
    where 1 = 0
        {%- endif %}
    {%- endif %}
{%- endmacro %}
