{#-
    Gate of the part coverage: fails the build if one of its tables has a violation, listing all of them.
-#}
with

lines as (

    {{ violation_lines(ref('int_coverage__violations'), 'intermediate.int_coverage__violations') }}

),

listed as (

    select
        {{ dbt.listagg(
            "concat('  - ', line)", "'\n'", 'order by source_file, source_row, line'
        ) }} as listing
    from lines

),

counted as (

    select count(*) as n_violations
    from {{ ref('int_coverage__violations') }}

)

select counted.n_violations

from counted
cross join listed
where
    case
        when counted.n_violations = 0 then true
        else {{ raise_message(
            "concat('The input of the coverage is not valid: ', cast(counted.n_violations as "
            ~ dbt.type_string() ~ "), ' fault(s). No coverage was computed.\n', listed.listing)"
        ) }}
    end
