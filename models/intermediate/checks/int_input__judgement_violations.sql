{#-
    Invalid records of judgements, and faults of the judgements as a whole: items that no chain of comparisons
    connects, and a group that contradicts itself.
-#}
{%- set indices = ref('int_catalog__indices') %}
{%- set nodes = ref('int_catalog__nodes') %}
{%- set members = ref('int_catalog__index_indicators') %}
{%- set random_index_table = var('ahp_random_index_table') %}
{%- set judged = ['ahp_judgements', 'indices', 'index_nodes', 'index_indicators'] %}
{%- set is_ahp = "rows.index_code in (select index_code from " ~ indices
    ~ " where weighting = 'ahp')" %}
{%- set judgement = to_number('rows.judgement') %}

with

judgements as (

    {%- for key in ['index_code', 'parent_code', 'expert_id', 'item_a', 'item_b'] %}
    {{ violations_of(
        'key_is_given', 'ahp_judgements', key, "'is empty'", 'rows.' ~ key ~ ' is null'
    ) }}
    union all
    {%- endfor %}
    {{ violations_of(
        'index_is_known', 'ahp_judgements', 'index_code',
        "'is unknown: indices are listed in indices'",
        "rows.origin = 'file' and rows.index_code not in (select index_code from " ~ indices ~ ")",
        ['ahp_judgements', 'indices']
    ) }}
    union all
    {{ violations_of(
        'expert_is_not_the_group', 'ahp_judgements', 'expert_id',
        "'is reserved for all experts together; rename the expert'",
        "rows.expert_id = 'group'"
    ) }}
    union all
    {{ violations_of(
        'parent_is_known', 'ahp_judgements', 'parent_code',
        "concat_ws('', 'is not a node of the index ', rows.index_code)",
        "rows.origin = 'file' and " ~ is_ahp ~ " and not exists (select 1 from " ~ nodes
            ~ " as nodes where nodes.index_code = rows.index_code and nodes.node_code = rows.parent_code)",
        judged
    ) }}
    union all
    {%- for item in ['item_a', 'item_b'] %}
    {{ violations_of(
        'items_are_children_of_their_parent', 'ahp_judgements', item,
        "concat_ws('', 'is not a child of ', rows.parent_code, ' in the index ', rows.index_code, ': no node or indicator with this parent has the code')",
        "rows.origin = 'file' and " ~ is_ahp ~ " and exists (select 1 from " ~ nodes
            ~ " as nodes where nodes.index_code = rows.index_code and nodes.node_code = rows.parent_code)"
            ~ " and not exists (select 1 from " ~ nodes ~ " as nodes where nodes.index_code = rows.index_code"
            ~ " and nodes.parent_code = rows.parent_code and nodes.node_code = rows." ~ item ~ ")"
            ~ " and not exists (select 1 from " ~ members ~ " as members where members.index_code = rows.index_code"
            ~ " and members.node_code = rows.parent_code and members.indicator_code = rows." ~ item ~ ")",
        judged
    ) }}
    union all
    {%- endfor %}
    {{ violations_of(
        'items_differ', 'ahp_judgements', 'item_b', "'is compared with itself'",
        'rows.item_a = rows.item_b'
    ) }}
    union all
    {{ violations_of(
        'judgement_is_a_positive_number', 'ahp_judgements', 'judgement',
        "'is not a number above 0 (from 0.000001 to 1000000): write how many times as important item_a is as item_b, such as 3, or 0.333 for a third; leave it empty if it is unknown'",
        "rows.judgement is not null and coalesce(" ~ judgement ~ ", 0) not between 1e-6 and 1e6"
    ) }}

),

typed_judgements as (

    select
        *,
        {{ to_number('judgement') }} as judgement_value
    from {{ ref('stg_input__ahp_judgements') }}

),

-- A pair may be given in either order, or in both orders if the records agree (3, .33).
contradictions as (

    select
        {{ rule_and_place('pair_is_judged_once', ['ahp_judgements'], records='later') }},
        'judgement' as column_name,
        later.judgement as value,
        concat_ws(
            '',
            'of ', later.item_a, ' over ', later.item_b, ' by ', later.expert_id,
            ' contradicts row ', cast(earlier.source_row as {{ dbt.type_string() }}),
            ', which has ', earlier.judgement, ' for ', earlier.item_a, ' over ', earlier.item_b,
            '; keep the correct judgement'
        ) as reason
    from typed_judgements as later
    inner join typed_judgements as earlier
        on
            later.index_code = earlier.index_code
            and later.parent_code = earlier.parent_code
            and later.expert_id = earlier.expert_id
            and later.source_row > earlier.source_row
            and later.judgement_value is not null
            and earlier.judgement_value is not null
            and (
                (
                    later.item_a = earlier.item_a
                    and later.item_b = earlier.item_b
                    and later.judgement_value <> earlier.judgement_value
                )
                or (
                    later.item_a = earlier.item_b
                    and later.item_b = earlier.item_a
                    -- Reciprocals may be rounded to two decimals.
                    and abs(
                        least(later.judgement_value, earlier.judgement_value)
                        - 1 / nullif(greatest(later.judgement_value, earlier.judgement_value), 0)
                    ) > 0.005000001
                )
            )

),

priorities as (

    select distinct
        index_code,
        parent_code,
        n_items,
        n_pairs_missing,
        is_connected,
        consistency_ratio,
        message
    from {{ ref('ahp_priorities') }}
    where expert_id = 'group'

),

indices as (

    select * from {{ indices }}

),

sources as (

    select
        coalesce(max(source_file), 'ahp_judgements.csv') as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row
    from {{ ref('stg_input__ahp_judgements') }}

),

items as (

    select * from {{ ref('int_ahp__items') }}

),

unconnected as (

    select
        {{ rule_and_place('comparisons_are_connected', judged, records='sources') }},
        'parent_code' as column_name,
        priorities.parent_code as value,
        concat_ws(
            '',
            'of the index ', priorities.index_code,
            case
                when priorities.n_pairs_missing = priorities.n_items * (priorities.n_items - 1) / 2
                    then ' has no judgements, but the index has AHP weights'
                else concat_ws(
                    '',
                    ' has children that no chain of comparisons connects: ',
                    priorities.message
                )
            end,
            '; make ahp-sheet INDEX=', priorities.index_code, ' writes a sheet with all questions'
        ) as reason
    from priorities
    cross join sources
    where not priorities.is_connected

),

inconsistent as (

    select
        {{ rule_and_place('judgements_are_consistent', judged, records='sources') }},
        'parent_code' as column_name,
        priorities.parent_code as value,
        concat_ws(
            '',
            'of the index ', priorities.index_code, ': the judgements of the group have a '
            || 'consistency ratio of ',
            cast(round(priorities.consistency_ratio, 3) as {{ dbt.type_string() }}),
            ', more than ', cast(indices.consistency_limit as {{ dbt.type_string() }}),
            ', by the random indices {{ random_index_table }}. The least consistent triad: ',
            coalesce(priorities.message, 'none is complete'),
            '. Ask the experts to revise it, or accept the judgements as they are: write '
            || 'consistency_limit and consistency_reason in indices'
        ) as reason
    from priorities
    inner join indices
        on priorities.index_code = indices.index_code
    cross join sources
    where priorities.consistency_ratio > indices.consistency_limit

),

ambiguous as (

    select
        {{ rule_and_place('items_have_different_codes', judged, 'index_indicators') }},
        'indicator_code' as column_name,
        item_code as value,
        concat_ws(
            '',
            'is also a node under the same parent ', parent_code, ' of the index ', index_code,
            ': judgements cannot distinguish them; rename one'
        ) as reason
    from items
    group by index_code, parent_code, item_code
    having count(*) > 1

),

unknown_table as (

    select
        {{ rule_and_place('random_index_table_is_known', judged, 'dbt_project.yml') }},
        'ahp_random_index_table' as column_name,
        {{ sql_text(random_index_table) }} as value,
        concat_ws(
            '',
            'is not a table of random indices; available are ',
            {{ dbt.listagg('random_index_table', "', '", 'order by random_index_table') }}
        ) as reason
    from (
        select distinct random_index_table from {{ ref('ahp_random_indices') }}
    ) as tables
    having
        max(case when random_index_table = {{ sql_text(random_index_table) }} then 1 else 0 end)
        = 0

)

select * from judgements
union all
select * from contradictions
union all
select * from unconnected
union all
select * from inconsistent
union all
select * from ambiguous
union all
select * from unknown_table
