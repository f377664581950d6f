{#-
    Also over all provinces and over all quarters ('all'). Values of all provinces are sums of rows of
    marts.credit_repairs, so suppressing them would protect nobody. Every province has a row for every quarter,
    since the choice of rows would reveal information.
-#}
with

regions as (

    select * from {{ ref('int_warnings__regions') }}
    where is_listed

),

repairs as (

    select
        repairs.enterprise_key,
        enterprises.province_code,
        enterprises.data_origin,
        repairs.result,
        repairs.is_in_time,
        {{ quarter_of('repairs.decided_at') }} as quarter
    from {{ ref('int_warnings__repairs') }} as repairs
    inner join {{ ref('int_warnings__enterprises') }} as enterprises
        on repairs.enterprise_key = enterprises.enterprise_key
    where repairs.decided_at is not null

),

cells as (

    {%- for province, quarter in [
        ('province_code', 'quarter'), ("'all'", 'quarter'), ('province_code', "'all'"), ("'all'", "'all'")
    ] %}
    select
        {{ province }} as province_code,
        {{ quarter }} as quarter,
        data_origin,
        result,
        is_in_time
    from repairs
    {%- if province == 'province_code' %}
    where province_code is not null
    {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

counted as (

    select
        province_code,
        quarter,
        data_origin,
        count(*) as decided,
        sum(case when result = 'passed' then 1 else 0 end) as passed,
        sum(case when is_in_time then 1 else 0 end) as in_time
    from cells
    group by province_code, quarter, data_origin

),

places as (

    select
        quarters.province_code as place,
        quarters.quarter,
        quarters.data_origin,
        true as is_published
    from counted as quarters
    where quarters.province_code = 'all'
    union all
    select
        regions.province_code as place,
        quarters.quarter,
        quarters.data_origin,
        regions.is_published
    from counted as quarters
    inner join regions
        on quarters.data_origin = regions.data_origin
    where quarters.province_code = 'all'

),

completed as (

    select
        places.place as province_code,
        places.quarter,
        places.data_origin,
        places.is_published,
        coalesce(counted.decided, 0) as decided,
        cast(coalesce(counted.passed, 0) as {{ dbt.type_bigint() }}) as passed,
        cast(coalesce(counted.in_time, 0) as {{ dbt.type_bigint() }}) as in_time
    from places
    left join counted
        on
            places.place = counted.province_code
            and places.quarter = counted.quarter
            and places.data_origin = counted.data_origin

)

select
    province_code,
    quarter,
    case when is_published then decided end as decided,
    case when is_published then passed end as passed,
    case when is_published then in_time end as in_time,
    case
        when is_published
            then {{ significant_digits('cast(passed as double) / nullif(decided, 0)') }}
    end as pass_rate,
    not is_published as is_suppressed,
    data_origin

from completed
