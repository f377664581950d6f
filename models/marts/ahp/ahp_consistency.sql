with

priorities as (

    select * from {{ ref('ahp_priorities') }}

),

indices as (

    select * from {{ ref('int_catalog__indices') }}

),

gate as (

    select * from {{ ref('int_quality__gate') }}

)

select distinct
    priorities.index_code,
    priorities.parent_code,
    priorities.expert_id,
    priorities.random_index_table,
    priorities.n_items,
    priorities.n_pairs_missing,
    {{ significant_digits('priorities.lambda_max') }} as lambda_max,
    {{ significant_digits('priorities.consistency_index') }} as consistency_index,
    priorities.random_index,
    {{ significant_digits('priorities.consistency_ratio') }} as consistency_ratio,
    priorities.consistency_ratio <= least(indices.consistency_limit, 0.10) as accepted,
    coalesce(
        priorities.consistency_ratio > 0.10
        and priorities.consistency_ratio <= indices.consistency_limit,
        false
    ) as overridden,
    priorities.message as least_consistent

from priorities
inner join indices
    on priorities.index_code = indices.index_code
cross join gate
