{#-
    Enterprises by their two grades: of two regions, of two agencies in two regions, and of two agencies in one
    region.
-#}
{{ config(schema='restricted') }}

select
    firsts.scale,
    firsts.region as region_1,
    seconds.region as region_2,
    firsts.agency as agency_1,
    seconds.agency as agency_2,
    firsts.notch as notch_1,
    seconds.notch as notch_2,
    count(*) as n_enterprises,
    max(firsts.data_origin) as data_origin

from {{ ref('int_coverage__latest_ratings') }} as firsts
inner join {{ ref('int_coverage__latest_ratings') }} as seconds
    on
        firsts.enterprise_key = seconds.enterprise_key
        and firsts.scale = seconds.scale
        and (
            firsts.region < seconds.region
            or (firsts.region = seconds.region and firsts.agency < seconds.agency)
        )
        and (firsts.agency = 'all') = (seconds.agency = 'all')
group by
    firsts.scale, firsts.region, seconds.region, firsts.agency, seconds.agency, firsts.notch,
    seconds.notch
