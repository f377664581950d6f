-- A parent whose indicators are all constant has weight 0, and so have its children.
with

siblings as (

    select
        index_code,
        scheme,
        period,
        parent_code,
        sum(weight) as summed_weight,
        max(node_weight) as largest_node_weight,
        sum(global_weight) as summed_global_weight
    from {{ ref('index_weights') }}
    where parent_code is not null
    group by index_code, scheme, period, parent_code

)

select * from siblings
where
    not abs(summed_weight - 1) <= 1e-9
    and not (summed_weight = 0 and summed_global_weight = 0)
