{#-
    At the end of a run that stopped before quality.data_quality_results, writes the results on the
    observations to this table.
-#}
{% macro keep_data_quality_evidence() -%}
    {%- if execute and flags.WHICH in ['run', 'build'] -%}
        {%- set relations = {} -%}
        {%- for result in results -%}
            {%- do relations.update(
                {(result.node.name, result.status | string): result.node.relation_name}
            ) -%}
        {%- endfor -%}
        {%- set validated = relations.get(('raw_data_quality', 'success')) -%}
        {%- set left_out = relations.get(('data_quality_results', 'skipped')) -%}
        {%- if validated and left_out -%}
    create or replace table {{ left_out }} as
    {{ credit_indices.data_quality_rows([validated]) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
