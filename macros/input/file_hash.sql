{#- SHA-256 of a file, as an SQL expression. -#}
{% macro file_hash(path) -%}
    {{ adapter.dispatch('file_hash', 'credit_indices')(path) }}
{%- endmacro %}

{% macro duckdb__file_hash(path) -%}
    {#- '[x]' matches a literal x: the path may contain pattern characters of a glob. -#}
    (select sha256(content) from read_blob({{ credit_indices.sql_text(modules.re.sub('([\\[*?{])', '[\\1]', path)) }}))
{%- endmacro %}
