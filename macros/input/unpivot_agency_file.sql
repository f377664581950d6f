{#-
    The wide file of a source agency (a row per unit and period) as one row per unit, period and
    indicator. `columns` says which column is which indicator_code. An empty cell of a wide file is no
    observation.
-#}
{% macro unpivot_agency_file(seed, columns, unit='province_code', period='year') -%}
    {%- for column, indicator_code in columns.items() %}
    select
        {{ unit }} as unit_id,
        cast({{ adapter.quote(period) }} as {{ dbt.type_string() }}) as period_as_read,
        {{ sql_text(indicator_code) }} as indicator_code,
        cast({{ column }} as {{ dbt.type_string() }}) as value_as_read,
        {{ sql_text(seed.identifier) }} as source,
        'seeds/raw/{{ seed.identifier }}.csv' as source_file,
        row_number() over (order by {{ unit }}, {{ adapter.quote(period) }}) + 1 as source_row,
        {{ sql_text(column) }} as source_column
    from {{ seed }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
