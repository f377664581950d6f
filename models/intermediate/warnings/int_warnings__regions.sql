{#-
    Provinces whose values may be published. A province is published as a whole or not at all, over all months,
    quarters, levels and marts. It is suppressed if it has a small cell. A province that would be the only one
    suppressed takes a second one with it. Enterprises can then be exchanged between two suppressed provinces
    without a change in any published value (marts of single enterprises name no province), so no suppressed
    value can be derived (docs/decisions/0020).
-#}
{{ config(schema='restricted') }}

with

enterprises as (

    select * from {{ ref('int_warnings__enterprises') }}
    where province_code is not null

),

provinces as (

    select
        province_code,
        data_origin,
        count(*) as enterprises
    from enterprises
    group by province_code, data_origin

),

-- Small cells (re-identification risk): few enterprises with a warning, or few or none without
-- one.
small_months as (

    select distinct
        province_code,
        data_origin
    from {{ ref('int_warnings__regional_counts') }}
    where
        warned > 0
        and (
            warned < {{ var('smallest_cell') }}
            or enterprises - warned < {{ var('smallest_cell') }}
        )

),

decisions as (

    select
        enterprises.province_code,
        enterprises.data_origin,
        repairs.enterprise_key,
        coalesce(repairs.result = 'passed', false) as has_passed,
        coalesce(repairs.is_in_time, false) as is_in_time,
        {{ quarter_of('repairs.decided_at') }} as quarter
    from {{ ref('int_warnings__repairs') }} as repairs
    inner join enterprises
        on repairs.enterprise_key = enterprises.enterprise_key
    where repairs.decided_at is not null

),

-- Few enterprises with a decision, or few (but not none) that passed, did not pass, were in time
-- or were late.
small_quarters as (

    select
        province_code,
        data_origin
    from decisions
    group by province_code, data_origin, quarter
    having
        count(distinct enterprise_key) < {{ var('smallest_cell') }}
        {%- for part in ['has_passed', 'not has_passed', 'is_in_time', 'not is_in_time'] %}
        or count(distinct case when {{ part }} then enterprise_key end)
        between 1 and {{ var('smallest_cell') }} - 1
        {%- endfor %}

),

assessed as (

    select
        province_code,
        data_origin,
        enterprises,
        (
            enterprises < {{ var('smallest_cell') }}
            or province_code in (select small_months.province_code from small_months)
            or province_code in (select small_quarters.province_code from small_quarters)
        ) as has_small_cell
    from provinces

),

-- If only one province would be suppressed, suppress the smallest of the others too.
counted as (

    select
        *,
        sum(case when has_small_cell then 1 else 0 end) over () as n_with_small_cell,
        row_number() over (order by has_small_cell, enterprises, province_code) as place,
        count(*) over () as n_provinces
    from assessed

)

select
    province_code,
    data_origin,
    enterprises,
    has_small_cell,
    not has_small_cell and not (n_with_small_cell = 1 and place = 1) as is_published,
    -- If there is only one province, every mart of single enterprises is about it.
    n_provinces > 1 or not has_small_cell as is_listed

from counted
