{#-
    Provinces, size classes and their combinations whose counts may be published (docs/decisions/0032). Each is published
    for all months or for none. If exactly one of a kind would be suppressed, the smallest of the others is suppressed
    too. A province that the early warning suppresses is suppressed here too.
-#}
{{ config(schema='restricted') }}

{%- set k = var('smallest_cell') %}
{%- set parts = [
    'n_register', 'n_bank - n_both', 'n_only_alternative', 'n_both',
    'n_register - n_no_consent - n_either', 'n_no_consent',
] %}

with

places as (

    select
        province_code,
        size_class,
        max(n_register) as enterprises,
        max(
            case
                {%- for part in parts %}
                when {{ part }} between 1 and {{ k }} - 1 then 1
                {%- endfor %}
                -- All of them are covered.
                when n_either > 0 and n_either = n_register then 1
                else 0
            end
        ) = 1 as has_small_cell
    from {{ ref('int_coverage__cells') }}
    group by province_code, size_class

),

totals as (

    select has_small_cell
    from places
    where
        province_code = 'all'
        and size_class = 'all'

),

provinces as (

    select
        places.province_code,
        places.enterprises,
        totals.has_small_cell
        or places.has_small_cell
        or not coalesce(regions.is_published, true) as is_suppressed,
        coalesce(regions.is_listed, true) as may_be_named
    from places
    cross join totals
    left join {{ ref('int_warnings__regions') }} as regions
        on places.province_code = regions.province_code
    where
        places.province_code <> 'all'
        and places.size_class = 'all'

),

size_classes as (

    select
        places.size_class,
        places.enterprises,
        totals.has_small_cell or places.has_small_cell as is_suppressed,
        true as may_be_named
    from places
    cross join totals
    where
        places.province_code = 'all'
        and places.size_class <> 'all'

),

{%- for table, column in [('provinces', 'province_code'), ('size_classes', 'size_class')] %}

counted_{{ table }} as (

    select
        *,
        sum(case when is_suppressed then 1 else 0 end) over () as n_suppressed,
        row_number() over (order by is_suppressed, enterprises, {{ column }}) as place,
        count(*) over () as n_places
    from {{ table }}

),

published_{{ table }} as (

    select
        {{ column }},
        enterprises,
        not is_suppressed and not (n_suppressed = 1 and place = 1) as is_published,
        -- A single one that is suppressed is not named: the values over all are about it.
        may_be_named and (n_places > 1 or not is_suppressed) as is_listed
    from counted_{{ table }}

),
{%- endfor %}

-- Provinces whose size classes are published.
small_details as (

    select distinct province_code
    from places
    where
        has_small_cell
        and province_code <> 'all'
        and size_class <> 'all'

),

details as (

    select
        provinces.province_code,
        provinces.enterprises,
        not provinces.is_published or small_details.province_code is not null as is_suppressed
    from published_provinces as provinces
    left join small_details
        on provinces.province_code = small_details.province_code

),

counted_details as (

    select
        *,
        sum(case when is_suppressed then 1 else 0 end) over () as n_suppressed,
        row_number() over (order by is_suppressed, enterprises, province_code) as place
    from details

),

published_details as (

    select
        province_code,
        not is_suppressed and not (n_suppressed = 1 and place = 1) as is_published
    from counted_details

)

select
    places.province_code,
    places.size_class,
    places.enterprises,
    places.has_small_cell,
    case
        when places.province_code = 'all' and places.size_class = 'all'
            then not totals.has_small_cell
        when places.size_class = 'all' then provinces.is_published
        when places.province_code = 'all' then size_classes.is_published
        else details.is_published and size_classes.is_published
    end as is_published,
    coalesce(provinces.is_listed, true) and coalesce(size_classes.is_listed, true) as is_listed

from places
cross join totals
left join published_provinces as provinces
    on places.province_code = provinces.province_code
left join published_size_classes as size_classes
    on places.size_class = size_classes.size_class
left join published_details as details
    on places.province_code = details.province_code
