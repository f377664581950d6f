{#-
    Groups of enterprises whose survival may be published: as a whole or not at all, as for the provinces
    (int_warnings__regions). A group is suppressed if one of its counts is of few enterprises. A group that would be
    the only one suppressed takes a second one with it, so that it is not the total minus the others.
-#}
{{ config(schema='restricted') }}

with

enterprises as (

    select
        enterprise_key,
        province_code,
        {{ capital_class('registered_capital') }} as capital_class,
        data_origin
    from {{ ref('int_warnings__enterprises') }}

),

groups as (

    select
        'province' as grouping_code,
        enterprises.province_code as group_name,
        not regions.is_published as is_suppressed_elsewhere,
        regions.is_listed as is_listed_elsewhere,
        count(*) as enterprises
    from enterprises
    inner join {{ ref('int_warnings__regions') }} as regions
        on
            enterprises.province_code = regions.province_code
            and enterprises.data_origin = regions.data_origin
    group by enterprises.province_code, regions.is_published, regions.is_listed
    union all
    select
        'capital' as grouping_code,
        capital_class as group_name,
        false as is_suppressed_elsewhere,
        true as is_listed_elsewhere,
        count(*) as enterprises
    from enterprises
    group by capital_class

),

small_cells as (

    select distinct
        grouping_code,
        group_name
    from {{ ref('int_laboratory__survival_counts') }}
    where enterprises between 1 and {{ var('smallest_cell') }} - 1

),

-- Groups in which all enterprises but a few have a warning of a level.
warned as (

    select
        'province' as grouping_code,
        enterprises.province_code as group_name,
        warnings.from_level,
        count(distinct warnings.enterprise_key) as warned
    from {{ ref('int_laboratory__warnings') }} as warnings
    inner join enterprises
        on warnings.enterprise_key = enterprises.enterprise_key
    group by enterprises.province_code, warnings.from_level
    union all
    select
        'capital' as grouping_code,
        enterprises.capital_class as group_name,
        warnings.from_level,
        count(distinct warnings.enterprise_key) as warned
    from {{ ref('int_laboratory__warnings') }} as warnings
    inner join enterprises
        on warnings.enterprise_key = enterprises.enterprise_key
    group by enterprises.capital_class, warnings.from_level

),

most_warned as (

    select
        grouping_code,
        group_name,
        max(warned) as warned
    from warned
    group by grouping_code, group_name

),

assessed as (

    select
        groups.*,
        (
            groups.is_suppressed_elsewhere
            or groups.enterprises < {{ var('smallest_cell') }}
            or small_cells.group_name is not null
            or coalesce(groups.enterprises - most_warned.warned < {{ var('smallest_cell') }}, false)
        ) as has_small_cell
    from groups
    left join small_cells
        on
            groups.grouping_code = small_cells.grouping_code
            and groups.group_name = small_cells.group_name
    left join most_warned
        on
            groups.grouping_code = most_warned.grouping_code
            and groups.group_name = most_warned.group_name

),

counted as (

    select
        *,
        sum(case when has_small_cell then 1 else 0 end) over (partition by grouping_code)
            as n_with_small_cell,
        row_number() over (
            partition by grouping_code
            order by has_small_cell, enterprises, group_name
        ) as place,
        count(*) over (partition by grouping_code) as n_groups
    from assessed

)

select
    grouping_code,
    group_name,
    enterprises,
    has_small_cell,
    not has_small_cell and not (n_with_small_cell = 1 and place = 1) as is_published,
    is_listed_elsewhere and (n_groups > 1 or not has_small_cell) as is_listed

from counted
