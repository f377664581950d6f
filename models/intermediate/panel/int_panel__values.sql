{#-
    scale x transform(source). A period is its number in steps of its frequency (2024 is 2024, and 2024Q4 to
    2025Q1 is one step). The logarithm of a non-positive value does not exist: is_beyond_the_log marks such a
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

indicator_figures as (

    select
        variables.variable_code,
        observations.unit_key,
        observations.period,
        observations.value as figure
    from variables
    inner join observations
        on variables.indicator_key = observations.indicator_key

),

score_figures as (

    select
        variables.variable_code,
        node_scores.unit_key,
        node_scores.period,
        {{ significant_digits('node_scores.headline_score') }} as figure
    from variables
    inner join {{ ref('int_index__node_scores') }} as node_scores
        on variables.node_key = node_scores.node_key

),

component_figures as (

    select
        variables.variable_code,
        scores.unit_key,
        scores.period,
        {{ significant_digits('scores.score') }} as figure
    from variables
    inner join {{ ref('int_pca__scores') }} as scores
        on
            variables.analysis_code = scores.analysis_code
            and variables.component = scores.component

),

figures as (

    select * from indicator_figures
    union all
    select * from score_figures
    union all
    select * from component_figures

),

rows_of_the_panel as (

    select distinct
        unit_key,
        period
    from figures

),

periods_of_the_panel as (

    select distinct
        1 as panel_key,
        period
    from rows_of_the_panel

),

with_periods as (

    select * from figures
    union all
    select
        variables.variable_code,
        rows_of_the_panel.unit_key,
        rows_of_the_panel.period,
        cast(steps.step as double) as figure
    from rows_of_the_panel
    inner join variables
        on variables.source_kind = 'period'
    inner join {{ stepped_periods('periods_of_the_panel', 'panel_key') }} as steps
        on rows_of_the_panel.period = steps.period

)

select
    with_periods.variable_code,
    with_periods.unit_key,
    with_periods.period,
    variables.scale * {{ by_word('panel_variables.transform', 'variables.transform', {
        'identity': 'with_periods.figure',
        'log': 'ln(case when with_periods.figure > 0 then with_periods.figure end)',
    }) }} as value,
    coalesce(variables.transform = 'log' and with_periods.figure <= 0, false) as is_beyond_the_log

from with_periods
inner join variables
    on with_periods.variable_code = variables.variable_code
cross join gate
where with_periods.figure is not null
