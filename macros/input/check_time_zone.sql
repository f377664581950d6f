{#- Stops a run before anything is built if the variable time_zone is not the name of a time zone. -#}
{% macro check_time_zone() -%}
    {%- if execute and flags.WHICH in ['run', 'build', 'test'] -%}
        {{ adapter.dispatch('check_time_zone', 'credit_indices')(var('time_zone') | string) }}
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__check_time_zone(time_zone) -%}
    {%- set given = credit_indices.sql_text(time_zone) -%}
    {%- set similarity = "jaro_winkler_similarity(lower(name), lower(" ~ given ~ "))" -%}
    {#- Abbreviations are left out: CST is Chicago's time to DuckDB, and China's to others. -#}
    {%- set answer = run_query(
        "select count(*) filter (where name = " ~ given ~ ") as n_zones, "
        ~ "arg_max(name, " ~ similarity ~ ") filter (where " ~ similarity ~ " > 0.85) as similar_name "
        ~ "from pg_timezone_names() where name = 'UTC' or contains(name, '/')"
    ) -%}
    {%- if answer.columns[0].values()[0] == 0 -%}
        {%- set similar = answer.columns[1].values()[0] -%}
        {{ exceptions.raise_compiler_error(
            "the dbt variable time_zone is '" ~ time_zone ~ "'; expected UTC or a name of the IANA time zone "
            ~ "database such as Asia/Shanghai"
            ~ ("; did you mean " ~ similar ~ "?" if similar else ".") ~ " Nothing was built."
        ) }}
    {%- endif -%}
{%- endmacro %}
