{#-
    The first faulty cell of a record and all reasons, as three columns. `cells` lists (column with the fault, name of
    the cell, column with the cell as text).
-#}
{% macro fault_columns(cells, names=['column_name', 'value', 'reason']) -%}
    case
        {%- for fault, column, read in cells %}
        when {{ fault }} is not null then '{{ column }}'
        {%- endfor %}
    end as {{ names[0] }},
    case
        {%- for fault, column, read in cells %}
        when {{ fault }} is not null then {{ read }}
        {%- endfor %}
    end as {{ names[1] }},
    nullif(concat_ws('; ', {{ cells | map(attribute=0) | join(', ') }}), '') as {{ names[2] }}
{%- endmacro %}

{#- Records of a relation with their faults, as quarantined records: place, first faulty cell, and all reasons. -#}
{% macro faulty_records(relation, cells) -%}
    select
        source_file,
        source_row,
        {{ credit_indices.fault_columns(cells) | indent(4) }}
    from {{ relation }}
    where coalesce({{ cells | map(attribute=0) | join(', ') }}) is not null
{%- endmacro %}
