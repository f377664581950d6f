{#- The score of a relation that has one column per scheme, for the scheme of the row. -#}
{% macro scheme_score(relation, scheme) -%}
    {{ credit_indices.by_word('index_scores.scheme', scheme, {
        'headline': relation ~ '.headline_score',
        'equal': relation ~ '.equal_score',
        'entropy': relation ~ '.entropy_score',
    }) }}
{%- endmacro %}
