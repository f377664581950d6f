{#- Score under the scheme of the row, from a relation with one score column per scheme. -#}
{% macro scheme_score(relation, scheme) -%}
    {{ credit_indices.case_by_value('index_scores.scheme', scheme, {
        'headline': relation ~ '.headline_score',
        'equal': relation ~ '.equal_score',
        'entropy': relation ~ '.entropy_score',
    }) }}
{%- endmacro %}
