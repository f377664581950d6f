{#-
    The check character of a unified social credit code (GB 32100-2015, section 5) from its first 17
    characters. With their values c_i in 0..30 and the weights w_i = 3^(i-1) mod 31 its value is
    31 - (sum of c_i w_i) mod 31, where 31 counts as 0. All 17 characters must be in the alphabet.
-#}
{% macro credit_code_check_character(code) -%}
    {%- set alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY' -%}
    {%- set terms = [] -%}
    {%- for place in range(17) -%}
        {%- do terms.append(
            "(position(substring(" ~ code ~ ", " ~ (place + 1) ~ ", 1) in '" ~ alphabet ~ "') - 1) * "
            ~ (3 ** place % 31)
        ) -%}
    {%- endfor -%}
    substring(
        '{{ alphabet }}',
        cast(mod(31 - mod({{ terms | join(' + ') }}, 31), 31) + 1 as {{ dbt.type_int() }}),
        1
    )
{%- endmacro %}
