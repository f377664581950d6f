{#-
    A pair that an expert compared in both orders (3 and 0.33) counts once, by the record that is at least 1,
    since its reciprocal is the rounded number. Contradictions are reported as violations.
-#}
with

judgements as (

    select
        index_code,
        parent_code,
        expert_id,
        item_a,
        item_b,
        {{ to_number('judgement') }} as judgement,
        source_row
    from {{ ref('stg_input__ahp_judgements') }}
    where
        expert_id is not null
        and expert_id <> 'group'

),

items as (

    select distinct
        index_code,
        parent_code,
        item_code
    from {{ ref('int_ahp__items') }}

),

known as (

    select judgements.*
    from judgements
    inner join items as items_a
        on
            judgements.index_code = items_a.index_code
            and judgements.parent_code = items_a.parent_code
            and judgements.item_a = items_a.item_code
    inner join items as items_b
        on
            judgements.index_code = items_b.index_code
            and judgements.parent_code = items_b.parent_code
            and judgements.item_b = items_b.item_code
    where
        judgements.judgement between 1e-6 and 1e6
        and judgements.item_a <> judgements.item_b

),

numbered as (

    select
        *,
        row_number() over (
            partition by
                index_code,
                parent_code,
                expert_id,
                least(item_a, item_b),
                greatest(item_a, item_b)
            order by case when judgement >= 1 then 0 else 1 end, source_row
        ) as record_of_pair
    from known

)

select
    index_code,
    parent_code,
    expert_id,
    item_a,
    item_b,
    judgement

from numbered
where record_of_pair = 1
