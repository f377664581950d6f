{%- set type_string = dbt.type_string() %}

with

of_tables as (

    {{ violations_of_tables(part='coverage') }}

),

notches as (

    {{ violations_of(
        'notch_is_an_integer', 'rating_grades', 'notch', "'is not an integer'",
        to_integer('rows.notch') ~ ' is null'
    ) }}
    union all
    select
        {{ rule_and_place('notch_is_unique', ['rating_grades'], records='numbered') }},
        'notch' as column_name,
        numbered.notch as value,
        concat_ws(
            '',
            'is already in row ', cast(numbered.first_row as {{ type_string }}),
            ' of the same scale; give every grade of a scale a notch of its own'
        ) as reason
    from (
        select
            *,
            min(source_row) over (partition by scale, notch) as first_row
        from {{ ref('stg_input__rating_grades') }}
    ) as numbered
    where
        numbered.source_row > numbered.first_row
        and numbered.notch is not null

),

unioned as (

    select * from of_tables
    union all
    select * from notches

),

answerable as (

    select unioned.*
    from unioned
    where not exists (
        select 1 from {{ ref('stg_input__faults') }} as faults
        where
            faults.severity = 'error'
            and concat_ws('', ' ', unioned.needs, ' ') like concat_ws(
                '', '% ', faults.table_name, ' %'
            )
    )

)

select
    rule,
    source_file,
    source_row,
    column_name,
    value,
    reason,
    {{ violation_message() }} as message

from answerable
