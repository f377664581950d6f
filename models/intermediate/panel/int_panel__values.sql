{#-
    scale x transform(source). A period is its number in steps of its frequency (2024 is 2024, and 2024Q4 to
    2025Q1 is one step). The logarithm of a non-positive value does not exist: is_nonpositive_under_log marks such a
    value, and the regressions that need it report it.
-#}
with

gate as (

    select * from {{ ref('int_quality__gate') }}

),

variables as (

    select * from {{ ref('int_panel__variables') }}

),

observations as (

    select
        unit_key,
        period,
        indicator_key,
        value
    from {{ ref('int_observations__accepted') }}
    union all
    select
        unit_key,
        period,
        indicator_key,
        value
    from {{ ref('int_observations__derived') }}

),

indicator_values as (

    select
        variables.variable_code,
        observations.unit_key,
        observations.period,
        observations.value as source_value
    from variables
    inner join observations
        on variables.indicator_key = observations.indicator_key

),

score_values as (

    select
        variables.variable_code,
        node_scores.unit_key,
        node_scores.period,
        {{ significant_digits('node_scores.headline_score') }} as source_value
    from variables
    inner join {{ ref('int_index__node_scores') }} as node_scores
        on variables.node_key = node_scores.node_key

),

component_values as (

    select
        variables.variable_code,
        scores.unit_key,
        scores.period,
        {{ significant_digits('scores.score') }} as source_value
    from variables
    inner join {{ ref('int_pca__scores') }} as scores
        on
            variables.analysis_code = scores.analysis_code
            and variables.component = scores.component

),

source_values as (

    select * from indicator_values
    union all
    select * from score_values
    union all
    select * from component_values

),

panel_rows as (

    select distinct
        unit_key,
        period
    from source_values

),

panel_periods as (

    select distinct
        1 as panel_key,
        period
    from panel_rows

),

with_periods as (

    select * from source_values
    union all
    select
        variables.variable_code,
        panel_rows.unit_key,
        panel_rows.period,
        cast(steps.step as double) as source_value
    from panel_rows
    inner join variables
        on variables.source_kind = 'period'
    inner join {{ stepped_periods('panel_periods', 'panel_key') }} as steps
        on panel_rows.period = steps.period

)

select
    with_periods.variable_code,
    with_periods.unit_key,
    with_periods.period,
    variables.scale * {{ case_by_value('panel_variables.transform', 'variables.transform', {
        'identity': 'with_periods.source_value',
        'log': 'ln(case when with_periods.source_value > 0 then with_periods.source_value end)',
    }) }} as value,
    coalesce(variables.transform = 'log' and with_periods.source_value <= 0, false)
        as is_nonpositive_under_log

from with_periods
inner join variables
    on with_periods.variable_code = variables.variable_code
cross join gate
where with_periods.source_value is not null
