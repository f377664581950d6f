{%- set categories = [
    'credit_launch', 'enterprise_risk_management', 'credit_reporting_system',
    'government_credit_monitoring', 'dishonesty', 'credit_education', 'corporate_experience',
] %}

with

scores as (

    select * from {{ ref('index_scores') }}
    where
        index_code = 'cei'
        and scheme = 'headline'

),

categories as (

    select
        unit_id,
        period,
        {%- for category in categories %}
        max(case when node_code = '{{ category }}' then score end)
            as {{ category }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('index_node_scores') }}
    where
        index_code = 'cei'
        and scheme = 'headline'
    group by unit_id, period

),

-- The first two digits of a city's GB/T 2260 code are those of its province.
provinces as (

    select
        unit_id,
        name_en
    from {{ ref('int_catalog__units') }}
    where length(unit_id) = 2

)

select
    scores.unit_id,
    scores.unit_name,
    scores.unit_name_zh,
    provinces.name_en as province_name,
    scores.region,
    scores.period,
    scores.score,
    scores.{{ adapter.quote('rank') }},
    scores.rank_overall,
    {%- for category in categories %}
    categories.{{ category }},
    {%- endfor %}
    scores.imputed_cells,
    scores.data_origin

from scores
inner join categories
    on
        scores.unit_id = categories.unit_id
        and scores.period = categories.period
left join provinces
    on substring(scores.unit_id, 1, 2) = provinces.unit_id
