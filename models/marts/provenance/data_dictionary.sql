{%- set columns = documented_columns() -%}

with

described as (

    {% for column in columns %}
    select
        {{ sql_text(column.schema) }} as table_schema,
        {{ sql_text(column.table) }} as table_name,
        {{ sql_text(column.table_description) }} as table_description,
        {{ column.position }} as column_number,
        {{ sql_text(column.column) }} as column_name,
        {{ sql_text(column.data_type) }} as data_type,
        {{ sql_text(column.unit) }} as unit,
        {{ sql_text(column.description) }} as column_description
    {{ 'union all' if not loop.last }}
    {% else %}
    select
        '' as table_schema,
        '' as table_name,
        '' as table_description,
        0 as column_number,
        '' as column_name,
        '' as data_type,
        '' as unit,
        '' as column_description
    where 1 = 0
    {% endfor %}

),

gate as (

    select * from {{ ref('int_quality__gate') }}

)

select described.*

from described
cross join gate
