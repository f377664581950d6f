{#-
    Units of measurement of the columns of public tables, {unit: columns}. A column is given by its name, or by
    table.name if the same name has several units. 'none' is a pure number.
-#}
{% macro column_units() -%}
    {{ return({
        'count': [
            'components_kept', 'decided', 'enterprises', 'imputed_cells', 'in_time', 'k_counted',
            'kept_without_consent', 'n', 'passed', 'quarantined', 'records', 'signals', 'unexpected_count',
            'used', 'warned', 'without_consent', 'bootstrap_draws', 'fitted_units', 'parallel_draws',
            'alerts_live', 'alerts_trial', 'earlier', 'flapping', 'gained', 'later', 'lost', 'only_this',
            'overlapping', 'red_within_90', 'signals_a', 'unchanged',
            'circles', 'exposed', 'exposed_within_two', 'failed', 'in_circles', 'linked', 'links',
            'warning_exposure.overdue', 'warning_exposure.warnings', 'with_exposure',
        ],
        'count per bin': ['fitted_height'],
        'signals per 1,000 enterprises and week': ['alerts_per_1000_weekly'],
        'degrees of freedom': ['bartlett_df', 'df', 'wald_df1', 'wald_df2'],
        'number in a sequence': [
            'block_number', 'claim_number', 'column_number', 'component', 'episode', 'piece', 'source_row',
            'spec_number', 'statement_number', 'step', 'term_number', 'variable_number', 'grid_column', 'grid_row',
            'bin_number', 'finding_number', 'point_number',
        ],
        'code': ['bootstrap_seed', 'parallel_seed', 'seed'],
        'period': ['period', 'first_period', 'last_period'],
        'yuan': ['amount_at_risk', 'total_exposure'],
        'days': [
            'days_in_level', 'detection_days', 'lead_days', 'median_days_earlier', 'median_days_later',
        ],
        'rank': ['level_rank', 'official_rank', 'rank', 'rank_overall', 'z1_rank', 'importance_rank'],
        'ranks': [
            'bin_centre', 'bin_width', 'fitted_centre', 'fitted_sd', 'from_difference', 'from_gap',
            'mean_absolute_difference', 'rank_difference', 'sampling_step', 'sd_of_rank_differences',
            'to_difference', 'to_gap', 'rank_difference_fits.mean', 'rank_difference_fits.sd',
        ],
        'sum of level ranks': ['enterprise_status.score'],
        'share': [
            'cumulative', 'divergence', 'effect_share', 'entropy', 'global_weight', 'node_weight', 'pass_rate',
            'proportion', 'r2_overall', 'r2_within', 'r2_within_after', 'r2_within_before', 'r2_within_gain',
            'r2_within_gain_last', 'shapley_share', 'shapley_value', 'share_desensitised', 'share_explained',
            'share_of_variance', 'share_reversed', 'share_warned', 'share_within_50', 'smallest_within_share',
            'variance_share', 'weight', 'scdbi.score', 'scdbi.data_infrastructure',
            'scdbi.digital_technology', 'scdbi.user_application', 'scdbi.policy_coordination',
            'scdbi.credit_efficiency', 'gain_share', 'importance_share', 'base_rate', 'overlap', 'precision',
            'precision_gained', 'recall', 'share', 'share_low', 'share_high', 'share_exact', 'share_within_a_notch',
            'published_share', 'computed_share', 'debt_rank', 'share_exposed',
        ],
        'probability': [
            'ar_p_value', 'bartlett_p_value', 'correlation_p_value', 'hansen_j_p_value', 'p_value',
            'p_value_cr3', 'p_value_wild', 'probability', 'wald_p_value',
            'cost_threshold', 'incidence', 'jackknife_p_value', 'km', 'warning_survival.ci_high',
            'warning_survival.ci_low',
        ],
        'percent': ['change_percent'],
        'points of the index': [
            'index_node_scores.score', 'index_scores.score', 'official_score', 'policy_grid.from_value',
            'policy_grid.to_value', 'z1_score',
        ],
        'points, 60 to 100': [
            'cei.corporate_experience', 'cei.credit_education', 'cei.credit_launch',
            'cei.credit_reporting_system', 'cei.dishonesty', 'cei.enterprise_risk_management',
            'cei.government_credit_monitoring', 'cei.score',
        ],
        'unit of the variable': [
            'descriptive_statistics.mean', 'descriptive_statistics.sd', 'maximum', 'minimum',
        ],
        'unit of the claim': [
            'published', 'published_claims.lower', 'published_claims.upper', 'recomputed',
        ],
        'unit of the outcome': [
            'actual_change', 'policy_grid.lower', 'policy_grid.upper', 'policy_simulation.lower',
            'policy_simulation.upper', 'printed_change', 'simulated_change',
        ],
        'unit of the outcome per unit of the term': [
            'ar_high', 'ar_low', 'ar_set_pieces.high', 'ar_set_pieces.low', 'ci_high_cr3', 'ci_low_cr3',
            'coefficient', 'effect', 'estimate', 'leave_one_out_high', 'leave_one_out_low',
            'minimum_detectable_effect', 'panel_estimates.ci_high', 'panel_estimates.ci_low', 'std_error',
            'std_error_cr3', 'total_effect',
        ],
        'unit of the reading': ['delta'],
        'unit of the metric': [
            'bootstrap_high', 'bootstrap_low', 'credit_model_groups.value', 'credit_model_performance.ci_high',
            'credit_model_performance.ci_low', 'credit_model_performance.value',
        ],
        'unit of the quantity': [
            'credit_model_claims.high', 'credit_model_claims.low', 'credit_model_claims.value', 'published_value',
        ],
        'unit of the feature': ['number', 'scorecard_points.lower', 'scorecard_points.upper'],
        'points of the scorecard': ['points'],
        'log odds': [
            'credit_index_effects.ci_high', 'credit_index_effects.ci_low', 'importance', 'weight_of_evidence',
        ],
        'log odds per standard deviation': [
            'credit_index_effects.coefficient', 'credit_index_effects.std_error', 'jackknife_std_error',
        ],
        'unit of the source': ['policy_simulation.from_value', 'policy_simulation.to_value'],
        'standard deviations of the outcome per standard deviation of the term': ['standardized_estimate'],
        'none': [
            'agreement_tests.ci_high', 'agreement_tests.ci_low', 'bartlett_statistic',
            'coefficient_of_variation', 'consistency_index', 'consistency_ratio', 'correlation_eigenvalue',
            'correlation_with_index', 'cragg_donald', 'excess_kurtosis', 'f_effective',
            'f_effective_critical_value', 'f_first_stage', 'first_component_loading', 'hansen_j',
            'kleibergen_paap', 'kmo', 'lambda_max', 'loading', 'parallel_95', 'parallel_mean',
            'pca_composite_scores.score', 'pca_scores.score', 'random_index', 'skewness', 'spearman',
            'statistic', 'variable_kmo', 'wald_f', 'z1', 'information_value', 'scorecard_points.coefficient',
            'lift', 'kappa_linear', 'kappa_linear_low', 'kappa_linear_high', 'kappa_quadratic', 'kappa_quadratic_low',
            'kappa_quadratic_high',
        ],
        'variance of the variables': ['eigenvalue', 'pca_components.difference'],
    }) }}
{%- endmacro %}

{#- The units of column_units, {column, or table.column: unit}. -#}
{% macro unit_by_column() -%}
    {%- set units = {} -%}
    {%- for unit, columns in credit_indices.column_units().items() -%}
        {%- for column in columns -%}
            {%- do units.update({column: unit}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(units) }}
{%- endmacro %}

{#-
    The unit of measurement of a column: config.meta.unit of its YAML, else that of column_units, else count for a
    name that begins with n_. None if there is no unit, as for texts and times.
-#}
{% macro column_unit(units, table, column) -%}
    {%- set of_yaml = ((column.config or {}).get('meta') or {}).get('unit') -%}
    {%- set of_name = units[table ~ '.' ~ column.name] or units[column.name] -%}
    {{ return(of_yaml or of_name or ('count' if column.name.startswith('n_') else none)) }}
{%- endmacro %}
