{%- set files = agency_files() -%}

with

listed as (

    {% for seed, file in files.items() %}
    {%- set is_last_file = loop.last %}
    {%- for column, indicator_code in file['columns'].items() %}
    select
        {{ sql_text(indicator_code) }} as indicator_code,
        'seeds/raw/{{ seed }}.csv' as source_file,
        {{ sql_text(column) }} as source_column,
        {{ sql_text(file['unit']) }} as unit_column,
        {{ sql_text(file['data_origin']) }} as data_origin
    {{ 'union all' if not (is_last_file and loop.last) }}
    {%- endfor %}
    {%- endfor %}

)

select * from listed
