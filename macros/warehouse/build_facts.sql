{#- Facts about this build. The publishing command sets the id and the commit in the environment. -#}
{% macro build_facts() -%}
    {%- if not execute -%}
        {{ return({}) }}
    {%- endif -%}
    {{ return({
        'build_id': env_var('CREDIT_INDICES_BUILD_ID', '') or 'unpublished',
        'built_at_utc': run_started_at.strftime('%Y-%m-%d %H:%M:%S'),
        'git_commit': env_var('CREDIT_INDICES_GIT_COMMIT', '') or none,
        'data_source': (credit_indices.data_dir() or 'shipped').rstrip('/').split('/') | last,
        'dbt_version': dbt_version,
    }) }}
{%- endmacro %}
