{#-
    One row if the relation `violations` is empty; else stops the build with a message that lists the violations.
    `subject` and `outcome` are the words of the message, such as 'coverage' and 'No coverage was computed.'.
-#}
{% macro gate_of_part(violations, listed_in, subject, outcome) -%}
    select counted.n_violations
    from (select count(*) as n_violations from {{ violations }}) as counted
    cross join (
        select
            {{ dbt.listagg(
                "concat_ws('', '  - ', line)", "'\n'", 'order by source_file, source_row, line'
            ) }} as listing
        from (
            {{ credit_indices.violation_lines(violations, listed_in) }}
        ) as lines
    ) as listed
    where
        case
            when counted.n_violations = 0 then true
            else {{ credit_indices.raise_message(
                "concat_ws('', 'The input of the " ~ subject ~ " is not valid: ', cast(counted.n_violations as "
                ~ dbt.type_string() ~ "), ' fault(s). " ~ outcome ~ "\n', listed.listing)"
            ) }}
        end
{%- endmacro %}
