{#-
    Records of a relation with their faults, as quarantined records: place, first faulty cell, and all reasons. `cells`
    lists (column with the fault, name of the cell, column with the cell as text).
-#}
{% macro faulty_records(relation, cells) -%}
    select
        source_file,
        source_row,
        case
            {%- for fault, column, read in cells %}
            when {{ fault }} is not null then '{{ column }}'
            {%- endfor %}
        end as column_name,
        case
            {%- for fault, column, read in cells %}
            when {{ fault }} is not null then {{ read }}
            {%- endfor %}
        end as value,
        concat_ws('; ', {{ cells | map(attribute=0) | join(', ') }}) as reason
    from {{ relation }}
    where coalesce({{ cells | map(attribute=0) | join(', ') }}) is not null
{%- endmacro %}
