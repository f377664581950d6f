{#-
    The CTE `stated`: one row, with a column stated_<code> for each of the paper's claims in `codes`,
    the number that `claims` has from running text. A comma follows it.
-#}
{% macro stated_numbers(paper, codes) -%}
stated as (

    select
        {%- for code in codes %}
        max(case when claim_code = '{{ paper }}_{{ code }}' then stated end) as stated_{{ code }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from claims

),
{%- endmacro %}
