{#-
    The metrics of warning rules (column measure), {metric: definition}. This is the only list. A definition has
        unit, description      as docs/methods/early_warning.md prints them;
        aggregate, argument    the aggregate over the events of a window, and its argument: an expression of the columns of
                               `pairs` in int_warnings__metrics (times, amount, amount_of_day, ratio, months_ago);
        value                  optional: the metric as an expression of the aggregate, which {} stands for;
        divisor                optional: column of int_warnings__enterprises by which the metric is divided;
        column, types_needing  optional: column of enterprise_events that the metric reads, and the values of
                               warning_event_types.needs whose events have it (role: lawsuits, which may have an amount).
    Stored metrics are not computed again when a definition changes: change the last part of metric_code in
    int_warnings__rules too.
-#}
{% macro warning_metrics() -%}
    {{ return({
        'count': {
            'unit': 'events',
            'description': 'number of events, or the sum of their column count',
            'aggregate': 'sum',
            'argument': 'times',
        },
        'sum': {
            'unit': 'yuan',
            'description': 'sum of the amounts of the events',
            'aggregate': 'sum',
            'argument': 'amount',
            'column': 'amount',
            'types_needing': ['amount', 'role'],
        },
        'max_ratio': {
            'unit': 'ratio',
            'description': 'largest ratio of the events',
            'aggregate': 'max',
            'argument': 'ratio',
            'column': 'ratio',
            'types_needing': ['ratio'],
        },
        'max_share_of_capital': {
            'unit': 'share',
            'description': 'the largest sum of the amounts of one day, over the registered capital',
            'aggregate': 'max',
            'argument': 'amount_of_day',
            'divisor': 'registered_capital',
            'column': 'amount',
            'types_needing': ['amount', 'role'],
        },
        'consecutive_periods': {
            'unit': 'months',
            'description': 'calendar months in a row with an event, ending with the latest',
            'aggregate': 'bit_or',
            'argument': credit_indices.power_of_two('months_ago'),
            'value': credit_indices.run_of_months('{}'),
        },
    }) }}
{%- endmacro %}
