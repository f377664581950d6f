{#-
    Provinces whose exposures may be published: those that int_warnings__regions publishes, without the ones
    whose exposures have a small cell. A single suppressed province takes the smallest of the others with it.
    Values of a province that the early warning suppresses stay suppressed, so its proof holds
    (docs/decisions/0020); why the new values cannot be derived either is in docs/methods/neighbours.md.
-#}
{{ config(schema='restricted') }}

{%- set smallest = var('smallest_cell') %}

with

regions as (

    select * from {{ ref('int_warnings__regions') }}

),

small as (

    select distinct
        province_code,
        data_origin
    from {{ ref('int_neighbours__regional_counts') }}
    where
        province_code is not null
        and (
            {%- for count in ['linked', 'exposed', 'exposed_within_two', 'with_amount', 'warned'] %}
            {{ count }} between 1 and {{ smallest }} - 1
            or
            {%- endfor %}
            exposed_within_two - exposed between 1 and {{ smallest }} - 1
            {%- for count in ['exposed', 'exposed_within_two'] %}
            or ({{ count }} > 0 and enterprises - {{ count }} < {{ smallest }})
            {%- endfor %}
        )

),

assessed as (

    select
        regions.province_code,
        regions.data_origin,
        regions.enterprises,
        regions.is_listed,
        not regions.is_published or small.province_code is not null as has_small_cell
    from regions
    left join small
        on
            regions.province_code = small.province_code
            and regions.data_origin = small.data_origin

),

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
    has_small_cell,
    not has_small_cell and not (n_with_small_cell = 1 and place = 1) as is_published,
    is_listed and (n_provinces > 1 or not has_small_cell) as is_listed

from counted
