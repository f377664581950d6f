{#-
    Warned enterprises within two steps in the direction of loss: those whose failure an enterprise would lose by
    (one step), and those by whose failure these would lose (two steps). The neighbours of a hub are not followed.
-#}
{{ config(schema='restricted', access='protected') }}

with

as_of as (

    select * from {{ ref('int_warnings__as_of') }}

),

exposures as (

    select * from {{ ref('int_neighbours__exposures') }}

),

hubs as (

    select
        enterprise_key,
        kind
    from {{ ref('int_neighbours__degrees') }}
    where is_hub

),

warned as (

    select
        enterprise_key,
        level,
        level_rank
    from {{ ref('enterprise_status') }}
    where level_rank > 0

),

first_steps as (

    select
        exposures.*,
        own_hubs.enterprise_key is not null as is_of_hub,
        hubs.enterprise_key is not null as is_to_hub
    from exposures
    left join hubs as own_hubs
        on
            exposures.exposed_key = own_hubs.enterprise_key
            and exposures.kind = own_hubs.kind
    left join hubs
        on
            exposures.counterparty_key = hubs.enterprise_key
            and exposures.kind = hubs.kind

),

to_warned as (

    select
        exposures.*,
        warned.level,
        warned.level_rank
    from exposures
    inner join warned
        on exposures.counterparty_key = warned.enterprise_key

),

paths as (

    select
        exposed_key,
        kind,
        counterparty_key as warned_key,
        level,
        level_rank,
        1 as steps,
        concat(exposed_key, ' > ', counterparty_key) as path,
        kinds as path_kinds,
        exposure,
        links_without_amount
    from to_warned
    union all
    select
        first_steps.exposed_key,
        first_steps.kind,
        to_warned.counterparty_key as warned_key,
        to_warned.level,
        to_warned.level_rank,
        2 as steps,
        concat(
            first_steps.exposed_key, ' > ', to_warned.exposed_key, ' > ',
            to_warned.counterparty_key
        ) as path,
        concat(first_steps.kinds, ' > ', to_warned.kinds) as path_kinds,
        null as exposure,
        0 as links_without_amount
    from first_steps
    inner join to_warned
        on
            first_steps.counterparty_key = to_warned.exposed_key
            and first_steps.kind = to_warned.kind
            and first_steps.exposed_key <> to_warned.counterparty_key
    where
        not first_steps.is_of_hub
        and not first_steps.is_to_hub

),

-- The shortest path to each warned enterprise, of several the first by keys.
shortest as (

    select *
    from (
        select
            *,
            row_number() over (
                partition by exposed_key, kind, warned_key
                order by steps, path
            ) as path_number
        from paths
    ) as numbered
    where path_number = 1

),

of_levels as (

    select
        exposed_key,
        kind,
        warned_key,
        level,
        level_rank,
        level_rank as warned_rank,
        steps,
        path,
        path_kinds,
        exposure,
        links_without_amount
    from shortest
    union all
    select
        exposed_key,
        kind,
        warned_key,
        'any' as level,
        0 as level_rank,
        level_rank as warned_rank,
        steps,
        path,
        path_kinds,
        exposure,
        links_without_amount
    from shortest

),

nearest as (

    select *
    from (
        select
            *,
            row_number() over (
                partition by exposed_key, kind, level
                order by
                    steps asc, warned_rank desc, coalesce(exposure, -1) desc, warned_key asc
            ) as place
        from of_levels
    ) as numbered
    where place = 1

),

counted as (

    select
        exposed_key,
        kind,
        level,
        level_rank,
        sum(case when steps = 1 then 1 else 0 end) as warned_one_step,
        sum(case when steps = 2 then 1 else 0 end) as warned_two_steps,
        sum(exposure) as amount_at_risk,
        sum(links_without_amount) as links_without_amount
    from of_levels
    group by exposed_key, kind, level, level_rank

),

-- Enterprises with a neighbour that was not followed.
cut as (

    select
        exposed_key,
        kind,
        max(case when is_of_hub then 1 else 0 end) as is_hub,
        sum(case when is_to_hub then 1 else 0 end) as hubs
    from first_steps
    where is_of_hub or is_to_hub
    group by exposed_key, kind

),

rows_of_result as (

    select
        exposed_key,
        kind,
        level,
        level_rank
    from counted
    union
    select
        exposed_key,
        kind,
        'any' as level,
        0 as level_rank
    from cut

)

select
    rows_of_result.exposed_key as enterprise_key,
    rows_of_result.kind,
    rows_of_result.level,
    as_of.as_of,
    cast(coalesce(counted.warned_one_step, 0) as {{ dbt.type_bigint() }}) as warned_one_step,
    cast(coalesce(counted.warned_two_steps, 0) as {{ dbt.type_bigint() }}) as warned_two_steps,
    nearest.warned_key as nearest_key,
    nearest.steps as nearest_steps,
    nearest.path,
    nearest.path_kinds,
    {{ significant_digits('counted.amount_at_risk') }} as amount_at_risk,
    cast(coalesce(counted.links_without_amount, 0) as {{ dbt.type_bigint() }})
        as links_without_amount,
    cut.exposed_key is null as is_complete,
    case
        when cut.is_hub = 1
            then
                'more than {{ link_setting("hub_degree") }} neighbours (hub_degree): searched to one step'
        when cut.hubs > 0
            then concat(
                'not followed beyond ', cast(cut.hubs as {{ dbt.type_string() }}),
                ' neighbour(s) with more than {{ link_setting("hub_degree") }} neighbours (hub_degree)'
            )
    end as reason,
    enterprises.data_origin

from rows_of_result
cross join as_of
inner join {{ ref('int_warnings__enterprises') }} as enterprises
    on rows_of_result.exposed_key = enterprises.enterprise_key
left join counted
    on
        rows_of_result.exposed_key = counted.exposed_key
        and rows_of_result.kind = counted.kind
        and rows_of_result.level = counted.level
left join nearest
    on
        rows_of_result.exposed_key = nearest.exposed_key
        and rows_of_result.kind = nearest.kind
        and rows_of_result.level = nearest.level
left join cut
    on
        rows_of_result.exposed_key = cut.exposed_key
        and rows_of_result.kind = cut.kind
order by rows_of_result.exposed_key, rows_of_result.kind, rows_of_result.level_rank
