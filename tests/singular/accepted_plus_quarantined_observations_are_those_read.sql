with

counted as (

    select
        (select count(*) from {{ ref('int_observations__read') }}) as n_read,
        (select count(*) from {{ ref('int_observations__accepted') }}) as n_accepted,
        (select count(*) from {{ ref('quarantined_observations') }}) as n_quarantined

)

select * from counted
where n_read <> n_accepted + n_quarantined
