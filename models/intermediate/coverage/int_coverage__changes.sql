{#-
    Changes of the counts from one month's end to the next. Every record, consent and stay in the register becomes two
    changes of the enterprise: one at the first month whose end it covers, one at the first month after it. So the cost is
    that of the records and not of the records times the months. A state counts if the enterprise is in the register, and
    a coverage also needs its consent. Several records of a kind count once: overlapping ones are one.
-#}
{{ config(schema='restricted') }}

{%- set spans = ['registered', 'consents', 'bank', 'alternative'] %}
{#- @ stands for the suffix of a moment: none for after the change, _before for before it. -#}
{%- set covered = 'registered@ > 0 and consents@ > 0' %}
{%- set states = {
    'register': 'registered@ > 0',
    'bank': covered ~ ' and bank@ > 0',
    'alternative': covered ~ ' and alternative@ > 0',
    'either': covered ~ ' and bank@ + alternative@ > 0',
    'both': covered ~ ' and bank@ > 0 and alternative@ > 0',
    'only_alternative': covered ~ ' and bank@ = 0 and alternative@ > 0',
    'no_consent': 'registered@ > 0 and consents@ = 0',
} %}

with

calendar_window as (

    select
        min(month_number) as first_month,
        max(month_number) as last_month
    from {{ ref('int_coverage__months') }}

),

consents as (

    select
        enterprise_id,
        granted_at,
        withdrawn_at
    from {{ ref('int_warnings__consents') }}
    where data_class = 'coverage'

),

-- Months [from_month, until_month) at whose ends the span holds.
spans as (

    select
        enterprise_number,
        'registered' as span,
        {{ month_number('registered_on') }} as from_month,
        {{ month_number('closed_on') }} as until_month
    from {{ ref('int_coverage__register') }}
    union all
    select
        register.enterprise_number,
        'consents' as span,
        {{ month_number('consents.granted_at') }} as from_month,
        {{ month_number('consents.withdrawn_at') }} as until_month
    from consents
    inner join {{ ref('int_coverage__register') }} as register
        on consents.enterprise_id = register.enterprise_id
    union all
    select
        enterprise_number,
        kind as span,
        {{ month_number('first_day') }} as from_month,
        {{ month_number(dbt.dateadd('day', 1, 'last_day')) }} as until_month
    from {{ ref('int_coverage__records') }}

),

within_months as (

    select
        spans.enterprise_number,
        spans.span,
        greatest(
            coalesce(spans.from_month, calendar_window.first_month), calendar_window.first_month
        ) as from_month,
        least(
            coalesce(spans.until_month, calendar_window.last_month + 1),
            calendar_window.last_month + 1
        ) as until_month,
        calendar_window.last_month
    from spans
    cross join calendar_window

),

changes as (

    select
        enterprise_number,
        span,
        from_month as month_number,
        1 as change
    from within_months
    where from_month < until_month
    union all
    select
        enterprise_number,
        span,
        until_month as month_number,
        -1 as change
    from within_months
    where
        from_month < until_month
        and until_month <= last_month

),

monthly_changes as (

    select
        enterprise_number,
        month_number,
        {%- for span in spans %}
        cast(sum(case when span = '{{ span }}' then change else 0 end) as {{ dbt.type_int() }})
            as {{ span }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from changes
    group by enterprise_number, month_number

),

running as (

    select
        enterprise_number,
        month_number,
        {%- for span in spans %}
        {{ span }} as {{ span }}_change,
        sum({{ span }}) over (
            partition by enterprise_number
            order by month_number
            rows between unbounded preceding and current row
        ) as {{ span }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from monthly_changes

),

before_and_after as (

    select
        enterprise_number,
        month_number,
        {%- for span in spans %}
        {{ span }},
        {{ span }} - {{ span }}_change as {{ span }}_before
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from running

)

select
    register.province_code,
    register.size_class,
    before_and_after.month_number,
    {%- for state, condition in states.items() %}
    cast(
        sum(
            case when {{ condition | replace('@', '') }} then 1 else 0 end
            - case when {{ condition | replace('@', '_before') }} then 1 else 0 end
        ) as {{ dbt.type_bigint() }}
    ) as n_{{ state }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}

from before_and_after
inner join {{ ref('int_coverage__register') }} as register
    on before_and_after.enterprise_number = register.enterprise_number
group by register.province_code, register.size_class, before_and_after.month_number
