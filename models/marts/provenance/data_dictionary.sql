{%- set columns = documented_columns() -%}

with

described as (

    {% if columns -%}
    select listed.* from (
        values
        {%- for column in columns %}
        (
            {{ sql_text(column.schema) }},
            {{ sql_text(column.table) }},
            {{ sql_text(column.table_description) }},
            {{ column.position }},
            {{ sql_text(column.column) }},
            {{ sql_text(column.data_type) }},
            {{ sql_text(column.unit) }},
            {{ sql_text(column.description) }}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    ) as listed (
        table_schema,
        table_name,
        table_description,
        column_number,
        column_name,
        data_type,
        unit,
        column_description
    )
    {%- else -%}
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
    {%- endif %}

),

gate as (

    select * from {{ ref('int_quality__gate') }}

)

select described.*

from described
cross join gate
