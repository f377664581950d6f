{#-
    The metrics of warning rules (column measure), {metric: definition}. This is the only list; the engine computes them
    (METRICS in src/credit_indices/early_warning/engine.py). A definition has
        unit, description      as docs/methods/early_warning.md prints them;
        column, types_needing  optional: column of enterprise_events that the metric reads, and the values of
                               warning_event_types.needs whose events have it (role: lawsuits, which may have an amount).
-#}
{% macro warning_metrics() -%}
    {{ return({
        'count': {
            'unit': 'events',
            'description': 'number of events, or the sum of their column count',
        },
        'sum': {
            'unit': 'yuan',
            'description': 'sum of the amounts of the events',
            'column': 'amount',
            'types_needing': ['amount', 'role'],
        },
        'max_ratio': {
            'unit': 'ratio',
            'description': 'largest ratio of the events',
            'column': 'ratio',
            'types_needing': ['ratio'],
        },
        'max_share_of_capital': {
            'unit': 'share',
            'description': 'the largest sum of the amounts of one day, over the registered capital',
            'column': 'amount',
            'types_needing': ['amount', 'role'],
        },
        'consecutive_periods': {
            'unit': 'months',
            'description': 'the largest number of calendar months in a row with an event',
        },
    }) }}
{%- endmacro %}
