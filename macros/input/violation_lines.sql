{#-
    The messages of violations as lines: the first 20 of every rule and file, and the number of the others, which the
    relation `listed_in` holds. Columns: source_file, source_row, line.
-#}
{% macro violation_lines(violations, listed_in) -%}
    {%- set shown = 20 -%}
    select
        source_file,
        case
            when number_in_rule <= {{ shown }} then source_row else 9223372036854775807
        end as source_row,
        case
            when number_in_rule <= {{ shown }} then message
            else concat_ws(
                '',
                source_file, ': ', cast(n_in_rule - {{ shown }} as {{ dbt.type_string() }}),
                ' more like these (', rule, '); all are in {{ listed_in }}'
            )
        end as line
    from (
        select
            *,
            row_number() over (
                partition by rule, source_file
                order by source_row, message
            ) as number_in_rule,
            count(*) over (partition by rule, source_file) as n_in_rule
        from {{ violations }}
    ) as numbered
    where number_in_rule <= {{ shown }} + 1
{%- endmacro %}
