{#-
    The estimated coefficient of a case's term. A term whose source is also in another term of the regression (a
    product, a logarithm) cannot change alone, so its coefficient is not the effect.
-#}
with

cases as (

    select * from {{ ref('int_policy__cases') }}
    where spec_code <> ''

),

specs as (

    select
        *,
        concat_ws('', '+', replace(replace(sample_region, ' +', '+'), '+ ', '+'), '+') as regions
    from {{ ref('int_panel__specs') }}

),

fits as (

    select * from {{ ref('panel_results') }}
    where record = 'fit'

),

-- A name that is not a plain word is in backticks in a formula.
terms as (

    select
        *,
        replace(term, '`', '') as plain_term,
        concat_ws('', ':', replace(term, '`', ''), ':') as factors
    from {{ ref('int_policy__coefficients') }}

),

variables as (

    select
        variable_code,
        replace(variable_code, '`', '') as plain_code,
        source_kind,
        coalesce(source_code, '') as source_code
    from {{ ref('int_panel__variables') }}

),

other_terms as (

    select
        cases.case_code,
        cases.spec_code,
        min(terms.term) as term
    from cases
    inner join variables
        on cases.term = variables.variable_code
    inner join variables as of_same_source
        on
            variables.source_kind = of_same_source.source_kind
            and variables.source_code = of_same_source.source_code
    inner join terms
        on
            cases.spec_code = terms.spec_code
            and variables.plain_code <> terms.plain_term
            and position(concat_ws('', ':', of_same_source.plain_code, ':') in terms.factors) > 0
    group by cases.case_code, cases.spec_code

)

select
    cases.case_code,
    cases.spec_code,
    terms.coefficient,
    terms.ci_low,
    terms.ci_high,
    terms.interval_type,
    concat_ws(
        '',
        coalesce(fits.message, ''),
        case
            when cases.region is null or specs.sample_region = '' then ''
            when position(concat_ws('', '+', cases.region, '+') in specs.regions) > 0 then ''
            else concat_ws(
                '',
                case when fits.message <> '' then '; ' else '' end,
                'the regression''s sample, ', specs.sample_region, ', lacks the unit''s region ',
                cases.region
            )
        end
    ) as note,
    case
        when fits.spec_code is null
            then concat_ws(
                '',
                'spec_code ''', cases.spec_code,
                ''' is unknown: regressions are listed in panel_specs'
            )
        when fits.status not in ('ok', 'weak_instrument')
            then concat_ws(
                '',
                'the regression ', cases.spec_code, ' has no estimates (', fits.status, '): ',
                fits.message
            )
        when position(' vs ' in specs.sample_region) > 0
            then concat_ws(
                '',
                'the coefficients of the regression ', cases.spec_code, ' are differences of two '
                || 'samples, not effects; use a regression of one sample'
            )
        when other_terms.term is not null
            then concat_ws(
                '',
                'the term ', cases.term, ' cannot change alone: its source is also in the term ',
                other_terms.term, ' of the regression ', cases.spec_code
                || '; use a regression that contains it once'
            )
        when terms.spec_code is null
            then concat_ws(
                '',
                'the term ''', cases.term, ''' is not a regressor of the regression ',
                cases.spec_code, ': ', specs.formula
            )
        when terms.coefficient is null
            then concat_ws(
                '', 'the regression ', cases.spec_code, ' has no coefficient of ', cases.term
            )
    end as fault

from cases
left join fits
    on cases.spec_code = fits.spec_code
left join specs
    on cases.spec_code = specs.spec_code
left join terms
    on
        cases.spec_code = terms.spec_code
        and replace(cases.term, '`', '') = terms.plain_term
left join other_terms
    on
        cases.case_code = other_terms.case_code
        and cases.spec_code = other_terms.spec_code
