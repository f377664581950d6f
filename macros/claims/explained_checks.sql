{#- The rows of `checks` with the explanations of `filled`, {recomputed}, {lower} and {upper} put in. -#}
{% macro explained_checks() -%}
select
    checks.claim_code,
    checks.published,
    checks.recomputed,
    checks.{{ adapter.quote('lower') }},
    checks.{{ adapter.quote('upper') }},
    checks.holds,
    replace(
        replace(
            replace(
                filled.explanation, '{recomputed}', coalesce(checks.recomputed_text, '?')
            ), '{lower}', coalesce(checks.lower_text, '?')
        ), '{upper}', coalesce(checks.upper_text, '?')
    ) as explanation

from checks
inner join filled
    on checks.claim_code = filled.claim_code
{%- endmacro %}
