{#- Printed numbers by the name that they have here. -#}
{%- set coefficients = {
    'benchmark': 'table_3_scdbi_coefficient',
    'two_stage': 'section_4_3_3_2sls_coefficient',
    'comprehensive': 'section_4_3_3_comprehensive_risk_coefficient',
    'east': 'table_4_east_scdbi_coefficient',
    'rest': 'table_4_central_west_scdbi_coefficient',
} %}
{%- set numbers = {
    'index_from': 'index_2019', 'index_to': 'index_2023', 'scdbi_sd': 'table_2_scdbi_sd',
    'scdbi_mean': 'table_2_scdbi_mean', 'simulated_decrease': 'simulated_decrease',
    'stated_increase': 'stated_increase', 'stated_decrease': 'stated_decrease',
    'npl_from': 'table_5_npl_ratio_value_2019',
} %}
{%- set _ = numbers.update(coefficients) %}

{#- What one unit of the index may be: its change from index_from to index_to in such units. -#}
{%- set readings = {
    'per unit of the score': '(index_to - index_from)',
    'per hundredth': '100 * (index_to - index_from)',
    'per standard deviation': '(index_to - index_from) / scdbi_sd',
    'per 100 %': '(index_to / index_from - 1)',
    'per unit of the logarithm': 'ln(index_to / index_from)',
    'per doubling': 'ln(index_to / index_from) / ln(2)',
} %}

{#- How many decimals the explanations print of each figure. -#}
{%- set decimals = {
    'index_from': 4, 'index_to': 4, 'index_increase': 0, 'stated_increase': 0,
    'stated_decrease': 1, 'simulated_decrease': 2, 'npl_from': 1, 'scdbi_mean': 4,
    'ten_percent_score': 4, 'ten_percent_hundredth': 3, 'ten_percent_sd': 3,
    'ten_percent_relative': 3, 'ten_percent_log': 3, 'compounded_decrease': 1,
    'readings_of_benchmark': none,
} %}
{%- for name in coefficients %}
{%- set _ = decimals.update({name: 2, name ~ '_fits': none}) %}
{%- endfor %}

{%- set checks = {
    'section_5_3_simulated': {
        'published': 'simulated_change',
        'formula': 'benchmark * ' ~ readings['per doubling'],
        'inputs': ['benchmark', 'index_from', 'index_to'],
        'holds': 'benchmark_n_fits > 0',
    },
    'section_5_3_index': {'published': 'index_to', 'holds': 'null'},
    'section_7_1_ten_percent_of_table_3': {
        'published': 'stated_decrease',
        'formula': '-benchmark * ln(1 + stated_increase / 100) / ln(2)',
        'inputs': ['benchmark'],
        'exact': ['stated_increase'],
        'places': 3,
    },
    'section_7_1_ten_percent_of_section_5_3': {
        'published': 'stated_decrease',
        'formula': 'simulated_decrease * ln(1 + stated_increase / 100)'
            ~ ' / ln(index_to / index_from)',
        'inputs': ['simulated_decrease', 'index_from', 'index_to'],
        'exact': ['stated_increase'],
        'places': 3,
    },
} %}
{%- set formulas = checks.copy() %}
{%- for name in coefficients %}
{%- for reading, units in readings.items() %}
{%- set _ = formulas.update({
    name ~ ', ' ~ reading: {
        'formula': name ~ ' * ' ~ units,
        'inputs': [name, 'index_from', 'index_to', 'scdbi_sd'],
    }
}) %}
{%- endfor %}
{%- endfor %}

with

claims as (

    select * from {{ ref('song_liu_2025_claims') }}

),

{{ printed_numbers(numbers) }}

figures as (

    select
        *,
        -simulated_decrease as simulated_change,
        simulated_decrease_half as simulated_change_half,
        100 * (index_to / index_from - 1) as index_increase,
        -benchmark * scdbi_mean * stated_increase / 100 as ten_percent_score,
        -benchmark * scdbi_mean * stated_increase as ten_percent_hundredth,
        -benchmark * scdbi_mean * stated_increase / 100 / scdbi_sd as ten_percent_sd,
        -benchmark * stated_increase / 100 as ten_percent_relative,
        -benchmark * ln(1 + stated_increase / 100) as ten_percent_log,
        stated_decrease * ln(index_to / index_from) / ln(1 + stated_increase / 100)
            as compounded_decrease
    from printed

),

{{ rounding_box(formulas) }}

readings as (
    {%- for name in coefficients %}
    {%- for reading in readings %}
    select
        '{{ name }}' as coefficient_name,
        {{ loop.index }} as place,
        '{{ reading }}' as reading,
        '{{ name }}, {{ reading }}' as code
    {{ 'union all' if not (loop.last and name == 'rest') }}
    {%- endfor %}
    {%- endfor %}

),

simulated as (

    select
        readings.coefficient_name,
        readings.place,
        readings.reading,
        in_the_box.{{ adapter.quote('lower') }} as least,
        in_the_box.{{ adapter.quote('upper') }} as most,
        in_the_box.{{ adapter.quote('lower') }}
        <= figures.simulated_change + figures.simulated_change_half
        and in_the_box.{{ adapter.quote('upper') }}
        >= figures.simulated_change - figures.simulated_change_half as fits
    from readings
    inner join in_the_box
        on readings.code = in_the_box.code
    cross join figures

),

fitting as (

    select
        sum(
            case
                when coefficient_name = 'benchmark'
                    then case when fits then 1 when not fits then 0 end
            end
        ) as benchmark_n_fits,
        {%- for name in coefficients %}
        case
            when count(case when coefficient_name = '{{ name }}' and fits is null then 1 end) = 0
                then coalesce(
                    {{ dbt.listagg(
                        "case when coefficient_name = '" ~ name ~ "' and fits then reading end",
                        "' or '", 'order by place'
                    ) }}, 'in none of these ways'
                )
        end as {{ name }}_fits,
        {%- endfor %}
        {{ dbt.listagg(
            "case when coefficient_name = 'benchmark' then reading || ' '"
            ~ " || cast(cast(least as decimal(18, 3)) as " ~ dbt.type_string() ~ ") || ' to '"
            ~ " || cast(cast(most as decimal(18, 3)) as " ~ dbt.type_string() ~ ") end",
            "', '", 'order by place'
        ) }} as readings_of_benchmark
    from simulated

),

described as (

    select
        figures.*,
        fitting.*
    from figures
    cross join fitting

),

{{ recomputed_checks('song_liu_2025', checks, source='described') }},

{{ filled_explanations(decimals, source='described') }}

{{ explained_checks() }}
