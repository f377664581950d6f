{#- Violations of the keys, enumerations and numbers that input_tables gives for each table of a part, or of none. -#}
{% macro violations_of_tables(part=none) -%}
    {%- set checks = [] -%}
    {%- for table, columns in credit_indices.input_tables().items() if columns.get('part') == part -%}
        {%- if columns['key'] -%}
            {%- do checks.append(credit_indices.violations_of_key(table, columns['key'])) -%}
        {%- endif -%}
        {%- for column in columns['choices'] -%}
            {%- do checks.append(credit_indices.violations_of_choice(table, column)) -%}
        {%- endfor -%}
        {%- for column in columns['optional_choices'] -%}
            {%- do checks.append(credit_indices.violations_of_choice(table, column, optional=true)) -%}
        {%- endfor -%}
        {%- for column in columns['numbers'] -%}
            {%- do checks.append(credit_indices.violations_of_number(table, column)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ checks | join('\n    union all\n    ') }}
{%- endmacro %}
