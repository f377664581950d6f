{#- Unpivots the wide agency files. An empty cell of a wide file is not an observation. -#}
with

unpivoted as (

    {% for seed, file in agency_files().items() %}
    {%- set is_last_file = loop.last %}
    {%- set period = adapter.quote(file['period']) %}
    {%- for column, indicator_code in file['columns'].items() %}
    select
        {{ file['unit'] }} as unit_id,
        cast({{ period }} as {{ dbt.type_string() }}) as period_as_read,
        {{ sql_text(indicator_code) }} as indicator_code,
        cast({{ column }} as {{ dbt.type_string() }}) as value_as_read,
        {{ sql_text(seed) }} as source,
        'seeds/raw/{{ seed }}.csv' as source_file,
        row_number() over (order by {{ file['unit'] }}, {{ period }}) + 1 as source_row,
        {{ sql_text(column) }} as source_column
    from {{ ref(seed) }}
    {{ 'union all' if not (is_last_file and loop.last) }}
    {%- endfor %}
    {%- endfor %}

)

select * from unpivoted
where value_as_read is not null
