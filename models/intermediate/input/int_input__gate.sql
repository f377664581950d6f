{#- Stops the build with every violation in one message; everything that is published descends from here. -#}
{%- set shown_per_rule = 20 %}

with

violations as (

    select
        *,
        row_number() over (
            partition by rule, source_file
            order by source_row, message
        ) as number_in_rule,
        count(*) over (partition by rule, source_file) as n_in_rule
    from {{ ref('int_input__violations') }}

),

lines as (

    select
        source_file,
        source_row,
        concat('  - ', message) as line
    from violations
    where number_in_rule <= {{ shown_per_rule }}
    union all
    select
        source_file,
        9223372036854775807 as source_row,
        concat(
            '  - ', source_file, ': ',
            cast(n_in_rule - {{ shown_per_rule }} as {{ dbt.type_string() }}),
            ' more like these (', rule, '); all are in intermediate.int_input__violations'
        ) as line
    from violations
    where number_in_rule = {{ shown_per_rule }} + 1

),

counted as (

    select count(*) as n_violations
    from violations

),

listed as (

    select
        {{ dbt.listagg('line', "'\n'", 'order by source_file, source_row, line') }} as listing
    from lines

)

select counted.n_violations

from counted
cross join listed
where
    case
        when counted.n_violations > 0
            then {{ raise_message(
                "concat('The input breaks ', cast(counted.n_violations as varchar), "
                ~ "' rule(s); no index was built.\n', listed.listing)"
            ) }}
        else true
    end
