{#- Records of an input table whose key is empty or repeats an earlier record. -#}
{% macro violations_of_key(table, keys) -%}
    {%- for key in keys %}
    {{ credit_indices.violations_of('key_is_given', table, key, "'is empty'", 'rows.' ~ key ~ ' is null') }}
    union all
    {%- endfor %}
    select
        {{ credit_indices.rule_and_place('key_is_unique', [table], records='keyed') }},
        {{ credit_indices.sql_text(keys[-1]) }} as column_name,
        {{ keys[-1] }} as value,
        concat_ws(
            '',
            'is already in row ', cast(first_row as {{ dbt.type_string() }}),
            '{{ '' if keys | length == 1 else ' with the same ' ~ keys[:-1] | join(' and ') }}; '
            || 'keep the correct record'
        ) as reason
    from (
        select
            *,
            min(source_row) over (partition by {{ keys | join(', ') }}) as first_row
        from {{ ref('stg_input__' ~ table) }}
    ) as keyed
    where
        source_row > first_row
        {%- for key in keys %}
        and {{ key }} is not null
        {%- endfor %}
{%- endmacro %}
