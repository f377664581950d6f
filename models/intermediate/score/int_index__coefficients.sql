{#-
    Factor of a scaled value: its global weight over the denominator of the shares under weighted_share, its
    weight in the mean under weighted_mean.
-#}
{%- set schemes = allowed_values('index_scores.scheme') %}

with

weights as (

    select * from {{ ref('int_index__weights') }}
    where member_key is not null

),

entropy as (

    select * from {{ ref('int_index__entropy') }}

),

bounds as (

    select * from {{ ref('int_index__bounds') }}

),

pivoted as (

    select
        member_key,
        frame_id,
        {%- for scheme in schemes %}
        max(case when scheme = '{{ scheme }}' then weight end)
            as {{ scheme }}_weight,
        max(case when scheme = '{{ scheme }}' then global_weight end)
            as {{ scheme }}_global_weight{{ ',' if not loop.last }}
        {%- endfor %}
    from weights
    group by member_key, frame_id

)

select
    bounds.member_key,
    bounds.node_key,
    bounds.frame_id,
    bounds.score_base,
    bounds.score_span,
    {%- for scheme in schemes %}
    {{ case_by_value('indices.aggregation', 'bounds.aggregation', {
        'weighted_share': 'pivoted.' ~ scheme ~ '_global_weight / nullif(entropy.score_sum, 0)',
        'weighted_mean': 'pivoted.' ~ scheme ~ '_weight',
    }) }} as {{ scheme }}_coefficient{{ ',' if not loop.last }}
    {%- endfor %}

from bounds
inner join entropy
    on
        bounds.member_key = entropy.member_key
        and bounds.frame_id = entropy.frame_id
inner join pivoted
    on
        bounds.member_key = pivoted.member_key
        and bounds.frame_id = pivoted.frame_id
