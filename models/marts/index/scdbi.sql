{%- set dimensions = [
    'data_infrastructure', 'digital_technology', 'credit_efficiency', 'user_application',
    'policy_coordination',
] %}

with

scores as (

    select * from {{ ref('index_scores') }}
    where
        index_code = 'scdbi'
        and scheme = 'headline'

),

dimensions as (

    select
        unit_id,
        period,
        {%- for dimension in dimensions %}
        max(case when node_code = '{{ dimension }}' then score end)
            as {{ dimension }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('index_node_scores') }}
    where
        index_code = 'scdbi'
        and scheme = 'headline'
    group by unit_id, period

)

select
    scores.unit_id,
    scores.unit_name,
    scores.unit_name_zh,
    scores.region,
    scores.period,
    scores.score,
    scores.{{ adapter.quote('rank') }},
    scores.rank_overall,
    {%- for dimension in dimensions %}
    dimensions.{{ dimension }},
    {%- endfor %}
    scores.imputed_cells,
    scores.data_origin

from scores
inner join dimensions
    on
        scores.unit_id = dimensions.unit_id
        and scores.period = dimensions.period
