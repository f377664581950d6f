{#-
    The input layer: the columns of every table that a user may supply. A table without
    shipped rows, such as `periods`, has no seed, nor has `observations`: its shipped rows are unpivoted from seeds/raw. Ignored columns are for human readers.
    violations_of_tables checks that each record has a key of its own (`key`), and that the columns hold values of
    their enumeration in allowed_values (`choices`; `optional_choices` may be empty) and numbers (`numbers`). Tables
    without a `key` have one of another kind, which a model of models/intermediate/checks or observations checks;
    invalid records of enterprises, events and consents are quarantined (models/intermediate/warnings), and so are
    those of loans and their features (models/intermediate/credit), coverage and ratings (models/intermediate/coverage)
    and links (models/intermediate/neighbours). A table with `any_columns` may have further ones, which its model reads.
    Tables of a `part` are checked apart from the others: those of warnings in int_input__warning_violations, so that
    `make day` checks them alone, those of other parts by their gates (int_credit__gate, int_coverage__gate).
-#}
{% macro input_tables() -%}
    {{ return({
        'observations': {
            'required': ['unit_id', 'period', 'indicator_code', 'value'],
            'optional': ['source'],
        },
        'units': {
            'required': ['unit_id', 'name_en', 'name_zh', 'region'],
            'optional': [],
            'key': ['unit_id'],
        },
        'indicators': {
            'required': [
                'indicator_code', 'name_en', 'name_zh', 'unit', 'source_agency', 'data_origin',
                'lower_bound', 'upper_bound', 'missing_policy',
            ],
            'optional': ['citation', 'range_factor'],
            'key': ['indicator_code'],
            'choices': ['data_origin', 'missing_policy'],
            'numbers': ['lower_bound', 'upper_bound'],
        },
        'indices': {
            'required': [
                'index_code', 'name_en', 'name_zh', 'normalization', 'score_base', 'score_span',
                'frame', 'weighting', 'aggregation',
            ],
            'optional': [
                'reference_last_period', 'minimum_weight_share', 'consistency_limit',
                'consistency_reason',
            ],
            'key': ['index_code'],
            'choices': ['normalization', 'frame', 'weighting', 'aggregation'],
            'numbers': ['score_base', 'score_span', 'minimum_weight_share'],
        },
        'index_nodes': {
            'required': [
                'index_code', 'node_code', 'parent_code', 'name_en', 'name_zh', 'fixed_weight',
            ],
            'optional': [],
            'key': ['index_code', 'node_code'],
            'numbers': ['fixed_weight'],
        },
        'index_indicators': {
            'required': ['index_code', 'indicator_code', 'node_code', 'direction'],
            'optional': ['fixed_weight', 'lower_goalpost', 'upper_goalpost'],
            'key': ['index_code', 'indicator_code'],
            'numbers': ['fixed_weight', 'lower_goalpost', 'upper_goalpost'],
        },
        'periods': {
            'required': ['period', 'label', 'starts_on'],
            'optional': [],
        },
        'ahp_judgements': {
            'required': [
                'index_code', 'parent_code', 'expert_id', 'item_a', 'item_b', 'judgement',
            ],
            'optional': [],
            'ignored': ['question'],
        },
        'pca_analyses': {
            'required': ['analysis_code', 'title', 'matrix'],
            'optional': ['published_matrix', 'checked_index_code'],
            'key': ['analysis_code'],
            'choices': ['matrix'],
        },
        'pca_variables': {
            'required': ['analysis_code', 'variable', 'source_kind', 'source_code'],
            'optional': ['reference_components'],
            'key': ['analysis_code', 'variable'],
            'choices': ['source_kind'],
        },
        'panel_variables': {
            'required': [
                'variable_code', 'source_kind', 'source_code', 'transform', 'scale', 'label_en',
            ],
            'optional': [],
            'key': ['variable_code'],
            'choices': ['source_kind', 'transform'],
            'numbers': ['scale'],
        },
        'panel_specs': {
            'required': [
                'spec_code', 'table_code', 'title', 'formula', 'sample_region', 'cluster',
            ],
            'optional': [],
            'key': ['spec_code'],
        },
        'panel_blocks': {
            'required': ['spec_code', 'block_code', 'block_number', 'term'],
            'optional': [],
            'key': ['spec_code', 'term'],
        },
        'policy_cases': {
            'required': ['case_code', 'title', 'spec_code', 'term'],
            'optional': [
                'unit_id', 'period', 'from_value', 'to_value', 'value_decimals', 'change_percent',
                'printed_change', 'printed_decimals', 'actual_change',
            ],
            'numbers': ['from_value', 'to_value', 'change_percent', 'printed_change', 'actual_change'],
        },
        'enterprises': {
            'required': [
                'enterprise_id', 'name', 'province_code', 'city', 'industry', 'registered_capital',
            ],
            'optional': ['exposure', 'registered_on', 'closed_on'],
            'part': 'warnings',
        },
        'enterprise_events': {
            'required': ['event_id', 'enterprise_id', 'occurred_at', 'recorded_at', 'event_type'],
            'optional': [
                'role', 'amount', 'ratio', 'count', 'result', 'note', 'warning', 'owner', 'snoozed_until',
            ],
            'part': 'warnings',
        },
        'enterprise_consents': {
            'required': ['enterprise_id', 'data_class', 'granted_at'],
            'optional': ['withdrawn_at'],
            'part': 'warnings',
        },
        'warning_rules': {
            'required': [
                'rule_code', 'title', 'event_type', 'role', 'measure', 'window_days', 'operator',
                'threshold', 'level',
            ],
            'optional': ['stands_days', 'is_repairable', 'is_active', 'replaces', 'reference'],
            'key': ['rule_code'],
            'choices': ['measure', 'operator'],
            'optional_choices': ['role', 'is_active'],
            'part': 'warnings',
        },
        'warning_levels': {
            'required': ['level', 'rank', 'measure', 'deadline_kind', 'deadline_amount'],
            'optional': ['reference'],
            'key': ['level'],
            'choices': ['deadline_kind'],
            'part': 'warnings',
        },
        'public_holidays': {
            'required': ['calendar_date', 'kind'],
            'optional': ['name', 'notice'],
            'key': ['calendar_date'],
            'choices': ['kind'],
            'part': 'warnings',
        },
        'loans': {
            'required': ['loan_id', 'decided_at', 'decision', 'outcome', 'amount'],
            'optional': ['enterprise_id', 'unit_id', 'matures_at', 'outcome_known_at'],
            'part': 'credit_models',
        },
        'loan_features': {
            'required': ['loan_id', 'feature', 'value'],
            'optional': ['known_at', 'source'],
            'part': 'credit_models',
        },
        'loan_features_wide': {
            'required': ['loan_id'],
            'optional': [],
            'any_columns': true,
            'part': 'credit_models',
        },
        'enterprise_links': {
            'required': ['from_enterprise_id', 'to_enterprise_id', 'kind', 'valid_from', 'known_at'],
            'optional': ['amount', 'share', 'valid_to'],
            'part': 'neighbours',
        },
        'credit_features': {
            'required': ['feature'],
            'optional': ['source', 'kind', 'trend', 'known_at', 'label'],
            'part': 'credit_models',
            'key': ['feature'],
            'optional_choices': ['source', 'kind', 'trend'],
        },
        'credit_models': {
            'required': [
                'model_code', 'learner', 'features', 'train_until', 'calibrate_until', 'test_until',
                'seed',
            ],
            'optional': [
                'title', 'outcomes', 'calibration', 'loss_given_default', 'interest_margin',
            ],
            'part': 'credit_models',
            'key': ['model_code'],
            'choices': ['learner'],
            'optional_choices': ['outcomes', 'calibration'],
            'numbers': ['loss_given_default', 'interest_margin'],
        },
        'coverage_records': {
            'required': ['enterprise_id', 'source', 'kind', 'first_day', 'last_day'],
            'optional': [],
            'part': 'coverage',
        },
        'ratings': {
            'required': ['enterprise_id', 'agency', 'region', 'grade', 'rated_at'],
            'optional': ['scale'],
            'part': 'coverage',
        },
        'rating_grades': {
            'required': ['scale', 'grade', 'notch'],
            'optional': [],
            'part': 'coverage',
            'key': ['scale', 'grade'],
        },
    }) }}
{%- endmacro %}
