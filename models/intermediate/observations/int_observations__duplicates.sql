{#-
    Observations are read again only where the sum of the bits of a unit and period differs from their union.
-#}
with

presence as (

    select * from {{ ref('int_observations__presence') }}

),

typed as (

    select * from {{ ref('int_observations__typed') }}

),

repeated as (

    select
        typed.*,
        row_number() over (
            partition by typed.unit_key, typed.period, typed.indicator_key
            order by typed.source_file, typed.source_row
        ) as record_of_key,
        first_value(typed.source_row) over (
            partition by typed.unit_key, typed.period, typed.indicator_key
            order by typed.source_file, typed.source_row
        ) as first_source_row
    from typed
    inner join presence
        on
            typed.unit_key = presence.unit_key
            and typed.period = presence.period
            and typed.presence_block = presence.presence_block
    where
        presence.summed_bits <> presence.present_bits
        and typed.is_accepted

)

select
    source_file,
    source_row,
    first_source_row,
    unit_id,
    period,
    indicator_code,
    cast(value_as_read as {{ dbt.type_string() }}) as value_as_read

from repeated
where record_of_key > 1
