{#-
    A case expression with one branch for every value of an enumeration. A missing or superfluous branch stops
    the compilation. A value outside the enumeration stops the query with a message that names it. NULL gives NULL.
-#}
{% macro by_word(enumeration, column, branches) -%}
    {%- set words = credit_indices.allowed_values(enumeration) -%}
    {%- set missing = words | reject('in', branches) | list -%}
    {%- set unknown = branches | reject('in', words) | list -%}
    {%- if missing or unknown -%}
        {{ exceptions.raise_compiler_error(
            "by_word: the branches of " ~ enumeration ~ " do not match macros/input/allowed_values.sql"
            ~ (("; no branch for " ~ missing | join(', ')) if missing else '')
            ~ (("; not in the list: " ~ unknown | join(', ')) if unknown else '') ~ "."
        ) }}
    {%- endif -%}
    case
        when {{ column }} is null then null
        {%- for word in words %}
        when {{ column }} = '{{ word }}' then {{ branches[word] }}
        {%- endfor %}
        else {{ credit_indices.raise_value(
            "concat('" ~ enumeration ~ " is ''', " ~ column ~ ", '''; expected one of "
            ~ words | join(', ') ~ "')"
        ) }}
    end
{%- endmacro %}
