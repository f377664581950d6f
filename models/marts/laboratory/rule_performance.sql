with

rules as (

    select * from {{ ref('int_warnings__rules') }}

),

months as (

    select
        month_code,
        {{ days_between('begins_at', 'ends_at') }} / 7 as weeks
    from {{ ref('int_laboratory__months') }}

),

enterprises as (

    select
        count(*) as enterprises,
        max(data_origin) as data_origin
    from {{ ref('int_warnings__enterprises') }}

),

-- Rules without another live rule of the worst level have no outcome to be evaluated by.
outcomes as (

    select * from {{ ref('int_laboratory__outcomes') }}

),

-- Every row of the steps below counts in its month and in 'all'.
periods as (

    select
        month_code,
        month_code as month
    from months
    union all
    select
        month_code,
        'all' as month
    from months

),

spans as (

    select
        periods.month,
        sum(months.weeks) as weeks
    from periods
    inner join months
        on periods.month_code = months.month_code
    group by periods.month

),

signals as (

    select
        signals.rule_code,
        periods.month,
        count(*) as signals,
        count(distinct signals.enterprise_key) as enterprises,
        sum(case when signals.is_overlapping then 1 else 0 end) as overlapping,
        sum(case when signals.is_alone then 1 else 0 end) as only_this,
        sum(case when signals.is_flapping then 1 else 0 end) as flapping,
        sum(case when not signals.has_follow_up then 1 else 0 end) as n_not_followed,
        sum(case when signals.has_follow_up and signals.is_already_red then 1 else 0 end)
            as n_already_red,
        sum(case when signals.has_follow_up and not signals.is_already_red then 1 else 0 end)
            as n_evaluated,
        sum(
            case
                when
                    signals.has_follow_up
                    and not signals.is_already_red
                    and signals.is_followed_by_red
                    then 1
                else 0
            end
        ) as red_within_90
    from {{ ref('int_laboratory__signals') }} as signals
    inner join periods
        on signals.month_code = periods.month_code
    group by signals.rule_code, periods.month

),

reds as (

    select
        reds.rule_code,
        periods.month,
        count(*) as n_reds,
        sum(case when reds.is_preceded then 1 else 0 end) as n_reds_preceded,
        sum(case when reds.is_preceded and not reds.is_preceded_by_others then 1 else 0 end)
            as n_reds_only_this
    from {{ ref('int_laboratory__reds') }} as reds
    inner join periods
        on reds.month_code = periods.month_code
    group by reds.rule_code, periods.month

),

base_rates as (

    select
        base_rates.rule_code,
        periods.month,
        sum(base_rates.days_before_red) / nullif(sum(base_rates.evaluated_days), 0) as base_rate
    from {{ ref('int_laboratory__base_rates') }} as base_rates
    inner join periods
        on base_rates.month_code = periods.month_code
    group by base_rates.rule_code, periods.month

),

counted as (

    select
        rules.rule_code,
        rules.level,
        rules.is_trial,
        spans.month,
        spans.weeks,
        enterprises.enterprises as n_monitored,
        enterprises.data_origin,
        outcomes.rule_code is not null as is_evaluable,
        coalesce(signals.signals, 0) as signals,
        coalesce(signals.enterprises, 0) as enterprises,
        coalesce(signals.overlapping, 0) as overlapping,
        coalesce(signals.only_this, 0) as only_this,
        coalesce(signals.flapping, 0) as flapping,
        coalesce(signals.n_not_followed, 0) as n_not_followed,
        coalesce(signals.n_already_red, 0) as n_already_red,
        coalesce(signals.n_evaluated, 0) as n_evaluated,
        coalesce(signals.red_within_90, 0) as red_within_90,
        coalesce(reds.n_reds, 0) as n_reds,
        coalesce(reds.n_reds_preceded, 0) as n_reds_preceded,
        coalesce(reds.n_reds_only_this, 0) as n_reds_only_this,
        base_rates.base_rate
    from rules
    cross join spans
    cross join enterprises
    left join outcomes
        on rules.rule_code = outcomes.rule_code
    left join signals
        on
            rules.rule_code = signals.rule_code
            and spans.month = signals.month
    left join reds
        on
            rules.rule_code = reds.rule_code
            and spans.month = reds.month
    left join base_rates
        on
            rules.rule_code = base_rates.rule_code
            and spans.month = base_rates.month

),

shares as (

    select
        *,
        1000.0 * signals / (n_monitored * weeks) as alerts_per_1000_weekly,
        cast(overlapping as double) / nullif(signals, 0) as overlap,
        cast(red_within_90 as double) / nullif(n_evaluated, 0) as precision_of_alerts,
        cast(n_reds_preceded as double) / nullif(n_reds, 0) as recall
    from counted

),

rates as (

    select
        *,
        precision_of_alerts / nullif(base_rate, 0) as lift
    from shares

)

select
    rule_code,
    level,
    month,
    is_trial,
    signals,
    enterprises,
    {{ significant_digits('alerts_per_1000_weekly') }} as alerts_per_1000_weekly,
    {%- for count in ['n_not_followed', 'n_already_red', 'n_evaluated', 'red_within_90'] %}
    case when is_evaluable then cast({{ count }} as {{ dbt.type_bigint() }}) end as {{ count }},
    {%- endfor %}
    case when is_evaluable then {{ significant_digits('precision_of_alerts') }} end
        as {{ adapter.quote('precision') }},
    case when is_evaluable then {{ significant_digits('base_rate') }} end as base_rate,
    case when is_evaluable then {{ significant_digits('lift') }} end as lift,
    {%- for count in ['n_reds', 'n_reds_preceded', 'n_reds_only_this'] %}
    case when is_evaluable then cast({{ count }} as {{ dbt.type_bigint() }}) end as {{ count }},
    {%- endfor %}
    case when is_evaluable then {{ significant_digits('recall') }} end as recall,
    {{ significant_digits('overlap') }} as overlap,
    cast(only_this as {{ dbt.type_bigint() }}) as only_this,
    cast(flapping as {{ dbt.type_bigint() }}) as flapping,
    data_origin

from rates
