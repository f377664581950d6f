{%- set horizon = warning_horizon_days() %}

with

as_of as (

    select cast({{ dbt.dateadd('day', 1, 'as_of') }} as timestamp) as as_of_end
    from {{ ref('int_warnings__as_of') }}

),

trials as (

    select * from {{ ref('int_laboratory__trials') }}

),

enterprises as (

    select max(data_origin) as data_origin
    from {{ ref('int_warnings__enterprises') }}
    having count(*) > 0

),

alerts as (

    select
        alerts.*,
        alerts.alerts_live = 0 as is_gained,
        alerts.alerts_trial = 0 as is_lost,
        {{ days_between('alerts.trial_opened_at', 'alerts.live_opened_at') }} as days_earlier,
        {{ dbt.dateadd('day', horizon, 'alerts.trial_opened_at') }} <= as_of.as_of_end
            as has_follow_up
    from {{ ref('int_laboratory__trial_alerts') }} as alerts
    cross join as_of

),

-- Gained alerts, and whether red by another rule follows.
gained as (

    select
        alerts.trial_code,
        alerts.level,
        alerts.enterprise_key,
        alerts.match_number,
        max(
            case
                when
                    alerts.trial_opened_at >= red_periods.opened_at
                    and alerts.trial_opened_at < red_periods.expires_at
                    then 1
                else 0
            end
        ) as is_already_red,
        max(
            case
                when
                    alerts.trial_opened_at < red_periods.opened_at
                    and {{ dbt.dateadd('day', horizon, 'alerts.trial_opened_at') }}
                    >= red_periods.opened_at
                    then 1
                else 0
            end
        ) as is_followed_by_red
    from alerts
    left join {{ ref('int_laboratory__outcomes') }} as outcomes
        on alerts.trial_code = outcomes.rule_code
    left join {{ ref('int_laboratory__red_periods') }} as red_periods
        on
            outcomes.outcome_code = red_periods.outcome_code
            and alerts.enterprise_key = red_periods.enterprise_key
    where
        alerts.is_gained
        and alerts.has_follow_up
    group by alerts.trial_code, alerts.level, alerts.enterprise_key, alerts.match_number

),

evaluated as (

    select
        trial_code,
        level,
        count(*) as n_evaluated,
        sum(is_followed_by_red) as red_within_90
    from gained
    where is_already_red = 0
    group by trial_code, level

),

counted as (

    select
        trial_code,
        level,
        sum(alerts_live) as alerts_live,
        sum(alerts_trial) as alerts_trial,
        sum(case when is_gained then 1 else 0 end) as gained,
        sum(case when is_lost then 1 else 0 end) as lost,
        sum(case when days_earlier > 0 then 1 else 0 end) as earlier,
        sum(case when days_earlier < 0 then 1 else 0 end) as later,
        sum(case when days_earlier = 0 then 1 else 0 end) as unchanged
    from alerts
    group by trial_code, level

),

medians_earlier as (

    select
        trial_code,
        level,
        percentile_cont(0.5) within group (order by days_earlier) as median_days
    from alerts
    where days_earlier > 0
    group by trial_code, level

),

medians_later as (

    select
        trial_code,
        level,
        percentile_cont(0.5) within group (order by -days_earlier) as median_days
    from alerts
    where days_earlier < 0
    group by trial_code, level

)

select
    trials.rule_code,
    trials.level,
    trials.replaces,
    {%- for count in [
        'alerts_live', 'alerts_trial', 'gained', 'lost', 'earlier', 'later', 'unchanged'
    ] %}
    cast(coalesce(counted.{{ count }}, 0) as {{ dbt.type_bigint() }}) as {{ count }},
    {%- endfor %}
    {{ significant_digits('medians_earlier.median_days') }} as median_days_earlier,
    {{ significant_digits('medians_later.median_days') }} as median_days_later,
    coalesce(evaluated.n_evaluated, 0) as n_evaluated,
    cast(coalesce(evaluated.red_within_90, 0) as {{ dbt.type_bigint() }}) as red_within_90,
    {{ significant_digits('cast(evaluated.red_within_90 as double) / evaluated.n_evaluated') }}
        as precision_gained,
    enterprises.data_origin

from trials
cross join enterprises
left join counted
    on
        trials.rule_code = counted.trial_code
        and trials.level = counted.level
left join evaluated
    on
        trials.rule_code = evaluated.trial_code
        and trials.level = evaluated.level
left join medians_earlier
    on
        trials.rule_code = medians_earlier.trial_code
        and trials.level = medians_earlier.level
left join medians_later
    on
        trials.rule_code = medians_later.trial_code
        and trials.level = medians_later.level
