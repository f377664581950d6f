{#-
    state.folder records the source of the data in a warehouse: the absolute path of the user's folder, NULL for the
    shipped data. A run that would rebuild or test only a part of the warehouse with other data is refused: the
    tables would come from different data, and build_info names only one source. `is_mixed` is true from the start
    of a run that replaces all tables with those of other data until its end. This check is the last one, since it
    writes the record.
-#}
{% macro check_data_source() -%}
    {%- if execute and flags.WHICH in ['run', 'build', 'test'] -%}
        {%- set folder = credit_indices.absolute_data_dir() -%}
        {%- set noted = credit_indices.noted_data_source() -%}
        {%- set is_other = noted is not none and noted['folder'] != folder -%}
        {%- set is_retry = 'retry' in invocation_args_dict.get('invocation_command', '').split() -%}
        {%- set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | list -%}
        {%- set n_left_out = models | map(attribute='unique_id') | reject('in', selected_resources) | list | length -%}
        {%- if is_other and n_left_out -%}
            {%- set own = ("--vars '{data_dir: " ~ noted['folder'] ~ "}'") if noted['folder'] else 'without data_dir' -%}
            {{ exceptions.raise_compiler_error(
                'The warehouse was built from ' ~ credit_indices.data_source_name(noted['folder'])
                ~ '; this run uses ' ~ credit_indices.data_source_name(folder)
                ~ ((
                    ' and leaves out ' ~ n_left_out ~ ' of ' ~ models | length
                    ~ ' models, so the tables would come from different data'
                ) if flags.WHICH != 'test' else '')
                ~ '. Nothing was run. Either use the data of the warehouse (' ~ own ~ '), or build everything'
                ~ ' from the other data first (dbt build without --select).'
            ) }}
        {%- elif noted is not none and noted['is_mixed'] and n_left_out and not is_retry -%}
            {{ exceptions.raise_compiler_error(
                'The last run failed while it replaced all tables with those of ' ~ credit_indices.data_source_name(folder)
                ~ ', so some tables still hold other data. Nothing was run. Build everything'
                ~ ' (dbt build without --select), or continue with dbt retry.'
            ) }}
        {%- elif flags.WHICH in ['run', 'build'] and (noted is none or is_other) -%}
            {%- do credit_indices.note_data_source(folder, is_mixed=is_other) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- At the end of a run in which every model succeeded, records that all tables are from one data source. -#}
{% macro settle_data_source() -%}
    {%- if execute and flags.WHICH in ['run', 'build'] -%}
        {%- set noted = credit_indices.noted_data_source() -%}
        {%- set failed = results | map(attribute='status') | map('string')
            | select('in', ['error', 'fail', 'skipped']) | list -%}
        {%- if noted is not none and noted['is_mixed'] and not failed -%}
            {%- do credit_indices.note_data_source(noted['folder'], is_mixed=false) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- The table state.folder, which may not exist yet. -#}
{% macro data_source_relation() -%}
    {%- set schema = credit_indices.generate_schema_name('state', none) -%}
    {{ return(api.Relation.create(database=target.database, schema=schema, identifier='folder')) }}
{%- endmacro %}

{#- The content of state.folder, {folder, is_mixed}. None if the warehouse does not have this table. -#}
{% macro noted_data_source() -%}
    {%- set relation = load_relation(credit_indices.data_source_relation()) -%}
    {%- if relation is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set row = run_query('select path, is_mixed from ' ~ relation).rows[0] -%}
    {{ return({'folder': row[0], 'is_mixed': row[1]}) }}
{%- endmacro %}

{% macro note_data_source(folder, is_mixed) -%}
    {%- set relation = credit_indices.data_source_relation() -%}
    {%- do adapter.create_schema(relation) -%}
    {%- do run_query(
        'create or replace table ' ~ relation ~ ' as select ' ~ credit_indices.sql_text(folder) ~ ' as path, '
        ~ ('true' if is_mixed else 'false') ~ ' as is_mixed'
    ) -%}
{%- endmacro %}

{% macro data_source_name(folder) -%}
    {{- return(('the data in ' ~ folder) if folder else 'the shipped data') -}}
{%- endmacro %}

{#- Absolute path of the user's folder, none for the shipped data. -#}
{% macro absolute_data_dir() -%}
    {%- if not credit_indices.data_dir() -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set answer = run_query('select absolute_path(' ~ credit_indices.sql_text(credit_indices.data_dir()) ~ ')') -%}
    {{ return(answer.columns[0].values()[0]) }}
{%- endmacro %}
