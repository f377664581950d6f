{#-
    The wide file of an agency (one row per unit and period) as one row per unit, period and indicator.
    agency_files maps columns to indicator codes. An empty cell of a wide file is not an observation.
-#}
{% macro unpivot_agency_file(seed) -%}
    {%- set file = credit_indices.agency_files()[seed] -%}
    {%- set period = adapter.quote(file['period']) -%}
    select *
    from (
        {%- for column, indicator_code in file['columns'].items() %}
        select
            {{ file['unit'] }} as unit_id,
            cast({{ period }} as {{ dbt.type_string() }}) as period_as_read,
            {{ credit_indices.sql_text(indicator_code) }} as indicator_code,
            cast({{ column }} as {{ dbt.type_string() }}) as value_as_read,
            {{ credit_indices.sql_text(seed) }} as source,
            'seeds/raw/{{ seed }}.csv' as source_file,
            row_number() over (order by {{ file['unit'] }}, {{ period }}) + 1 as source_row,
            {{ credit_indices.sql_text(column) }} as source_column
        from {{ ref(seed) }}
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as unpivoted
    where value_as_read is not null
{%- endmacro %}
