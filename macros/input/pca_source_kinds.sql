{#- What a variable of a principal component analysis may be made of (column source_kind of pca_variables). -#}
{% macro pca_source_kinds() -%}
    {{ return([
        'indicator', 'indicator_rank', 'index_score', 'index_rank', 'node_score', 'node_rank', 'published',
    ]) }}
{%- endmacro %}
