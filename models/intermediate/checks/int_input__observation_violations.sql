{#- Violations by single observations, accepted or missing. -#}
{%- set read = ['observations', 'units', 'indicators'] %}
{%- set whole = read + ['indices', 'index_nodes', 'index_indicators'] %}

with

accepted as (

    select * from {{ ref('int_observations__accepted') }}

),

quarantined as (

    select * from {{ ref('int_observations__quarantined') }}

),

members as (

    select * from {{ ref('int_index__members') }}

),

units as (

    select * from {{ ref('int_catalog__units') }}

),

duplicates as (

    select
        {{ rule_and_place('observation_is_unique', read, records='records') }},
        'value' as column_name,
        records.value_as_read as value,
        concat_ws(
            '',
            'is a second record of unit_id ', records.unit_id, ', period ',
            cast(records.period as {{ dbt.type_string() }}), ', indicator_code ',
            records.indicator_code,
            '; the first is in row ', cast(records.first_source_row as {{ dbt.type_string() }}),
            '; keep the correct one'
        ) as reason
    from {{ ref('int_observations__duplicates') }} as records

),

none_accepted as (

    select
        {{ rule_and_place('some_observation_is_accepted', read, 'observations') }},
        {{ sql_text(none) }} as column_name,
        {{ sql_text(none) }} as value,
        'no record was accepted: all are quarantined' as reason
    from (select count(*) as n_quarantined from quarantined) as counted
    where
        n_quarantined > 0
        and not exists (select 1 from accepted)

),

unobserved_members as (

    select *
    from members
    where
        missing_policy <> 'skip'
        and not exists (
            select 1 from accepted
            where accepted.indicator_key = members.indicator_key
        )
        and exists (
            select 1 from {{ ref('int_index__rows') }} as index_rows
            where index_rows.index_key = members.index_key
        )

),

unobserved as (

    select
        {{ rule_and_place('indicator_has_observations', whole, 'observations') }},
        'indicator_code' as column_name,
        indicator_code as value,
        concat_ws(
            '', 'has no accepted observation, but the index ', index_code, ' requires it'
        ) as reason
    from unobserved_members

),

missing as (

    select
        {{ rule_and_place('required_cell_is_there', whole, 'observations') }},
        'value' as column_name,
        {{ sql_text(none) }} as value,
        concat_ws(
            '',
            'of ', members.indicator_code, ' is missing for unit_id ', units.unit_id, ', period ',
            cast(imputed.period as {{ dbt.type_string() }}), ', but the index ', members.index_code,
            ' requires it; ',
            case imputed.missing_policy
                when 'interpolate'
                    then
                        'it cannot be interpolated, since the unit has no observed period on both '
                        || 'sides of it; '
                when 'minimum'
                    then 'there is no accepted value in its frame to take the minimum of; '
                else ''
            end,
            'add the observation or choose another missing_policy in indicators'
        ) as reason
    from {{ ref('int_index__imputed_cells') }} as imputed
    inner join members
        on imputed.member_key = members.member_key
    inner join units
        on imputed.unit_key = units.unit_key
    where
        imputed.value is null
        and imputed.member_key not in (
            select unobserved_members.member_key from unobserved_members
        )

),

negative_values as (

    select
        {{ rule_and_place('values_are_not_negative_under_none', whole, records='typed') }},
        'value' as column_name,
        cast(typed.value_as_read as {{ dbt.type_string() }}) as value,
        concat_ws(
            '',
            'of ', typed.indicator_code, ' is negative, but the index ', members.index_code,
            ' has the normalization none, which does not accept negative values; use min_max'
        ) as reason
    from accepted
    inner join members
        on
            accepted.indicator_key = members.indicator_key
            and members.normalization = 'none'
    inner join {{ ref('int_observations__typed') }} as typed
        on
            accepted.unit_key = typed.unit_key
            and accepted.period = typed.period
            and accepted.indicator_key = typed.indicator_key
    where accepted.value < 0

)

select * from duplicates
union all
select * from none_accepted
union all
select * from unobserved
union all
select * from missing
union all
select * from negative_values
