{#- Also over all provinces and over all quarters ('all'), since single cells are small. -#}
with

repairs as (

    select
        enterprise_key,
        province_code,
        data_origin,
        result,
        is_in_time,
        concat(
            cast(extract(year from decided_at) as {{ dbt.type_string() }}), '-Q',
            cast(extract(quarter from decided_at) as {{ dbt.type_string() }})
        ) as quarter
    from {{ ref('credit_repairs') }}
    where decided_at is not null

),

cells as (

    {%- for province, quarter in [
        ('province_code', 'quarter'), ("'all'", 'quarter'), ('province_code', "'all'"), ("'all'", "'all'")
    ] %}
    select
        {{ province }} as province_code,
        {{ quarter }} as quarter,
        data_origin,
        enterprise_key,
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
        sum(case when is_in_time then 1 else 0 end) as in_time,
        count(distinct enterprise_key) < {{ var('smallest_cell') }} as is_suppressed
    from cells
    group by province_code, quarter, data_origin

)

select
    province_code,
    quarter,
    case when not is_suppressed then decided end as decided,
    case when not is_suppressed then cast(passed as {{ dbt.type_bigint() }}) end as passed,
    case when not is_suppressed then cast(in_time as {{ dbt.type_bigint() }}) end as in_time,
    case
        when not is_suppressed
            then {{ significant_digits('cast(passed as double) / decided') }}
    end as pass_rate,
    is_suppressed,
    data_origin

from counted
