{#-
    Keys, required columns and accepted values of a table. The message names every broken rule with
    its columns, the number of rows that break it and the first of them.
        keys: list of keys, each a column or a list of columns. NULL counts as a value.
        not_null: list of columns.
        accepted_values: list of values by column. NULL passes.
    All rules except keys are checked in one pass; each key needs one group by. To give a message, a broken
    rule stops the query: the configurations severity, warn_if and store_failures have no effect.
    Rows of the schema restricted, which holds identities, are not shown.
-#}
{% test valid_rows(model, keys=[], not_null=[], accepted_values={}) %}
{%- set has_faulty_type = keys is string or not_null is string or accepted_values is not mapping -%}
{%- if has_faulty_type or not (keys or not_null or accepted_values) -%}
    {{ exceptions.raise_compiler_error(
        "The test valid_rows needs one or more of these arguments: "
        ~ "keys: [column, [column, column]], not_null: [column], "
        ~ "accepted_values: {column: [value, value]}."
    ) }}
{%- endif -%}

{%- set is_restricted = model.schema is defined and model.schema.endswith('restricted') -%}
{%- set rules = [] -%}
{%- for column in not_null -%}
    {%- do rules.append({'text': 'not_null: ' ~ column ~ ' is NULL', 'broken': adapter.quote(column) ~ ' is null'}) -%}
{%- endfor -%}
{%- for column, values in accepted_values.items() -%}
    {%- set literals = [] -%}
    {%- for value in values -%}
        {%- do literals.append(sql_text(value)) -%}
    {%- endfor -%}
    {%- do rules.append({
        'text': 'accepted_values: ' ~ column ~ ' is none of ' ~ values | join(', '),
        'broken': adapter.quote(column) ~ ' not in (' ~ literals | join(', ') ~ ')'
    }) -%}
{%- endfor -%}
{%- set unique = [] -%}
{%- for key in keys -%}
    {%- set columns = [key] if key is string else key -%}
    {%- set quoted = [] -%}
    {%- for column in columns -%}
        {%- do quoted.append(adapter.quote(column)) -%}
    {%- endfor -%}
    {%- do unique.append({'text': 'keys: ' ~ columns | join(', ') ~ ' is not unique', 'columns': quoted | join(', ')}) -%}
{%- endfor %}

with

{% if rules -%}
faulty as (

    select *
    from {{ model }}
    where {{ rules | map(attribute='broken') | join('\n        or ') }}

),

{% endif -%}
{% for key in unique -%}
repeated_{{ loop.index }} as (

    select
        {{ key.columns }},
        count(*) as n_rows
    from {{ model }}
    group by {{ key.columns }}
    having count(*) > 1

),

{% endfor -%}
broken as (

    {% for rule in rules -%}
    select
        {{ sql_text(rule.text) }} as rule,
        count(*) as n_rows,
        min({{ row_as_text('faulty') }}) as first_row
    from faulty
    where {{ rule.broken }}
    {{ 'union all' if keys or not loop.last }}
    {% endfor -%}
    {% for key in unique -%}
    select
        {{ sql_text(key.text) }} as rule,
        coalesce(sum(n_rows), 0) as n_rows,
        min({{ row_as_text('repeated_' ~ loop.index) }}) as first_row
    from repeated_{{ loop.index }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

lines as (

    select
        rule,
        concat('  - ', rule, ': ', cast(n_rows as {{ dbt.type_string() }}), ' row(s)'{{ "" if is_restricted else ", '; first: ', first_row" }}) as line
    from broken
    where n_rows > 0

),

listed as (

    select
        count(*) as n_rules,
        {{ dbt.listagg('line', "'\n'", 'order by rule') }} as listing
    from lines

)

select n_rules
from listed
where
    case
        when n_rules = 0 then false
        else {{ raise_message(
            "concat(" ~ sql_text(model.schema ~ '.' ~ model.identifier if model.identifier is defined else model)
            ~ ", ' breaks ', cast(n_rules as " ~ dbt.type_string() ~ "), ' rule(s) of its test valid_rows.\n', listing)"
        ) }}
    end

{% endtest %}
