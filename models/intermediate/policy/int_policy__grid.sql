{#-
    What-if for every unit: the coefficient of an index times a change of the unit's last score. Left out are
    regressions on the difference of two samples, whose coefficients are not effects, and an index that is also
    in another term of its regression, since it cannot change alone (as in int_policy__estimates).
-#}
with

specs as (

    select
        *,
        trim(substr(formula, 1, position('~' in formula) - 1)) as outcome,
        concat_ws('', '+', replace(replace(sample_region, ' +', '+'), '+ ', '+'), '+') as regions
    from {{ ref('int_panel__specs') }}
    where position(' vs ' in sample_region) = 0

),

fits as (

    select * from {{ ref('panel_results') }}
    where
        record = 'fit'
        and status in ('ok', 'weak_instrument')

),

terms as (

    select
        *,
        concat_ws('', ':', replace(term, '`', ''), ':') as factors
    from {{ ref('int_policy__coefficients') }}

),

variables as (

    select
        *,
        concat_ws('', ':', replace(variable_code, '`', ''), ':') as factor
    from {{ ref('int_panel__variables') }}

),

long_panel as (

    select * from {{ ref('int_panel__long') }}

),

units as (

    select * from {{ ref('int_catalog__units') }}

),

changes as (

    {% for percent in var('policy_grid_percent') %}
    select cast({{ percent }} as double) as change_percent
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

indices as (

    select
        terms.spec_code,
        variables.variable_code as term,
        variables.label_en as term_label,
        variables.transform,
        variables.scale,
        terms.coefficient,
        terms.ci_low,
        terms.ci_high,
        terms.interval_type
    from terms
    inner join variables
        on terms.factors = variables.factor
    where
        variables.source_kind = 'index_score'
        and terms.coefficient is not null
        and not exists (
            select 1
            from terms as other_terms
            inner join variables as of_same_source
                on position(of_same_source.factor in other_terms.factors) > 0
            where
                other_terms.spec_code = terms.spec_code
                and other_terms.factors <> terms.factors
                and of_same_source.source_kind = variables.source_kind
                and of_same_source.source_code = variables.source_code
        )

),

last_periods as (

    select
        variable_code,
        unit_id,
        max(period) as period
    from long_panel
    where value is not null
    group by variable_code, unit_id

),

starts as (

    select
        long_panel.variable_code,
        long_panel.unit_id,
        long_panel.period,
        long_panel.value
    from long_panel
    inner join last_periods
        on
            long_panel.variable_code = last_periods.variable_code
            and long_panel.unit_id = last_periods.unit_id
            and long_panel.period = last_periods.period

),

moved as (

    select
        indices.*,
        starts.unit_id,
        starts.period,
        changes.change_percent,
        {{ case_by_value('panel_variables.transform', 'indices.transform', {
            'identity': 'starts.value / nullif(indices.scale, 0)',
            'log': 'exp(starts.value / nullif(indices.scale, 0))',
        }) }} as from_value,
        {{ case_by_value('panel_variables.transform', 'indices.transform', {
            'identity': 'starts.value * changes.change_percent / 100',
            'log': 'indices.scale * ln(1 + changes.change_percent / 100)',
        }) }} as delta
    from indices
    inner join starts
        on indices.term = starts.variable_code
    cross join changes

)

select
    moved.spec_code,
    specs.spec_number,
    specs.title,
    fits.status,
    outcomes.label_en as outcome,
    moved.term,
    moved.term_label,
    moved.unit_id,
    units.name_en as unit_name,
    units.region,
    specs.sample_region = ''
    or position(concat_ws('', '+', units.region, '+') in specs.regions) > 0 as is_in_sample,
    moved.period,
    moved.change_percent,
    moved.from_value,
    moved.from_value * (1 + moved.change_percent / 100) as to_value,
    moved.coefficient,
    moved.coefficient * moved.delta as simulated_change,
    least(moved.ci_low * moved.delta, moved.ci_high * moved.delta) as {{ adapter.quote('lower') }},
    greatest(moved.ci_low * moved.delta, moved.ci_high * moved.delta)
        as {{ adapter.quote('upper') }},
    moved.interval_type

from moved
inner join specs
    on moved.spec_code = specs.spec_code
inner join fits
    on moved.spec_code = fits.spec_code
inner join variables as outcomes
    on outcomes.factor = concat_ws('', ':', replace(specs.outcome, '`', ''), ':')
left join units
    on moved.unit_id = units.unit_id
