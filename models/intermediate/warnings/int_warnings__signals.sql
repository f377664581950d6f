{#-
    A signal is a period of days over which a rule's metric meets its threshold, plus active_days days
    (src/credit_indices/early_warning/sql/signals.sql).
-#}
with

signals as (

    select * from {{ warning_state('signals') }}

),

enterprises as (

    select * from {{ warning_state('enterprises') }}
    where is_listed

),

rules as (

    select * from {{ warning_state('rules') }}

),

levels as (

    select * from {{ warning_state('levels') }}

),

-- The events behind a signal when it was triggered, in the order in which they were recorded.
evidence_events as (

    select
        en,
        rule,
        signal_number,
        unnest(evidence) as event_hash,
        generate_subscripts(evidence, 1) as place
    from signals

),

evidence as (

    select
        evidence_events.en,
        evidence_events.rule,
        evidence_events.signal_number,
        {{ dbt.listagg(
            event_pseudonym('texts.event_id', "case when enterprises.data_origin = 'synthetic' then 'seed' else 'file' end"),
            "', '", 'order by evidence_events.place'
        ) }} as evidence
    from evidence_events
    inner join {{ warning_state('event_texts') }} as texts
        on evidence_events.event_hash = texts.event_hash
    inner join enterprises
        on evidence_events.en = enterprises.en
    group by evidence_events.en, evidence_events.rule, evidence_events.signal_number

)

select
    enterprises.enterprise_key,
    rules.rule_code,
    levels.level,
    cast(levels.level_rank as {{ dbt.type_int() }}) as level_rank,
    signals.signal_number,
    {{ date_of_day('signals.fired_day') }} as fired_on,
    signals.triggered_at,
    signals.expires_at,
    -- Ignore signals recorded after they expired.
    signals.triggered_at < signals.expires_at as was_active,
    rules.is_trial,
    signals.value_when_triggered,
    signals.largest_value,
    signals.last_occurred_day,
    signals.n_evidence,
    evidence.evidence

from signals
inner join enterprises
    on signals.en = enterprises.en
inner join rules
    on signals.rule = rules.rule
inner join levels
    on rules.level_rank = levels.level_rank
inner join evidence
    on
        signals.en = evidence.en
        and signals.rule = evidence.rule
        and signals.signal_number = evidence.signal_number
