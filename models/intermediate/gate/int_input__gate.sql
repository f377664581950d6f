{#-
    Gate: fails the build if any input violation exists, listing all of them. Every public mart depends on it,
    except unit_tiles and quarantined_observations.
-#}
{%- set shown = 20 %}

with

quarantined as (

    select
        *,
        row_number() over (order by source_file, source_row) as number_in_list,
        count(*) over () as n_quarantined
    from {{ ref('int_observations__quarantined') }}
    -- If one of these tables cannot be read, skip the quarantined records: they would be noise.
    where not exists (
        select 1 from {{ ref('stg_input__faults') }} as faults
        where
            faults.severity = 'error'
            and faults.table_name in ('observations', 'units', 'indicators')
    )

),

lines as (

    select
        1 as part,
        violations.source_file,
        violations.source_row,
        violations.line
    from (
        {{ violation_lines(ref('int_input__violations'), 'intermediate.int_input__violations') }}
    ) as violations
    union all
    -- A missing cell may have been quarantined, so list quarantined records after the violations.
    select
        2 as part,
        source_file,
        source_row,
        concat_ws(
            '',
            'quarantined: ', source_file, ' row ', cast(source_row as {{ dbt.type_string() }}),
            ': ', reason, ' (it is ''', coalesce(value, ''), ''')'
        ) as line
    from quarantined
    where number_in_list <= {{ shown }}
    union all
    select
        2 as part,
        source_file,
        9223372036854775807 as source_row,
        concat_ws(
            '',
            'quarantined: ', cast(n_quarantined - {{ shown }} as {{ dbt.type_string() }}),
            ' more; all are in quality.quarantined_observations'
        ) as line
    from quarantined
    where number_in_list = {{ shown }} + 1

),

listed as (

    select
        {{ dbt.listagg(
            "concat_ws('', '  - ', line)", "'\n'", 'order by part, source_file, source_row, line'
        ) }} as listing
    from lines

),

counted as (

    select count(*) as n_violations
    from {{ ref('int_input__violations') }}

)

select counted.n_violations

from counted
cross join listed
where
    case
        when counted.n_violations = 0 then true
        else {{ raise_message(
            "concat_ws('', 'The input is not valid: ', cast(counted.n_violations as " ~ dbt.type_string()
            ~ "), ' fault(s). No index was built.\n', listed.listing)"
        ) }}
    end
