{#-
    A case expression with one branch for every value of an enumeration. A missing or superfluous branch stops
    the compilation. A value outside the enumeration stops the query with a message that names it. NULL gives NULL.
-#}
{% macro case_by_value(enumeration, column, branches) -%}
    {%- set allowed = credit_indices.allowed_values(enumeration) -%}
    {%- set missing = allowed | reject('in', branches) | list -%}
    {%- set unknown = branches | reject('in', allowed) | list -%}
    {%- if missing or unknown -%}
        {{ exceptions.raise_compiler_error(
            "case_by_value: the branches of " ~ enumeration ~ " do not match macros/input/allowed_values.sql"
            ~ (("; no branch for " ~ missing | join(', ')) if missing else '')
            ~ (("; not in the list: " ~ unknown | join(', ')) if unknown else '') ~ "."
        ) }}
    {%- endif -%}
    case
        when {{ column }} is null then null
        {%- for value in allowed %}
        when {{ column }} = '{{ value }}' then {{ branches[value] }}
        {%- endfor %}
        else {{ credit_indices.raise_value(
            "concat_ws('', '" ~ enumeration ~ " is ''', " ~ column ~ ", '''; expected one of "
            ~ allowed | join(', ') ~ "')"
        ) }}
    end
{%- endmacro %}
