{#- What only the whole of the judgements can tell: comparisons that leave items apart, and contradictions. -#}
{%- set random_index_table = var('ahp_random_index_table') %}
{%- set needs = 'ahp_judgements indices index_nodes index_indicators' %}

with

priorities as (

    select distinct
        index_code,
        parent_code,
        is_connected,
        consistency_ratio,
        accepted,
        message
    from {{ ref('ahp_priorities') }}
    where expert_id = 'group'

),

sources as (

    select coalesce(max(source_file), 'ahp_judgements.csv') as source_file
    from {{ ref('stg_input__ahp_judgements') }}

),

items as (

    select * from {{ ref('int_ahp__items') }}

),

unconnected as (

    select
        'comparisons_are_connected' as rule,
        sources.source_file,
        'parent_code' as column_name,
        priorities.parent_code as value,
        concat(
            'of the index ', priorities.index_code,
            ' has children without a chain of comparisons between them: ', priorities.message,
            '; compare them (make ahp-sheet INDEX=', priorities.index_code,
            ' writes all the questions)'
        ) as reason
    from priorities
    cross join sources
    where not priorities.is_connected

),

inconsistent as (

    select
        'judgements_are_consistent' as rule,
        sources.source_file,
        'parent_code' as column_name,
        priorities.parent_code as value,
        concat(
            'of the index ', priorities.index_code, ': the judgements of the group have a '
            || 'consistency ratio of ',
            cast(round(priorities.consistency_ratio, 3) as {{ dbt.type_string() }}),
            ', more than 0.10, by the random indices {{ random_index_table }}. The worst triad: ',
            coalesce(priorities.message, 'none is complete'), '. Have the experts look at it again'
        ) as reason
    from priorities
    cross join sources
    where not priorities.accepted

),

ambiguous as (

    select
        'items_have_different_codes' as rule,
        'index_indicators' as source_file,
        'indicator_code' as column_name,
        item_code as value,
        concat(
            'is a node too, under the same parent ', parent_code, ' of the index ', index_code,
            ': judgements cannot tell the two apart; rename one of them'
        ) as reason
    from items
    group by index_code, parent_code, item_code
    having count(*) > 1

),

unknown_table as (

    select
        'random_index_table_is_known' as rule,
        'dbt_project.yml' as source_file,
        'ahp_random_index_table' as column_name,
        {{ sql_text(random_index_table) }} as value,
        concat(
            'is not a table of random indices; there are ',
            {{ dbt.listagg('random_index_table', "', '", 'order by random_index_table') }}
        ) as reason
    from (
        select distinct random_index_table from {{ ref('ahp_random_indices') }}
    ) as tables
    having max(case when random_index_table = {{ sql_text(random_index_table) }} then 1 else 0 end) = 0

),

unioned as (

    select * from unconnected
    union all
    select * from inconsistent
    union all
    select * from ambiguous
    union all
    select * from unknown_table

)

select
    rule,
    '{{ needs }}' as needs,
    source_file,
    cast(null as {{ dbt.type_bigint() }}) as source_row,
    column_name,
    value,
    reason

from unioned
