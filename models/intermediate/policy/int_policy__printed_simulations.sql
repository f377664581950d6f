{#-
    The printed coefficients under every unit that they could have. Every reading is monotone in each rounded
    number if the others are fixed. Its extremes over all values that round to the printed numbers are therefore
    at corners: all four numbers moved up or down by half a unit of their last digit.
-#}
{%- set readings = {
    'level': 'to_value - from_value',
    'times_100': '100 * (to_value - from_value)',
    'standard_deviations': '(to_value - from_value) / standard_deviation',
    'relative': '(to_value - from_value) / positive_from',
    'logarithm': 'log_ratio',
    'per_doubling': 'log_ratio / ln(2)',
} %}
{%- set moved = ['from_value', 'to_value', 'coefficient', 'standard_deviation'] %}

with

signs as (

    select -1 as sign
    union all
    select 1 as sign

),

corners as (

    select
        {%- for number in moved %}
        {{ number }}.sign as {{ number }}_sign,
        {%- endfor %}
        false as is_centre
    from signs as {{ moved[0] }}
    {%- for number in moved[1:] %}
    cross join signs as {{ number }}
    {%- endfor %}
    union all
    select
        {%- for number in moved %}
        0 as {{ number }}_sign,
        {%- endfor %}
        true as is_centre

),

cases as (

    select * from {{ ref('int_policy__cases') }}
    where spec_code = ''

),

coefficients as (

    select * from {{ ref('int_policy__printed_coefficients') }}

),

moved_starts as (

    select
        cases.case_code,
        cases.fault,
        cases.to_value,
        cases.to_half,
        cases.change_percent,
        cases.from_value + corners.from_value_sign * cases.from_half as from_value,
        corners.to_value_sign,
        corners.is_centre,
        coefficients.coefficient_source,
        coefficients.coefficient
        + corners.coefficient_sign * coefficients.coefficient_half as coefficient,
        coefficients.standard_deviation
        + corners.standard_deviation_sign * coefficients.standard_deviation_half
            as standard_deviation
    from cases
    cross join coefficients
    cross join corners

),

moved_ends as (

    select
        case_code,
        coefficient_source,
        coefficient,
        is_centre,
        fault,
        from_value,
        case
            when change_percent is null then to_value + to_value_sign * to_half
            else from_value * (1 + change_percent / 100)
        end as to_value,
        case when standard_deviation > 0 then standard_deviation end as standard_deviation,
        case when from_value > 0 then from_value end as positive_from
    from moved_starts

),

logarithms as (

    select
        *,
        ln(case when to_value / positive_from > 0 then to_value / positive_from end) as log_ratio
    from moved_ends

),

deltas as (

    {%- for reading, delta in readings.items() %}
    select
        case_code,
        coefficient_source,
        '{{ reading }}' as reading,
        coefficient,
        is_centre,
        fault,
        case when fault is null then {{ delta }} end as delta
    from logarithms
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- A reading has no bounds if half a unit reaches zero.
bounded as (

    select
        case_code,
        coefficient_source,
        reading,
        max(case when is_centre then coefficient end) as coefficient,
        max(case when is_centre then delta end) as delta,
        max(case when is_centre then coefficient * delta end) as simulated_change,
        case when count(*) = count(delta) then min(coefficient * delta) end
            as {{ adapter.quote('lower') }},
        case when count(*) = count(delta) then max(coefficient * delta) end
            as {{ adapter.quote('upper') }},
        max(fault) as fault
    from deltas
    group by case_code, coefficient_source, reading

)

select
    case_code,
    coefficient_source,
    reading,
    coefficient,
    delta,
    simulated_change,
    {{ adapter.quote('lower') }},
    {{ adapter.quote('upper') }},
    case
        when fault is not null then fault
        when delta is null and reading = 'standard_deviations'
            then 'the standard deviation of the term is not printed'
        when delta is null
            then concat_ws(
                '',
                'the reading ', reading, ' needs ',
                case when reading = 'relative' then 'a start' else 'values at both ends' end,
                ' above zero'
            )
    end as fault

from bounded
