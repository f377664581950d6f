{#-
    The periods of each scope (an index, an indicator, a panel) with their frequency and their number in
    steps of it, so that the difference of two numbers says how many steps lie between. `relation` has a
    column for the scope and the column period. Dates (of the table periods, or days) are as far apart as
    the largest of these that divides all their distances: whole months where all fall on one day of the
    month or on its last, else weeks or days. Other periods are what their digits say.
-#}
{% macro stepped_periods(relation, scope) -%}
    {%- set months = {
        'year': 12, 'half_year': 6, 'four_months': 4, 'quarter': 3, 'two_months': 2, 'month': 1,
    } -%}
    (
        select
            scoped.{{ scope }},
            scoped.period,
            scoped.label,
            scoped.starts_on,
            scoped.coding,
            scoped.family,
            scoped.is_listed,
            case
                when scoped.is_dated then spacings.frequency
                when scoped.family <> 'integer' then scoped.coding
                when spacings.n_without_coding = 0 then 'year'
                else 'integer'
            end as frequency,
            cast(
                case
                    when not scoped.is_dated then scoped.step
                    {%- for frequency, length in months.items() %}
                    when spacings.frequency = '{{ frequency }}'
                        then floor((scoped.month_number - 1) / {{ length }}.0)
                    {%- endfor %}
                    when spacings.frequency = 'week' then floor(scoped.day_number / 7.0)
                    else scoped.day_number
                end as {{ dbt.type_int() }}
            ) as step
        from (
            select
                periods.{{ scope }},
                codes.*
            from {{ relation }} as periods
            inner join {{ ref('int_periods__codes') }} as codes
                on periods.period = codes.period
        ) as scoped
        inner join (
            select
                periods.{{ scope }},
                sum(
                    case when codes.coding = 'integer' and not codes.is_dated then 1 else 0 end
                ) as n_without_coding,
                case
                    -- A single date is no distance.
                    when count(case when codes.is_dated then 1 end) < 2 then 'day'
                    when
                        min(case when codes.is_dated then codes.day_of_month end)
                        = max(case when codes.is_dated then codes.day_of_month end)
                        or min(case when codes.is_dated then codes.is_month_end end) = 1
                        then
                            case
                                {%- for frequency, length in months.items() if length > 1 %}
                                when
                                    min(case
                                        when codes.is_dated then mod(codes.month_number, {{ length }})
                                    end)
                                    = max(case
                                        when codes.is_dated then mod(codes.month_number, {{ length }})
                                    end)
                                    then '{{ frequency }}'
                                {%- endfor %}
                                else 'month'
                            end
                    when
                        min(case when codes.is_dated then mod(codes.day_number + 700000, 7) end)
                        = max(case when codes.is_dated then mod(codes.day_number + 700000, 7) end)
                        then 'week'
                    else 'day'
                end as frequency
            from {{ relation }} as periods
            inner join {{ ref('int_periods__codes') }} as codes
                on periods.period = codes.period
            group by periods.{{ scope }}
        ) as spacings
            on scoped.{{ scope }} = spacings.{{ scope }}
    )
{%- endmacro %}
