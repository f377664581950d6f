{#-
    Start and end of the change of a case, on the scale of its term's source (a score, not 100 times it), and
    the faults of the case. A half is half a unit of the last printed digit.
-#}
{%- set numbers = ['from_value', 'to_value', 'change_percent', 'printed_change', 'actual_change'] %}

with

records as (

    select
        case_code,
        coalesce(spec_code, '') as spec_code,
        title,
        term,
        unit_id,
        {{ to_period('period') }} as period,
        {%- for number in numbers %}
        {{ to_number(number) }} as {{ number }},
        {%- endfor %}
        {%- for number in ['value', 'printed'] %}
        coalesce(power(10, -{{ to_integer(number ~ '_decimals') }}) / 2, 0) as {{ number }}_half,
        {%- endfor %}
        concat_ws(
            '', source_file, ' row ', cast(source_row as {{ dbt.type_string() }}), ': '
        ) as place
    from {{ ref('stg_input__policy_cases') }}

),

variables as (

    select * from {{ ref('int_panel__variables') }}

),

units as (

    select * from {{ ref('int_catalog__units') }}

),

-- Indices of shares, which cannot be negative. Excluded are indices with a reference period,
-- since later rows may lie outside the scale.
shares as (

    select index_code
    from {{ ref('int_catalog__indices') }}
    where
        aggregation = 'weighted_share'
        and reference_last_period is null

),

printed as (

    select distinct term
    from {{ ref('int_policy__printed_coefficients') }}

),

-- The value of the source, before scale and transform.
own_values as (

    select
        panel.variable_code,
        panel.unit_id,
        panel.period,
        {{ case_by_value('panel_variables.transform', 'variables.transform', {
            'identity': 'panel.value / nullif(variables.scale, 0)',
            'log': 'exp(panel.value / nullif(variables.scale, 0))',
        }) }} as own_value
    from {{ ref('int_panel__long') }} as panel
    inner join variables
        on panel.variable_code = variables.variable_code

),

placed as (

    select
        records.*,
        variables.transform,
        variables.scale,
        variables.variable_code is not null as is_known_term,
        printed.term is not null as is_printed_term,
        shares.index_code is not null
        or (records.spec_code = '' and printed.term is not null) as is_share,
        units.unit_id is not null as is_known_unit,
        units.region,
        own_values.own_value,
        coalesce(records.from_value, own_values.own_value) as start_value,
        case when records.from_value is null then 0 else records.value_half end as from_half,
        case when records.to_value is null then 0 else records.value_half end as to_half
    from records
    left join variables
        on records.term = variables.variable_code
    left join shares
        on
            variables.source_kind = 'index_score'
            and variables.source_code = shares.index_code
    left join printed
        on records.term = printed.term
    left join units
        on records.unit_id = units.unit_id
    left join own_values
        on
            records.term = own_values.variable_code
            and records.unit_id = own_values.unit_id
            and records.period = own_values.period

),

ended as (

    select
        *,
        coalesce(to_value, start_value * (1 + change_percent / 100)) as end_value,
        case
            when unit_id is not null and period is not null then own_value is not null
        end as is_in_panel
    from placed

),

noted as (

    select
        *,
        case
            when not is_in_panel
                then concat_ws(
                    '',
                    'outside the frame: unit_id ', unit_id, ' has no value of ', term,
                    ' in the period ', cast(period as {{ dbt.type_string() }}),
                    '; the index is defined only by rows with a value, and the values of the case '
                    || 'are taken as given'
                )
            when from_value is not null and is_in_panel
                then concat_ws(
                    '',
                    'starts from the given value; the unit''s own value is ',
                    cast({{ significant_digits('own_value', 6) }} as {{ dbt.type_string() }})
                )
            else ''
        end as note_of_start,
        case
            when is_share and end_value < 0
                then concat_ws(
                    '',
                    'ends below zero, at ',
                    cast({{ significant_digits('end_value', 6) }} as {{ dbt.type_string() }}),
                    ', which is impossible for an index of shares'
                )
            else ''
        end as note_of_end
    from ended

)

select
    case_code,
    spec_code,
    title,
    term,
    transform,
    scale,
    unit_id,
    region,
    period,
    is_in_panel,
    start_value as from_value,
    from_half,
    end_value as to_value,
    to_half,
    case when to_value is null then change_percent end as change_percent,
    printed_change,
    printed_half,
    actual_change,
    place,
    case
        when spec_code = '' and not is_printed_term
            then concat_ws(
                '',
                'printed coefficients of the term ''', coalesce(term, ''), ''' are not simulated, '
                || 'only those of scdbi; use scdbi, or name a regression in spec_code'
            )
        when spec_code <> '' and not is_known_term
            then concat_ws(
                '',
                'the term ''', coalesce(term, ''), ''' is unknown: it is not listed in '
                || 'panel_variables, or its source is not among this run''s indicators, indices '
                || 'and analyses'
            )
        when from_value is null and (unit_id is null or period is null)
            then 'the case has no starting value: give from_value, or unit_id and period'
        when from_value is null and not is_known_unit
            then concat_ws('', 'unit_id ''', unit_id, ''' is unknown: units are listed in units')
        when start_value is null
            then concat_ws(
                '',
                'unit_id ', unit_id, ' has no value of ', term, ' in the period ',
                cast(period as {{ dbt.type_string() }}),
                '; choose a period with a value, or give from_value'
            )
        when (to_value is null) = (change_percent is null)
            then 'the case needs exactly one end: give to_value or change_percent'
        when end_value = start_value
            then concat_ws(
                '',
                'the change is zero: the value stays at ',
                cast(start_value as {{ dbt.type_string() }}), '; a case needs a change'
            )
        when spec_code <> '' and transform = 'log' and (start_value <= 0 or end_value <= 0)
            then concat_ws(
                '',
                'the term ', term, ' is a logarithm, and the values from ',
                cast(start_value as {{ dbt.type_string() }}), ' to ',
                cast(end_value as {{ dbt.type_string() }}), ' are not all above zero'
            )
    end as fault,
    concat_ws(
        '',
        note_of_start,
        case when note_of_start <> '' and note_of_end <> '' then '; ' else '' end,
        note_of_end
    ) as note

from noted
