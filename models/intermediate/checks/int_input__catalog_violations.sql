{%- set indices = ref('int_catalog__indices') %}
{%- set nodes = ref('int_catalog__nodes') %}
{%- set indicators = ref('int_catalog__indicators') %}
{%- set members = ref('int_catalog__index_indicators') %}
{#- Shipped rows about an index that lacks data in this run are not checked. -#}
{%- set asked = "(rows.origin = 'file' or rows.index_code in (select index_code from "
    ~ ref('int_index__data_availability') ~ " where has_complete_data))" %}
{%- set hierarchy = ['indices', 'index_nodes'] %}
{%- set whole = ['indices', 'index_nodes', 'index_indicators', 'indicators'] %}

with

indicators as (

    {{ violations_of(
        'range_factor_is_above_one', 'indicators', 'range_factor',
        "'is not a number from 1 to 1e9: the factor by which a value or a change may exceed the usual range; leave it empty for quality_range_factor'",
        "rows.range_factor is not null and coalesce(" ~ to_number('rows.range_factor')
            ~ ", 0) not between 1 and 1e9"
    ) }}
    union all
    {{ violations_of(
        'bounds_are_in_order', 'indicators', 'lower_bound',
        "concat_ws('', 'is above the upper bound ', rows.upper_bound)",
        to_number('rows.lower_bound') ~ ' > ' ~ to_number('rows.upper_bound')
    ) }}

),

indices as (

    {{ violations_of(
        'score_span_is_not_too_large', 'indices', 'score_span',
        "concat_ws('', 'and the score_base ', rows.score_base, ' are too large: sums of scores may overflow; use smaller values, such as 60 and 40')",
        'abs(' ~ to_number('rows.score_base') ~ ') > 1e100 or abs(' ~ to_number('rows.score_span') ~ ') > 1e100'
    ) }}
    union all
    {{ violations_of_period('indices', 'reference_last_period') }}
    union all
    {{ violations_of(
        'consistency_limit_is_positive', 'indices', 'consistency_limit',
        "'is not a number above 0, such as 0.2; leave it empty for 0.10'",
        "rows.consistency_limit is not null and coalesce(" ~ to_number('rows.consistency_limit') ~ ", 0) <= 0"
    ) }}
    union all
    {{ violations_of(
        'consistency_limit_has_a_reason', 'indices', 'consistency_limit',
        "'is above 0.10 and needs a reason: write in consistency_reason why inconsistent judgements are used, such as their publication'",
        to_number('rows.consistency_limit') ~ " > 0.10 and rows.consistency_reason is null"
    ) }}
    union all
    {{ violations_of(
        'consistency_limit_is_of_ahp', 'indices', 'consistency_limit',
        "concat_ws('', 'has no meaning under the weighting ', rows.weighting, ': only ahp has judgements; leave it empty')",
        "rows.consistency_limit is not null and rows.weighting <> 'ahp'"
    ) }}
    union all
    {{ violations_of(
        'efficacy_has_a_base', 'indices', 'score_base',
        "'is empty: efficacy coefficients run from score_base to score_base + score_span, such as 60 and 40'",
        "rows.normalization = 'efficacy' and rows.score_base is null"
    ) }}
    union all
    {{ violations_of(
        'shares_are_not_negative', 'indices', 'score_base',
        "'must not be negative where the aggregation is weighted_share: shares of negative values have no meaning'",
        "rows.normalization = 'efficacy' and rows.aggregation = 'weighted_share' and "
            ~ to_number('rows.score_base') ~ " < 0"
    ) }}
    union all
    {{ violations_of(
        'efficacy_has_a_positive_span', 'indices', 'score_span',
        "'must be a number above 0: efficacy coefficients run from score_base to score_base + score_span'",
        "rows.normalization = 'efficacy' and coalesce(" ~ to_number('rows.score_span') ~ ", 0) <= 0"
    ) }}
    union all
    {{ violations_of(
        'reference_needs_a_pooled_frame', 'indices', 'reference_last_period',
        "'requires the frame pooled: under by_period, a frame is a single period and has no later rows'",
        "rows.frame = 'by_period' and rows.reference_last_period is not null"
    ) }}
    union all
    {{ violations_of(
        'minimum_weight_share_is_a_share', 'indices', 'minimum_weight_share',
        "'is not between 0 and 1'",
        to_number('rows.minimum_weight_share') ~ ' not between 0 and 1'
    ) }}
    union all
    {{ violations_of(
        'index_has_a_root', 'indices', 'index_code',
        "'has no root: index_nodes needs one row with this index_code, the same node_code and an empty parent_code'",
        asked ~ " and rows.index_code not in (select index_code from " ~ ref('stg_input__index_nodes')
            ~ " where parent_code is null and index_code is not null)",
        hierarchy
    ) }}
    union all
    {{ violations_of(
        'index_has_indicators', 'indices', 'index_code',
        "'has no indicators: list them in index_indicators'",
        asked ~ " and rows.index_code not in (select index_code from "
            ~ ref('stg_input__index_indicators') ~ " where index_code is not null)",
        ['indices', 'index_indicators']
    ) }}

),

index_nodes as (

    {{ violations_of(
        'fixed_weight_is_not_too_large', 'index_nodes', 'fixed_weight',
        "'is above 1e100: sums of such weights may overflow; only their proportions count'",
        to_number('rows.fixed_weight') ~ ' > 1e100'
    ) }}
    union all
    {{ violations_of(
        'index_is_known', 'index_nodes', 'index_code',
        "'is unknown: indices are listed in indices'",
        "rows.origin = 'file' and rows.index_code not in (select index_code from " ~ indices ~ ")",
        hierarchy
    ) }}
    union all
    {{ violations_of(
        'parent_is_known', 'index_nodes', 'parent_code',
        "concat_ws('', 'is not a node of the index ', rows.index_code)",
        asked ~ " and rows.parent_code is not null and not exists (select 1 from " ~ nodes
            ~ " as nodes where nodes.index_code = rows.index_code and nodes.node_code = rows.parent_code)"
    ) }}
    union all
    {{ violations_of(
        'index_has_one_root', 'index_nodes', 'node_code',
        "concat_ws('', 'is a second root of the index ', rows.index_code, ': only one node has an empty parent_code')",
        asked ~ " and rows.parent_code is null and exists (select 1 from "
            ~ ref('stg_input__index_nodes') ~ " as others where others.index_code = rows.index_code "
            ~ "and others.parent_code is null and others.node_code <> rows.node_code "
            ~ "and (others.node_code = rows.index_code "
            ~ "or (rows.node_code <> rows.index_code and others.source_row < rows.source_row)))"
    ) }}
    union all
    {{ violations_of(
        'root_has_the_code_of_the_index', 'index_nodes', 'node_code',
        "concat_ws('', 'is the root of the index ', rows.index_code, ': the root has the code of its index')",
        asked ~ " and rows.parent_code is null and rows.node_code <> rows.index_code and not exists (select 1 from "
            ~ ref('stg_input__index_nodes') ~ " as others where others.index_code = rows.index_code "
            ~ "and others.parent_code is null and others.node_code <> rows.node_code)"
    ) }}
    union all
    {{ violations_of(
        'hierarchy_has_no_cycle', 'index_nodes', 'parent_code',
        "concat_ws('', 'makes a cycle: the node ', rows.node_code, ' is its own ancestor')",
        asked ~ " and exists (select 1 from " ~ nodes ~ " as nodes where nodes.index_code = rows.index_code "
            ~ "and nodes.node_code = rows.node_code and nodes.is_on_cycle)"
    ) }}
    union all
    {{ violations_of(
        'hierarchy_has_eight_levels_at_most', 'index_nodes', 'node_code',
        "'is deeper than eight levels, counting the root as the first'",
        asked ~ " and exists (select 1 from " ~ nodes ~ " as nodes where nodes.index_code = rows.index_code "
            ~ "and nodes.node_code = rows.node_code and nodes.level is null) and not exists (select 1 from "
            ~ nodes ~ " as nodes where nodes.index_code = rows.index_code and nodes.is_on_cycle)"
    ) }}
    union all
    {{ violations_of(
        'node_has_children', 'index_nodes', 'node_code',
        "concat_ws('', 'of the index ', rows.index_code, ' has no children: neither a node nor an indicator names it')",
        asked ~ " and not exists (select 1 from " ~ ref('stg_input__index_nodes')
            ~ " as children where children.index_code = rows.index_code and children.parent_code = rows.node_code)"
            ~ " and not exists (select 1 from " ~ ref('stg_input__index_indicators')
            ~ " as children where children.index_code = rows.index_code and children.node_code = rows.node_code)",
        ['index_nodes', 'index_indicators']
    ) }}
    union all
    {{ violations_of(
        'fixed_weights_are_given', 'index_nodes', 'fixed_weight',
        "concat_ws('', 'of the node ', rows.node_code, ' must be a number of at least 0: the index ', rows.index_code, ' has fixed weights')",
        asked ~ " and rows.parent_code is not null and coalesce(" ~ to_number('rows.fixed_weight')
            ~ ", -1) < 0 and rows.index_code in (select index_code from " ~ indices
            ~ " where weighting = 'fixed')",
        hierarchy
    ) }}
    union all
    {{ violations_of(
        'fixed_weights_are_not_all_zero', 'index_nodes', 'fixed_weight',
        "concat_ws('', 'is 0 for every child of ', rows.parent_code, ': at least one weight must be above 0')",
        asked ~ " and rows.index_code in (select index_code from " ~ indices ~ " where weighting = 'fixed')"
            ~ " and exists (select 1 from " ~ nodes ~ " as siblings where siblings.index_code = rows.index_code"
            ~ " and siblings.parent_code = rows.parent_code group by siblings.parent_code"
            ~ " having min(coalesce(siblings.fixed_weight, -1)) >= 0 and max(siblings.fixed_weight) = 0)"
            ~ " and not exists (select 1 from " ~ members ~ " as members where members.index_code = rows.index_code"
            ~ " and members.node_code = rows.parent_code and coalesce(members.fixed_weight, 1) > 0)",
        whole
    ) }}

),

index_indicators as (

    {{ violations_of(
        'index_is_known', 'index_indicators', 'index_code',
        "'is unknown: indices are listed in indices'",
        "rows.origin = 'file' and rows.index_code not in (select index_code from " ~ indices ~ ")",
        ['indices', 'index_indicators']
    ) }}
    union all
    {{ violations_of(
        'indicator_is_known', 'index_indicators', 'indicator_code',
        "'is unknown: indicators are listed in indicators'",
        asked ~ " and rows.indicator_code not in (select indicator_code from " ~ indicators ~ ")",
        ['index_indicators', 'indicators']
    ) }}
    union all
    {{ violations_of(
        'node_is_known', 'index_indicators', 'node_code',
        "concat_ws('', 'is not a node of the index ', rows.index_code, ': nodes are listed in index_nodes')",
        asked ~ " and not exists (select 1 from " ~ nodes ~ " as nodes where nodes.index_code = rows.index_code"
            ~ " and nodes.node_code = rows.node_code)",
        ['index_nodes', 'index_indicators']
    ) }}
    union all
    {{ violations_of(
        'direction_is_1_or_minus_1', 'index_indicators', 'direction',
        "'must be 1 (more is better) or -1 (less is better)'",
        "coalesce(" ~ to_integer('rows.direction') ~ ", 0) not in ("
            ~ allowed_values('index_indicators.direction') | join(', ') ~ ")"
    ) }}
    union all
    {{ violations_of(
        'fixed_weight_is_not_too_large', 'index_indicators', 'fixed_weight',
        "'is above 1e100: sums of such weights may overflow; only their proportions count'",
        to_number('rows.fixed_weight') ~ ' > 1e100'
    ) }}
    union all
    {{ violations_of(
        'goalposts_are_in_order', 'index_indicators', 'lower_goalpost',
        "concat_ws('', 'must be below the upper goalpost ', rows.upper_goalpost)",
        to_number('rows.lower_goalpost') ~ ' >= ' ~ to_number('rows.upper_goalpost')
    ) }}
    union all
    {%- for goalpost in ['lower_goalpost', 'upper_goalpost'] %}
    {{ violations_of(
        'no_normalization_has_no_goalposts', 'index_indicators', goalpost,
        "concat_ws('', 'has no meaning: the index ', rows.index_code, ' has the normalization none; leave it empty')",
        asked ~ " and rows." ~ goalpost ~ " is not null and rows.index_code in (select index_code from "
            ~ indices ~ " where normalization = 'none')",
        ['indices', 'index_indicators']
    ) }}
    union all
    {%- endfor %}
    {{ violations_of(
        'no_normalization_has_no_negative_direction', 'index_indicators', 'direction',
        "concat_ws('', 'is not possible: the index ', rows.index_code, ' has the normalization none, which cannot reverse an indicator; use min_max')",
        asked ~ " and " ~ to_integer('rows.direction') ~ " = -1 and rows.index_code in (select index_code from "
            ~ indices ~ " where normalization = 'none')",
        ['indices', 'index_indicators']
    ) }}
    union all
    {{ violations_of(
        'skip_needs_a_weighted_mean', 'index_indicators', 'indicator_code',
        "concat_ws('', 'has the missing policy skip, which requires an index with the aggregation weighted_mean; ', rows.index_code, ' has weighted_share')",
        asked ~ " and rows.indicator_code in (select indicator_code from " ~ indicators
            ~ " where missing_policy = 'skip') and rows.index_code in (select index_code from " ~ indices
            ~ " where aggregation = 'weighted_share')",
        ['indices', 'index_indicators', 'indicators']
    ) }}
    union all
    {{ violations_of(
        'fixed_weights_are_given', 'index_indicators', 'fixed_weight',
        "concat_ws('', 'of the indicator ', rows.indicator_code, ' must be a number of at least 0: give it for all children of the node ', rows.node_code, ' or, where they are all indicators, for none of them (equal weights)')",
        asked ~ " and rows.index_code in (select index_code from " ~ indices ~ " where weighting = 'fixed')"
            ~ " and (" ~ to_number('rows.fixed_weight') ~ " < 0 or (rows.fixed_weight is null and (exists (select 1 from "
            ~ ref('stg_input__index_indicators') ~ " as siblings where siblings.index_code = rows.index_code"
            ~ " and siblings.node_code = rows.node_code and siblings.fixed_weight is not null) or exists (select 1 from "
            ~ ref('stg_input__index_nodes') ~ " as siblings where siblings.index_code = rows.index_code"
            ~ " and siblings.parent_code = rows.node_code))))",
        ['indices', 'index_nodes', 'index_indicators']
    ) }}

),

unioned as (

    select * from indicators
    union all
    select * from indices
    union all
    select * from index_nodes
    union all
    select * from index_indicators

)

select * from unioned
