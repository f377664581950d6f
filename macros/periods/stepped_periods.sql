{#-
    The periods of each scope (an index, an indicator, a panel) with their frequency and their number in
    steps of it: the difference of two numbers is the number of steps between the periods. `relation` has a
    column for the scope and the column period. The frequency of dates (from the table periods, or days) is
    the largest one that divides all their distances: a number of months if all dates fall on one day of the
    month or on its last day, else weeks or days. For other periods the digits determine the frequency.
-#}
{% macro stepped_periods(relation, scope) -%}
    {%- set months = {
        'year': 12, 'half_year': 6, 'four_months': 4, 'quarter': 3, 'two_months': 2, 'month': 1,
    } -%}
    (
        select
            {{ scope }},
            period,
            label,
            starts_on,
            coding,
            family,
            is_listed,
            case
                when is_dated then date_frequency
                when family <> 'integer' then coding
                when n_without_coding = 0 then 'year'
                else 'integer'
            end as frequency,
            cast(
                case
                    when not is_dated then step_of_digits
                    {%- for frequency, length in months.items() %}
                    when date_frequency = '{{ frequency }}'
                        then floor((month_number - 1) / {{ length }}.0)
                    {%- endfor %}
                    when date_frequency = 'week' then floor(day_number / 7.0)
                    else day_number
                end as {{ dbt.type_int() }}
            ) as step
        from (
            select
                *,
                case
                    -- A single date has no distance.
                    when n_dated < 2 then 'day'
                    when first_day_of_month = last_day_of_month or are_month_ends = 1
                        then
                            case
                                {%- for frequency, length in months.items() if length > 1 %}
                                when first_month_by_{{ length }} = last_month_by_{{ length }}
                                    then '{{ frequency }}'
                                {%- endfor %}
                                else 'month'
                            end
                    when first_day_of_week = last_day_of_week then 'week'
                    else 'day'
                end as date_frequency
            from (
                select
                    periods.{{ scope }},
                    codes.period,
                    codes.label,
                    codes.starts_on,
                    codes.coding,
                    codes.family,
                    codes.is_listed,
                    codes.is_dated,
                    codes.step as step_of_digits,
                    codes.month_number,
                    codes.day_number,
                    {%- for column, measure in {
                        'day_of_month': 'codes.day_of_month',
                        'day_of_week': 'mod(codes.day_number + 700000, 7)',
                    }.items() %}
                    min(case when codes.is_dated then {{ measure }} end)
                        over (partition by periods.{{ scope }}) as first_{{ column }},
                    max(case when codes.is_dated then {{ measure }} end)
                        over (partition by periods.{{ scope }}) as last_{{ column }},
                    {%- endfor %}
                    {%- for length in months.values() if length > 1 %}
                    min(case when codes.is_dated then mod(codes.month_number, {{ length }}) end)
                        over (partition by periods.{{ scope }}) as first_month_by_{{ length }},
                    max(case when codes.is_dated then mod(codes.month_number, {{ length }}) end)
                        over (partition by periods.{{ scope }}) as last_month_by_{{ length }},
                    {%- endfor %}
                    min(case when codes.is_dated then codes.is_month_end end)
                        over (partition by periods.{{ scope }}) as are_month_ends,
                    count(case when codes.is_dated then 1 end)
                        over (partition by periods.{{ scope }}) as n_dated,
                    count(case when codes.coding = 'integer' and not codes.is_dated then 1 end)
                        over (partition by periods.{{ scope }}) as n_without_coding
                from {{ relation }} as periods
                inner join {{ ref('int_periods__codes') }} as codes
                    on periods.period = codes.period
            ) as measured
        ) as spaced
    )
{%- endmacro %}
