{#-
    Warned enterprises within two steps in the direction of loss: those whose failure an enterprise would lose by
    (one step), and those by whose failure these would lose (two steps). The neighbours of a hub are not followed.
-#}
{{ config(schema='restricted') }}

with

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

    select * from {{ ref('int_neighbours__warned') }}

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
        concat_ws('', exposed_key, ' > ', counterparty_key) as path,
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
        concat_ws(
            '',
            first_steps.exposed_key, ' > ', to_warned.exposed_key, ' > ',
            to_warned.counterparty_key
        ) as path,
        concat_ws('', first_steps.kinds, ' > ', to_warned.kinds) as path_kinds,
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
    rows_of_result.level_rank,
    cast(coalesce(counted.warned_one_step, 0) as {{ dbt.type_bigint() }}) as warned_one_step,
    cast(coalesce(counted.warned_two_steps, 0) as {{ dbt.type_bigint() }}) as warned_two_steps,
    nearest.warned_key as nearest_key,
    nearest.steps as nearest_steps,
    nearest.path,
    nearest.path_kinds,
    counted.amount_at_risk,
    cast(coalesce(counted.links_without_amount, 0) as {{ dbt.type_bigint() }})
        as links_without_amount,
    coalesce(cut.is_hub, 0) = 1 as is_hub,
    cast(coalesce(cut.hubs, 0) as {{ dbt.type_bigint() }}) as hubs

from rows_of_result
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
