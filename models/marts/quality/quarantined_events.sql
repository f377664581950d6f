{#-
    Published, so it contains no text of the input: a word in a wrong column may identify a person. The record
    is at source_row, and its cell in restricted.int_warnings__quarantined.
-#}
{{ config(schema='quality') }}

{%- set file = inspect_input_table('enterprise_events') %}
{%- set hidden_parts = file['hidden_parts'] if file is not none else {} %}

with

gate as (

    select * from {{ ref('int_input__gate') }}

),

quarantined as (

    select * from {{ ref('int_warnings__quarantined') }}

),

-- Files of a folder, whose names are not published.
unnamed as (

    {% for source_file, public_name in hidden_parts.items() %}
    select
        {{ sql_text(source_file) }} as source_file,
        {{ sql_text(public_name) }} as public_name
    union all
    {% endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as source_file,
        cast(null as {{ dbt.type_string() }}) as public_name
    where 1 = 0

)

select
    coalesce(unnamed.public_name, quarantined.source_file) as source_file,
    quarantined.source_row,
    quarantined.column_name,
    cast(null as {{ dbt.type_string() }}) as value,
    quarantined.reason

from quarantined
cross join gate
left join unnamed
    on quarantined.source_file = unnamed.source_file
