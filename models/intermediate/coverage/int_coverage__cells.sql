{#- Counts at the end of every month, also over all provinces and over all size classes ('all'). -#}
{{ config(schema='restricted') }}

{%- set groups = allowed_values('credit_coverage.group_code') %}

with

changes as (

    select * from {{ ref('int_coverage__changes') }}

),

placed as (

    {%- for province, size in [
        ('province_code', 'size_class'), ("'all'", 'size_class'), ('province_code', "'all'"), ("'all'", "'all'")
    ] %}
    select
        {{ province }} as province_code,
        {{ size }} as size_class,
        month_number,
        n_{{ groups | join(', n_') }}
    from changes
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

summed as (

    select
        province_code,
        size_class,
        month_number,
        {%- for group_code in groups %}
        sum(n_{{ group_code }}) as n_{{ group_code }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from placed
    group by province_code, size_class, month_number

),

-- Every province has every size class, since the choice of rows would reveal information.
provinces as (

    select distinct province_code
    from summed

),

size_classes as (

    select distinct size_class
    from summed

),

places as (

    select
        provinces.province_code,
        size_classes.size_class
    from provinces
    cross join size_classes

)

select
    places.province_code,
    places.size_class,
    months.month_begin,
    {%- for group_code in groups %}
    cast(
        sum(coalesce(summed.n_{{ group_code }}, 0)) over (
            partition by places.province_code, places.size_class
            order by months.month_number
            rows between unbounded preceding and current row
        ) as {{ dbt.type_bigint() }}
    ) as n_{{ group_code }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}

from places
cross join {{ ref('int_coverage__months') }} as months
left join summed
    on
        places.province_code = summed.province_code
        and places.size_class = summed.size_class
        and months.month_number = summed.month_number
