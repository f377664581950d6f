with

repairs as (

    select * from {{ ref('int_warnings__repairs') }}

),

enterprises as (

    select * from {{ ref('int_warnings__enterprises') }}

)

select
    repairs.enterprise_key,
    repairs.rectified_at,
    repairs.applied_at,
    repairs.is_in_time,
    repairs.decided_at,
    repairs.result,
    repairs.has_repaired,
    cast(null as {{ dbt.type_string() }}) as province_code,
    enterprises.data_origin

from repairs
inner join enterprises
    on repairs.enterprise_key = enterprises.enterprise_key
-- Sort, since the order of processing would reveal information on the provinces
-- (docs/decisions/0020).
order by repairs.enterprise_key, repairs.rectified_at
