{%- set number_columns = [
    'r2_within', 'r2_overall', 'f_first_stage', 'f_effective', 'f_effective_critical_value',
    'cragg_donald', 'kleibergen_paap', 'hansen_j', 'hansen_j_p_value', 'ar_p_value',
    'smallest_within_share',
] %}

with

fits as (

    select * from {{ ref('panel_results') }}
    where record = 'fit'

),

specs as (

    select
        *,
        concat_ws(
            '', ':', replace(trim(substr(formula, 1, position('~' in formula) - 1)), '`', ''), ':'
        )
            as outcome
    from {{ ref('int_panel__specs') }}

),

terms as (

    select
        spec_code,
        concat_ws('', ':', replace(term, '`', ''), ':') as factors
    from {{ ref('panel_results') }}
    where record = 'estimate'
    union all
    select
        spec_code,
        outcome as factors
    from specs

),

sources as (

    select
        data_origin,
        concat_ws('', ':', replace(variable_code, '`', ''), ':') as factor
    from {{ ref('panel_variable_sources') }}

),

origins as (

    select
        terms.spec_code,
        case
            when max(case when sources.data_origin = 'synthetic' then 1 else 0 end) = 1
                then 'synthetic'
            when max(case when sources.data_origin = 'user' then 1 else 0 end) = 1 then 'user'
            when max(case when sources.data_origin = 'official' then 1 else 0 end) = 1
                then 'official'
        end as data_origin
    from terms
    inner join sources
        on position(sources.factor in terms.factors) > 0
    group by terms.spec_code

)

select
    fits.spec_code,
    specs.spec_number,
    specs.table_code,
    specs.title,
    specs.formula,
    specs.sample_region,
    specs.{{ adapter.quote('cluster') }},
    fits.status,
    fits.message,
    fits.n_obs,
    fits.n_dropped,
    fits.n_units,
    fits.n_periods,
    fits.n_clusters,
    fits.df,
    fits.vcov_type,
    fits.k_counted,
    {%- for column in number_columns %}
    {{ significant_digits('fits.' ~ column) }} as {{ column }},
    {%- endfor %}
    fits.smallest_within_share_term,
    {{ significant_digits_or_infinite('fits.ar_low') }} as ar_low,
    {{ significant_digits_or_infinite('fits.ar_high') }} as ar_high,
    fits.ar_type,
    fits.bootstrap_draws,
    fits.bootstrap_seed,
    fits.bootstrap_weights,
    origins.data_origin

from fits
inner join specs
    on fits.spec_code = specs.spec_code
left join origins
    on fits.spec_code = origins.spec_code
