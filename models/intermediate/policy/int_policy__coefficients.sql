{#-
    Coefficients with the interval that a simulation uses. With a weak instrument the intervals estimate +-
    t x error do not cover as they claim, so there is only the Anderson-Rubin set of the instrumented term,
    or the hull of its segments, where it is bounded.
-#}
with

estimates as (

    select * from {{ ref('panel_results') }}
    where record = 'estimate'

),

fits as (

    select * from {{ ref('panel_results') }}
    where record = 'fit'

),

anderson_rubin as (

    select
        spec_code,
        term,
        min({{ adapter.quote('low') }}) as ar_low,
        max({{ adapter.quote('high') }}) as ar_high
    from {{ ref('panel_results') }}
    where record = 'ar_piece'
    group by spec_code, term

),

intervals as (

    select
        estimates.spec_code,
        estimates.term,
        estimates.estimate,
        case
            when fits.status <> 'weak_instrument' and estimates.ci_low_cr3 is not null
                then '95 % CR3'
            when fits.status <> 'weak_instrument' and estimates.ci_low is not null
                then concat_ws('', '95 % ', estimates.vcov_type)
            when
                fits.status = 'weak_instrument'
                and abs(anderson_rubin.ar_low) <= {{ largest_double() }}
                and abs(anderson_rubin.ar_high) <= {{ largest_double() }}
                then '95 % Anderson-Rubin'
            else 'none'
        end as interval_type,
        estimates.ci_low_cr3,
        estimates.ci_high_cr3,
        estimates.ci_low,
        estimates.ci_high,
        anderson_rubin.ar_low,
        anderson_rubin.ar_high
    from estimates
    inner join fits
        on estimates.spec_code = fits.spec_code
    left join anderson_rubin
        on
            estimates.spec_code = anderson_rubin.spec_code
            and estimates.term = anderson_rubin.term

)

select
    spec_code,
    term,
    estimate as coefficient,
    case interval_type
        when '95 % CR3' then ci_low_cr3
        when '95 % Anderson-Rubin' then ar_low
        when 'none' then null
        else ci_low
    end as ci_low,
    case interval_type
        when '95 % CR3' then ci_high_cr3
        when '95 % Anderson-Rubin' then ar_high
        when 'none' then null
        else ci_high
    end as ci_high,
    interval_type

from intervals
