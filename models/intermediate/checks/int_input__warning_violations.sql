{%- set event_types = ref('warning_event_types') %}
{%- set key_is_missing = "'needs a secret of your own: set the environment variable "
    ~ "CREDIT_INDICES_PSEUDONYM_KEY to a long random text and keep it; without it, anyone who knows the ids "
    ~ "could identify the enterprises'" %}
{%- set own_without_key = "rows.origin = 'file' and not " ~ has_pseudonym_key()
    ~ " and rows.source_row = (select min(source_row) from " %}
{%- set metric_columns = [] %}
{%- set metric_conflicts = [] %}
{%- for metric, definition in warning_metrics().items() if definition['column'] %}
    {%- do metric_columns.append("when '" ~ metric ~ "' then '" ~ definition['column'] ~ "'") %}
    {%- do metric_conflicts.append(
        "(rows.measure = '" ~ metric ~ "' and rows.event_type in (select event_type from " ~ event_types
        ~ " where coalesce(needs, '') not in ('" ~ definition['types_needing'] | join("', '") ~ "')))"
    ) %}
{%- endfor %}

with

of_tables as (

    {{ violations_of_tables(part='warnings') }}

),

rules as (

    {{ violations_of(
        'event_type_is_known', 'warning_rules', 'event_type',
        "concat_ws('', 'is not an event type, so the rule ', coalesce(rows.rule_code, ''), ' cannot be evaluated; the types are listed in catalog.warning_event_types')",
        "rows.event_type is null or rows.event_type not in (select event_type from " ~ event_types ~ ")"
    ) }}
    union all
    {{ violations_of(
        'events_have_a_role', 'warning_rules', 'role',
        "concat_ws('', 'does not exist for events of the type ', rows.event_type, '; leave it empty')",
        "rows.role is not null and rows.event_type in (select event_type from " ~ event_types
            ~ " where coalesce(needs, '') <> 'role')"
    ) }}
    union all
    {{ violations_of(
        'window_is_positive', 'warning_rules', 'window_days',
        "concat_ws('', 'is not a whole number of days from 1 to 1500, so the rule ', coalesce(rows.rule_code, ''), ' cannot be evaluated')",
        "coalesce(" ~ to_integer('rows.window_days') ~ ", 0) not between 1 and 1500"
    ) }}
    union all
    {{ violations_of(
        'threshold_is_positive', 'warning_rules', 'threshold',
        "'is not a number above 0'",
        "coalesce(" ~ to_number('rows.threshold') ~ ", 0) <= 0"
    ) }}
    union all
    {{ violations_of(
        'threshold_can_be_reached', 'warning_rules', 'threshold',
        "concat_ws('', 'is more calendar months in a row than ', rows.window_days, ' days can contain')",
        "rows.measure = 'consecutive_periods' and " ~ to_number('rows.threshold') ~ " > "
            ~ to_integer('rows.window_days') ~ " / 28.0 + 2"
    ) }}
    union all
    {{ violations_of(
        'level_is_known', 'warning_rules', 'level',
        "concat_ws('', 'is not a level, so the rule ', coalesce(rows.rule_code, ''), ' cannot be evaluated; the levels are listed in warning_levels')",
        "rows.level is null or rows.level not in (select level from " ~ ref('stg_input__warning_levels')
            ~ " where level is not null)",
        ['warning_rules', 'warning_levels']
    ) }}
    union all
    {{ violations_of(
        'active_days_are_given', 'warning_rules', 'stands_days',
        "'is not a whole number of days from 0 to 36500'",
        "rows.stands_days is not null and coalesce(" ~ to_integer('rows.stands_days')
            ~ ", -1) not between 0 and 36500"
    ) }}
    union all
    {{ violations_of(
        'is_repairable_is_known', 'warning_rules', 'is_repairable', "'is not 1 or 0'",
        "rows.is_repairable not in ('0', '1')"
    ) }}
    union all
    {{ violations_of(
        'only_trials_replace', 'warning_rules', 'replaces',
        "'is given for a rule that is not on trial; set is_active to trial, or leave it empty'",
        "rows.replaces is not null and coalesce(rows.is_active, '1') <> 'trial'"
    ) }}
    union all
    {{ violations_of(
        'replaced_rule_is_live', 'warning_rules', 'replaces',
        "'is not the rule_code of a live rule (is_active 1), so it cannot be replaced on trial'",
        "rows.is_active = 'trial' and rows.replaces not in (select rule_code from "
            ~ ref('stg_input__warning_rules')
            ~ " where rule_code is not null and coalesce(is_active, '1') = '1')"
    ) }}
    union all
    {{ violations_of(
        'metric_applies_to_event_type', 'warning_rules', 'measure',
        "concat_ws('', 'cannot be computed for events of the type ', rows.event_type, ', which have no ', case rows.measure "
            ~ metric_columns | join(' ') ~ " end)",
        metric_conflicts | join(' or ')
    ) }}

),

levels as (

    {{ violations_of(
        'level_is_not_none', 'warning_levels', 'level',
        "'is reserved for no level or all levels; choose another name'", "rows.level in ('none', 'any')"
    ) }}
    union all
    {{ violations_of(
        'rank_is_positive', 'warning_levels', 'rank',
        "'is not a whole number of 1 or more (the highest rank is the worst)'",
        "coalesce(" ~ to_integer('rows.' ~ adapter.quote('rank')) ~ ", 0) < 1"
    ) }}
    union all
    {{ violations_of(
        'levels_differ_in_rank', 'warning_levels', 'rank',
        "'is also the rank of an earlier level; give each level its own rank'",
        "rows.source_row > (select min(others.source_row) from " ~ ref('stg_input__warning_levels')
            ~ " as others where " ~ to_integer('others.' ~ adapter.quote('rank')) ~ " = "
            ~ to_integer('rows.' ~ adapter.quote('rank')) ~ ")"
    ) }}
    union all
    {{ violations_of(
        'deadline_is_positive', 'warning_levels', 'deadline_amount',
        "'is not a whole number from 1 to 60 (working days) or to 1440 (hours)'",
        "coalesce(" ~ to_integer('rows.deadline_amount') ~ ", 0) not between 1 and"
            ~ " case when rows.deadline_kind = 'hours' then 1440 else 60 end"
    ) }}

),

holidays as (

    {{ violations_of(
        'date_is_a_day', 'public_holidays', 'calendar_date', "'is not a day such as 2020-02-29'",
        "rows.calendar_date is not null and (" ~ to_moment('rows.calendar_date')
            ~ " is null or length(rows.calendar_date) <> 10)"
    ) }}

),

enterprises as (

    {{ violations_of(
        'key_of_pseudonyms_is_set', 'enterprises', 'enterprise_id',
        key_is_missing, own_without_key ~ ref('stg_input__enterprises') ~ ")"
    ) }}
    union all
    -- Also for a user's events of the synthetic enterprises, whose ids may identify a person.
    {{ violations_of(
        'key_of_pseudonyms_is_set', 'enterprise_events', 'event_id',
        key_is_missing,
        own_without_key ~ ref('stg_input__enterprise_events') ~ ") and not exists (select 1 from "
            ~ ref('stg_input__enterprises') ~ " as listed where listed.origin = 'file')"
    ) }}

),

unioned as (

    select * from of_tables
    union all
    select * from rules
    union all
    select * from levels
    union all
    select * from holidays
    union all
    select * from enterprises

)

select * from unioned
