{#-
    What is allowed in the input, but changes the counts. A message names a file and a row, never an
    enterprise.
-#}
with

closed as (

    select
        count(*) as n_records,
        count(distinct validated.enterprise_id) as n_enterprises,
        min(validated.source_row) as first_row
    from {{ ref('int_coverage__records_validated') }} as validated
    cross join {{ ref('int_warnings__as_of') }} as as_of
    where
        coalesce(
            validated.enterprise_fault, validated.source_fault, validated.kind_fault,
            validated.first_fault, validated.last_fault
        ) is null
        and validated.closed_on <= as_of.as_of
        and (validated.last_day is null or validated.last_day > validated.closed_on)

),

files as (

    select max(source_file) as source_file
    from {{ ref('stg_input__coverage_records') }}

),

undated as (

    select
        count(*) as n_enterprises,
        sum(case when registered_on is null then 1 else 0 end) as n_undated
    from {{ ref('int_coverage__register') }}

),

findings as (

    select
        'closed_enterprise_is_covered' as code,
        closed.n_records as n,
        concat(
            cast(closed.n_records as {{ dbt.type_string() }}), ' record(s) of ',
            cast(closed.n_enterprises as {{ dbt.type_string() }}),
            ' closed enterprise(s) last beyond closed_on (first: ', files.source_file, ' row ',
            cast(closed.first_row as {{ dbt.type_string() }}),
            '). Coverage from that day on does not count. End these records, or correct closed_on.'
        ) as message
    from closed
    cross join files
    union all
    select
        'enterprise_without_registered_on' as code,
        undated.n_undated as n,
        concat(
            cast(undated.n_undated as {{ dbt.type_string() }}), ' of ',
            cast(undated.n_enterprises as {{ dbt.type_string() }}),
            ' enterprise(s) have no registered_on. They are in the register from the first month '
            || 'on. Supply the column to count the register as of each month.'
        ) as message
    from undated

)

select
    code,
    cast(n as {{ dbt.type_bigint() }}) as n,
    message

from findings
where n > 0
