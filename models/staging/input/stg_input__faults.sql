{%- set faults = [] %}
{%- if execute and data_dir() %}
    {%- set folder = inspect_input_folder() %}
    {%- if folder is not mapping %}
        {%- for fault in folder %}{% do faults.append((fault['table_name'], fault)) %}{% endfor %}
    {%- endif %}
    {%- for table in input_tables() %}
        {%- for fault in inspect_input_table(table)['faults'] %}{% do faults.append((table, fault)) %}{% endfor %}
    {%- endfor %}
{%- endif %}

with

faults as (

    {% for table, fault in faults %}
    select
        {{ sql_text(table) }} as table_name,
        {{ sql_text(fault['severity']) }} as severity,
        {{ sql_text(fault['source_file']) }} as source_file,
        cast({{ fault['source_row'] if fault['source_row'] is not none else 'null' }} as {{ dbt.type_bigint() }}) as source_row,
        {{ sql_text(fault['column_name']) }} as column_name,
        {{ sql_text(fault['value']) }} as value,
        {{ sql_text(fault['reason']) }} as reason
    union all
    {% endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as table_name,
        cast(null as {{ dbt.type_string() }}) as severity,
        cast(null as {{ dbt.type_string() }}) as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        cast(null as {{ dbt.type_string() }}) as column_name,
        cast(null as {{ dbt.type_string() }}) as value,
        cast(null as {{ dbt.type_string() }}) as reason
    where 1 = 0

)

select * from faults
