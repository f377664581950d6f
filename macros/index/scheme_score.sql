{#- The score of a relation that has one column per scheme, for the scheme of the row. -#}
{% macro scheme_score(relation, scheme) -%}
    case {{ scheme }}
        when 'headline' then {{ relation }}.headline_score
        when 'equal' then {{ relation }}.equal_score
        when 'entropy' then {{ relation }}.entropy_score
    end
{%- endmacro %}
