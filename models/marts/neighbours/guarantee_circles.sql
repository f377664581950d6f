{#-
    Enterprises that guarantee each other's debts in a circle: strongly connected components of two or more
    enterprises in the guarantees in force.
-#}
{{ config(schema='restricted', access='protected') }}

with

as_of as (

    select * from {{ ref('int_warnings__as_of') }}

),

circles as (

    select * from {{ ref('int_neighbours__circles') }}

),

statuses as (

    select * from {{ ref('enterprise_status') }}

),

inside as (

    select
        exposed.circle_number,
        sum(guarantees.exposure) as guaranteed_amount,
        sum(guarantees.links_without_amount) as links_without_amount
    from {{ ref('int_neighbours__exposures') }} as guarantees
    inner join circles as exposed
        on guarantees.exposed_key = exposed.enterprise_key
    inner join circles as counterparties
        on
            guarantees.counterparty_key = counterparties.enterprise_key
            and exposed.circle_number = counterparties.circle_number
    where guarantees.kind = 'guarantee'
    group by exposed.circle_number

)

select
    circles.circle_number,
    circles.enterprise_key,
    as_of.as_of,
    circles.members,
    {{ significant_digits('inside.guaranteed_amount') }} as guaranteed_amount,
    cast(inside.links_without_amount as {{ dbt.type_bigint() }}) as links_without_amount,
    statuses.level,
    max(statuses.level_rank) over (partition by circles.circle_number) > 0 as has_open_warning,
    statuses.data_origin

from circles
cross join as_of
inner join inside
    on circles.circle_number = inside.circle_number
inner join statuses
    on circles.enterprise_key = statuses.enterprise_key
order by circles.circle_number, circles.enterprise_key
