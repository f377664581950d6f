{%- set lower = adapter.quote('lower') %}
{%- set upper = adapter.quote('upper') %}

with

cases as (

    select * from {{ ref('int_policy__cases') }}

),

printed_coefficients as (

    select * from {{ ref('int_policy__printed_coefficients') }}

),

printed as (

    select
        simulations.case_code,
        '' as spec_code,
        simulations.coefficient_source,
        simulations.reading,
        simulations.coefficient,
        simulations.delta,
        simulations.simulated_change,
        simulations.{{ lower }},
        simulations.{{ upper }},
        'rounding' as interval_type,
        simulations.fault,
        printed_coefficients.note
    from {{ ref('int_policy__printed_simulations') }} as simulations
    inner join printed_coefficients
        on simulations.coefficient_source = printed_coefficients.coefficient_source

),

deltas as (

    select
        estimates.*,
        coalesce(cases.fault, estimates.fault) as first_fault,
        case
            when cases.fault is not null or estimates.fault is not null then null
            else cases.scale * {{ case_by_value('panel_variables.transform', 'cases.transform', {
                'identity': 'cases.to_value - cases.from_value',
                'log': 'ln(case when cases.to_value / nullif(cases.from_value, 0) > 0'
                    ~ ' then cases.to_value / nullif(cases.from_value, 0) end)',
            }) }}
        end as delta
    from {{ ref('int_policy__estimates') }} as estimates
    inner join cases
        on
            estimates.case_code = cases.case_code
            and estimates.spec_code = cases.spec_code

),

estimated as (

    select
        case_code,
        spec_code,
        spec_code as coefficient_source,
        'as_estimated' as reading,
        coefficient,
        delta,
        coefficient * delta as simulated_change,
        least(ci_low * delta, ci_high * delta) as {{ lower }},
        greatest(ci_low * delta, ci_high * delta) as {{ upper }},
        interval_type,
        first_fault as fault,
        note
    from deltas

),

simulated as (

    select * from printed
    union all
    select * from estimated

),

-- Overflows become NULL. Rounding keeps the last bits from deciding whether two intervals touch.
rounded as (

    select
        simulated.case_code,
        simulated.coefficient_source,
        simulated.reading,
        simulated.interval_type,
        simulated.fault,
        simulated.note,
        cases.title,
        cases.term,
        cases.unit_id,
        cases.period,
        cases.is_in_panel,
        cases.actual_change,
        cases.printed_change,
        cases.place,
        cases.note as note_of_case,
        {{ significant_digits('cases.from_value') }} as from_value,
        {{ significant_digits('cases.to_value') }} as to_value,
        {{ significant_digits('simulated.coefficient') }} as coefficient,
        {{ significant_digits('simulated.delta') }} as delta,
        {{ significant_digits('simulated.simulated_change') }} as simulated_change,
        {{ significant_digits('simulated.' ~ lower) }} as {{ lower }},
        {{ significant_digits('simulated.' ~ upper) }} as {{ upper }},
        {{ significant_digits('(cases.printed_change - cases.printed_half)') }} as printed_lower,
        {{ significant_digits('(cases.printed_change + cases.printed_half)') }} as printed_upper
    from simulated
    inner join cases
        on
            simulated.case_code = cases.case_code
            and simulated.spec_code = cases.spec_code

),

checked as (

    select
        *,
        coalesce(
            fault,
            case
                when simulated_change is null
                    then 'the change is not a finite number; use values of ordinary size'
            end
        ) as first_fault
    from rounded

)

select
    case_code,
    reading,
    coefficient_source,
    title,
    term,
    unit_id,
    period,
    is_in_panel,
    from_value,
    to_value,
    coefficient,
    case when first_fault is null then delta end as delta,
    simulated_change,
    {{ lower }},
    {{ upper }},
    interval_type,
    printed_change,
    {{ lower }} <= printed_upper and {{ upper }} >= printed_lower as fits_printed,
    actual_change,
    {{ significant_digits('simulated_change / nullif(actual_change, 0)') }} as share_explained,
    case when first_fault is null then 'simulated' else 'not_simulated' end as status,
    case
        when first_fault is not null then concat_ws('', place, first_fault)
        else concat_ws(
            '',
            note,
            case when note <> '' and note_of_case <> '' then '; ' else '' end,
            note_of_case
        )
    end as message

from checked
