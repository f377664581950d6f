{#- Accepted range of each data quality threshold, {variable: [smallest, largest, whether whole]}. -#}
{% macro quality_threshold_ranges() -%}
    {{ return({
        'jump_factor': [1, 1e9, false],
        'quality_range_factor': [1, 1e9, false],
        'quality_gap_factor': [1, 1e9, false],
        'quality_min_units': [1, 1e9, true],
        'quality_drift_level': [1e-9, 1, false],
        'quality_drift_distance': [0, 1, false],
        'quality_quarantined_warning': [0, 1, false],
        'quality_quarantined_critical': [0, 1, false],
        'quality_imputed_warning': [0, 1, false],
        'quality_imputed_critical': [0, 1, false],
        'quality_scored_critical': [0, 1, false],
        'quality_tied_warning': [0, 1, false],
        'quality_rank_move_warning': [0, 1, false],
        'quality_weight_warning': [0, 1, false],
        'quality_rank_correlation_warning': [-1, 1, false],
    }) }}
{%- endmacro %}

{#- A message with variable, value and accepted range if a threshold is invalid, else none. -#}
{% macro quality_threshold_fault(name) -%}
    {%- set value = var(name) -%}
    {%- set smallest, largest, is_whole = credit_indices.quality_threshold_ranges()[name] -%}
    {%- set is_number = value is number and value is not boolean -%}
    {%- if not (is_number and smallest <= value and value <= largest and (not is_whole or value is integer)) -%}
        {{ return(
            "the dbt variable " ~ name ~ " is " ~ (("'" ~ value ~ "'") if value is string else value)
            ~ "; expected a " ~ ('whole ' if is_whole else '') ~ 'number from ' ~ smallest ~ ' to '
            ~ ('%d' | format(largest))
            ~ (', without quotation marks' if value is string else '')
        ) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{#- The value of a dbt variable that is a data quality threshold. An invalid value stops the compilation. -#}
{% macro quality_threshold(name) -%}
    {%- set fault = credit_indices.quality_threshold_fault(name) -%}
    {%- if fault and execute -%}
        {{ exceptions.raise_compiler_error(fault) }}
    {%- endif -%}
    {{ return(var(name)) }}
{%- endmacro %}

{#- Stops a run before anything is built if a threshold is invalid, and lists all invalid thresholds. -#}
{% macro check_quality_thresholds() -%}
    {%- if execute and flags.WHICH in ['run', 'build', 'test'] -%}
        {%- set faults = [] -%}
        {%- for name in credit_indices.quality_threshold_ranges() -%}
            {%- set fault = credit_indices.quality_threshold_fault(name) -%}
            {%- if fault -%}
                {%- do faults.append('  - ' ~ fault) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if faults -%}
            {{ exceptions.raise_compiler_error(
                'The data quality thresholds are not valid: ' ~ faults | length
                ~ ' fault(s). Nothing was built.\n' ~ faults | join('\n')
                ~ '\nSee dbt_project.yml (vars) and docs/methods/data_quality.md.'
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
