{#-
    Every enumeration of the catalog: the values that a column may hold, by table and column. This is the only
    list; checks of the input (violations_of_choice), formulas (case_by_value) and tests read it. The metrics of warning
    rules come from their definitions (warning_metrics). The classes of consent here are those besides the classes of the
    event types (catalog.warning_event_types).
-#}
{% macro enumerations() -%}
    {%- set roles = ['defendant', 'plaintiff', 'third_party'] -%}
    {{ return({
        'indicators.data_origin': ['official', 'synthetic', 'user'],
        'indicators.missing_policy': ['fail', 'zero', 'minimum', 'interpolate', 'skip'],
        'indices.normalization': ['min_max', 'efficacy', 'none'],
        'indices.frame': ['pooled', 'by_period'],
        'indices.weighting': ['entropy', 'equal', 'fixed', 'ahp'],
        'indices.aggregation': ['weighted_share', 'weighted_mean'],
        'index_indicators.direction': ['1', '-1'],
        'index_scores.scheme': ['headline', 'equal', 'entropy'],
        'pca_analyses.matrix': ['correlation', 'covariance'],
        'pca_variables.source_kind': [
            'indicator', 'indicator_rank', 'index_score', 'index_rank', 'node_score', 'node_rank',
            'published',
        ],
        'panel_variables.source_kind': [
            'indicator', 'index_score', 'node_score', 'pca_score', 'period',
        ],
        'panel_variables.transform': ['identity', 'log'],
        'warning_rules.measure': credit_indices.warning_metrics() | list,
        'warning_rules.operator': ['>', '>='],
        'warning_rules.role': roles,
        'warning_rules.is_active': ['1', '0', 'trial'],
        'warning_levels.deadline_kind': ['working_days', 'hours'],
        'warning_survival.grouping': ['all', 'province', 'capital'],
        'warning_survival.outcome': ['red', 'repair', 'closure'],
        'public_holidays.kind': ['holiday', 'working_day'],
        'enterprise_events.role': roles,
        'enterprise_events.result': ['passed', 'refused'],
        'enterprise_consents.data_class': ['credit', 'coverage', 'ratings', 'links'],
        'enterprise_links.kind': ['guarantee', 'shareholding', 'supply'],
        'link_use.status': [
            'used', 'quarantined', 'without_consent', 'known_later', 'superseded', 'not_yet_valid',
            'no_longer_valid',
        ],
        'link_findings.code': [
            'shares_above_1', 'amount_is_missing', 'capital_is_missing', 'hub_is_not_expanded',
        ],
        'contagion_scenarios.scenario': ['worst_level', 'single'],
        'contagion_scenarios.method': ['debt_rank', 'threshold_cascade'],
        'loans.decision': ['approved', 'refused'],
        'loans.outcome': ['paid', 'defaulted', 'open'],
        'loan_features.source': ['bank', 'alternative'],
        'credit_features.source': ['bank', 'alternative'],
        'credit_features.kind': ['number', 'category'],
        'credit_features.trend': ['none', 'increasing', 'decreasing'],
        'credit_models.learner': [
            'scorecard', 'logistic_regression', 'random_forest', 'gradient_boosting',
        ],
        'credit_models.outcomes': ['final', 'known_at_split'],
        'credit_models.calibration': ['platt', 'isotonic'],
        'coverage_records.kind': ['bank', 'alternative'],
        'credit_coverage.group_code': [
            'register', 'bank', 'alternative', 'either', 'both', 'only_alternative', 'no_consent',
        ],
        'credit_coverage.size_class': [
            'below_1_million', 'from_1_to_10_million', 'from_10_to_100_million',
            'from_100_million', 'unknown',
        ],
    }) }}
{%- endmacro %}

{#- The values of an enumeration. -#}
{% macro allowed_values(enumeration) -%}
    {%- set enumerations = credit_indices.enumerations() -%}
    {%- if enumeration not in enumerations -%}
        {{ exceptions.raise_compiler_error(
            "allowed_values: '" ~ enumeration ~ "' is not an enumeration. Add it to "
            ~ "macros/input/allowed_values.sql, which lists " ~ enumerations | join(', ') ~ "."
        ) }}
    {%- endif -%}
    {{ return(enumerations[enumeration]) }}
{%- endmacro %}
