{#-
    What is allowed in the input, but changes the counts. A message names a file and a row, never an
    enterprise.
-#}
{%- set text = dbt.type_string() %}

with

records as (

    select * from {{ ref('int_coverage__records_validated') }}
    where
        coalesce(enterprise_fault, source_fault, kind_fault, first_fault, last_fault) is null

),

ratings as (

    select * from {{ ref('int_coverage__ratings_validated') }}
    where
        coalesce(enterprise_fault, agency_fault, region_fault, grade_fault, rated_fault) is null

),

consented as (

    select distinct
        enterprise_id,
        data_class
    from {{ ref('int_warnings__consents') }}

),

closed as (

    select
        count(*) as n,
        count(distinct records.enterprise_id) as n_enterprises,
        min(records.source_file) as source_file,
        min(records.source_row) as first_row
    from records
    cross join {{ ref('int_warnings__as_of') }} as as_of
    where
        records.closed_on <= as_of.as_of
        and (records.last_day is null or records.last_day > records.closed_on)

),

{%- for table, data_class in [('records', 'coverage'), ('ratings', 'ratings')] %}

unconsented_{{ table }} as (

    select
        count(*) as n,
        count(distinct {{ table }}.enterprise_id) as n_enterprises,
        min({{ table }}.source_file) as source_file,
        min({{ table }}.source_row) as first_row
    from {{ table }}
    left join consented
        on
            {{ table }}.enterprise_id = consented.enterprise_id
            and consented.data_class = '{{ data_class }}'
    where consented.enterprise_id is null

),
{%- endfor %}

undated as (

    select
        count(*) as n_enterprises,
        sum(case when registered_on is null then 1 else 0 end) as n
    from {{ ref('int_coverage__register') }}

),

findings as (

    select
        'closed_enterprise_is_covered' as code,
        n,
        concat_ws(
            '',
            cast(n as {{ text }}), ' record(s) of ', cast(n_enterprises as {{ text }}),
            ' closed enterprise(s) last beyond closed_on (first: ', source_file, ' row ',
            cast(first_row as {{ text }}),
            '). Coverage from that day on does not count. End these records, or correct closed_on.'
        ) as message
    from closed
    {%- for table, data_class in [('records', 'coverage'), ('ratings', 'ratings')] %}
    union all
    select
        '{{ data_class }}_without_consent' as code,
        n,
        concat_ws(
            '',
            cast(n as {{ text }}), ' record(s) of ', cast(n_enterprises as {{ text }}),
            ' enterprise(s) that never consented to the use of {{ data_class }} are not used '
            || '(first: ', source_file, ' row ', cast(first_row as {{ text }}),
            '). If they did, add rows of class {{ data_class }} to enterprise_consents.'
        ) as message
    from unconsented_{{ table }}
    {%- endfor %}
    union all
    select
        'enterprise_without_registered_on' as code,
        n,
        concat_ws(
            '',
            cast(n as {{ text }}), ' of ', cast(n_enterprises as {{ text }}),
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
