{#- No expectation of severity critical fails. The message lists each failed one with its cases, one per line, and the correction to make. -#}
{% test no_critical_failure(model) %}
{%- set new_line = "'\n'" %}
{%- set on_its_own_line = "'\n      - '" %}

with

failures as (

    select
        suite,
        expectation,
        concat(
            '  - ', failure, ' (', suite, ', ', coalesce(column_name, 'all'), ': expected ', expected, ', observed ', coalesce(observed, 'nothing'), ')',
            case
                when examples is not null
                    then concat({{ on_its_own_line }}, replace(examples, {{ new_line }}, {{ on_its_own_line }}))
                else ''
            end,
            case when why is not null then concat({{ new_line }}, '    ', why) else '' end
        ) as line
    from {{ model }}
    where
        not success
        and severity = 'critical'

),

listed as (

    select
        count(*) as n_failures,
        {{ dbt.listagg('line', "'\n'", 'order by suite, expectation') }} as listing
    from failures

)

select n_failures
from listed
where
    case
        when n_failures = 0 then false
        else {{ raise_message(
            "concat('The data quality is not sufficient: ', cast(n_failures as " ~ dbt.type_string()
            ~ "), ' critical expectation(s) failed. Nothing is published.\n', listing)"
        ) }}
    end

{% endtest %}
