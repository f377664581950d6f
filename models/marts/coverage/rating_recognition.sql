{#-
    A pair of regions is suppressed if it has a small cell. Its pairs of agencies are published all or none: all of them
    need enough enterprises. An agency is named only if its pairs are published (docs/decisions/0032).
-#}
{%- set k = var('smallest_cell') %}

with

agreement as (

    select
        *,
        n_enterprises < {{ k }}
        or n_exact between 1 and {{ k }} - 1
        or n_within_a_notch - n_exact between 1 and {{ k }} - 1
        or n_enterprises - n_within_a_notch between 1 and {{ k }} - 1 as has_small_cell
    from {{ ref('rating_agreement') }}

),

assessed as (

    select
        *,
        max(case when agency_1 <> 'all' and has_small_cell then 1 else 0 end) over (
            partition by scale, region_1, region_2
        ) = 1 as has_small_agencies,
        max(case when agency_1 = 'all' and has_small_cell then 1 else 0 end) over (
            partition by scale, region_1, region_2
        ) = 1 as has_small_regions
    from agreement

)

select
    as_of.as_of,
    assessed.scale,
    assessed.region_1,
    firsts.name_en as region_1_name,
    assessed.region_2,
    seconds.name_en as region_2_name,
    assessed.agency_1,
    assessed.agency_2,
    {%- for column in ['n_enterprises', 'n_exact', 'n_within_a_notch'] %}
    case when not assessed.has_small_regions then assessed.{{ column }} end as {{ column }},
    {%- endfor %}
    {%- for column in [
        'share_exact', 'share_within_a_notch', 'kappa_linear', 'kappa_linear_low', 'kappa_linear_high',
        'kappa_quadratic', 'kappa_quadratic_low', 'kappa_quadratic_high',
    ] %}
    case
        when not assessed.has_small_regions
            then {{ significant_digits('assessed.' ~ column) }}
    end as {{ column }},
    {%- endfor %}
    case when not assessed.has_small_regions then assessed.message end as message,
    assessed.has_small_regions as is_suppressed,
    assessed.data_origin

from assessed
cross join {{ ref('int_warnings__as_of') }} as as_of
inner join {{ ref('int_catalog__units') }} as firsts
    on assessed.region_1 = firsts.unit_id
inner join {{ ref('int_catalog__units') }} as seconds
    on assessed.region_2 = seconds.unit_id
where
    assessed.agency_1 = 'all'
    or not (assessed.has_small_agencies or assessed.has_small_regions)
