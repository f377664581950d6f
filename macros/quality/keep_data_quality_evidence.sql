{#-
    At the end of a run: where the build stopped before quality.data_quality_results, what was judged of
    the figures is put there all the same.
-#}
{% macro keep_data_quality_evidence() -%}
    {%- if execute and flags.WHICH in ['run', 'build'] -%}
        {%- set relations = {} -%}
        {%- for result in results -%}
            {%- do relations.update(
                {(result.node.name, result.status | string): result.node.relation_name}
            ) -%}
        {%- endfor -%}
        {%- set judged = relations.get(('raw_data_quality', 'success')) -%}
        {%- set left_out = relations.get(('data_quality_results', 'skipped')) -%}
        {%- if judged and left_out -%}
    create or replace table {{ left_out }} as
    {{ credit_indices.data_quality_rows([judged]) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
