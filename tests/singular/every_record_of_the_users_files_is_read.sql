{#- Compares the records that the inspection counted in each file with the rows read from it. -#}
{%- set valid_files = [] %}
{%- for table in input_tables() %}
    {%- set file = inspect_input_table(table) %}
    {%- if file is not none and file['is_valid'] %}
        {%- do valid_files.append((table, file['records'])) %}
    {%- endif %}
{%- endfor %}

-- depends_on: {{ ref('int_observations__read') }}
{%- for table in input_tables() if table != 'observations' %}
-- depends_on: {{ ref('stg_input__' ~ table) }}
{%- endfor %}

with

counted as (

    {%- for table, records in valid_files %}
    select
        {{ sql_text(table) }} as table_name,
        {{ records }} as n_counted,
        (
            select count(*)
            from {{ ref('int_observations__read' if table == 'observations' else 'stg_input__' ~ table) }}
        ) as n_read
    union all
    {%- endfor %}
    select
        'none' as table_name,
        0 as n_counted,
        0 as n_read

)

select * from counted
where n_counted <> n_read
