{#- The first record of every key. Duplicates are reported as violations and must not multiply rows here. -#}
{% macro first_records(relation, keys) -%}
    (
        select *
        from (
            select
                *,
                row_number() over (
                    partition by {{ keys | join(', ') }}
                    order by source_row
                ) as record_of_key
            from {{ relation }}
        ) as numbered
        where
            record_of_key = 1
            {%- for key in keys %}
            and {{ key }} is not null
            {%- endfor %}
    )
{%- endmacro %}
