{#-
    At the end of a run: where the build stopped before quality.data_quality_results, what was judged of
    the figures is put there all the same.
-#}
{% macro keep_data_quality_evidence() -%}
    {%- if execute and flags.WHICH in ['run', 'build'] -%}
        {%- set statuses = {} -%}
        {%- for result in results -%}
            {%- do statuses.update({result.node.name: result.status | string}) -%}
        {%- endfor -%}
        {%- if
            statuses.get('raw_data_quality') == 'success'
            and statuses.get('data_quality_results') == 'skipped'
        -%}
    create or replace table {{ ref('data_quality_results') }} as
    {{ data_quality_rows([ref('raw_data_quality')]) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
