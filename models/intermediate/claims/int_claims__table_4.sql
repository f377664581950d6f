{%- set variables = ['scdbi', 'pgdp', 'fin'] %}

{#- Printed numbers by the name that they have here. -#}
{%- set numbers = {'n_east': 'n_east', 'n_central_west': 'n_central_west'} %}

{#- How many decimals the explanations print of each figure. -#}
{%- set decimals = {
    'n_east_official': 0, 'n_other_official': 0, 'critical_z': 3,
    'pgdp_variance_ratio': 2, 'n_rows_east_share': 2,
} %}

{%- set checks = {
    'section_4_3_2_provinces': {
        'published': 'n_east',
        'recomputed': 'n_east_official',
        'holds': 'n_east = n_east_official and n_central_west = n_other_official',
    },
    'table_4_pooled_between': {'holds': []},
    'table_4_fin_peak': {
        'formula': 'abs(fin_east) - abs(fin_rest)',
        'inputs': ['fin_east', 'fin_rest'],
        'holds': adapter.quote('lower') ~ ' <= 0',
    },
} %}
{%- for variable in variables %}
{%- set whole, east, rest, se = variable ~ '_all', variable ~ '_east', variable ~ '_rest',
    variable ~ '_se' %}
{%- set _ = numbers.update({
    whole: 'table_3_' ~ variable ~ '_coefficient',
    se: 'table_3_' ~ variable ~ '_standard_error',
    east: 'table_4_east_' ~ variable ~ '_coefficient',
    rest: 'table_4_central_west_' ~ variable ~ '_coefficient',
}) %}
{%- set _ = decimals.update({
    whole: 2, se: 2, east: 2, rest: 2, variable ~ '_weight': 2, variable ~ '_ratio_needed': 1,
    east ~ '_largest_se': 3, rest ~ '_largest_se': 3,
}) %}
{%- set _ = checks.table_4_pooled_between.holds.append(
    '(' ~ whole ~ ' - ' ~ east ~ ') * (' ~ whole ~ ' - ' ~ rest ~ ') <= 0'
) %}
{%- set _ = checks.update({
    'table_4_' ~ variable ~ '_difference': {
        'formula': 'abs(' ~ east ~ ' - ' ~ rest ~ ') / (2 * ' ~ se ~ ')',
        'inputs': [east, rest, se],
        'holds': adapter.quote('upper') ~ ' >= critical_z',
    },
    'table_4_' ~ variable ~ '_stars': {
        'published': se,
        'formula': '1 / sqrt(nullif(power(' ~ east ~ '_critical / ' ~ east ~ ', 2) + power('
            ~ rest ~ '_critical / ' ~ rest ~ ', 2), 0))',
        'inputs': [east, rest],
        'exact': [east ~ '_critical', rest ~ '_critical'],
        'holds': se ~ ' - ' ~ se ~ '_half <= ' ~ adapter.quote('upper'),
        'places': 3,
    },
}) %}
{%- endfor %}
{%- set _ = checks.table_4_pooled_between.update(
    {'holds': checks.table_4_pooled_between.holds | join(' and ')}
) %}

with

claims as (

    select * from {{ ref('song_liu_2025_claims') }}

),

{{ printed_numbers(numbers) }}

regions as (

    select
        sum(case when region = 'east' then 1 else 0 end) as n_east_official,
        sum(case when region <> 'east' then 1 else 0 end) as n_other_official
    from {{ ref('units') }}
    where unit_id in (select nbs.province_code from {{ ref('nbs') }} as nbs)

),

-- Two-sided points of the normal distribution, below which those of Student's t never are.
critical as (

    select
        1.644854 as critical_z,
        {%- for variable in variables %}
        {%- for sample, code in {'east': 'east', 'rest': 'central_west'}.items() %}
        max(
            case
                when coefficient_code = 'table_4_{{ code }}_{{ variable }}'
                    then case length(stars)
                        when 3 then 2.575829 when 2 then 1.959964 when 1 then 1.644854 else 0
                    end
            end
        ) as {{ variable }}_{{ sample }}_critical
        {{- ',' if not (loop.last and variable == variables[-1]) }}
        {%- endfor %}
        {%- endfor %}
    from {{ ref('song_liu_2025_coefficients') }}

),

joined as (

    select
        printed.*,
        regions.*,
        critical.*
    from printed
    cross join regions
    cross join critical

),

figures as (

    select
        *,
        1.0 * n_east / (n_east + n_central_west) as n_rows_east_share,
        {%- for variable in variables %}
        ({{ variable }}_rest - {{ variable }}_all)
        / nullif({{ variable }}_rest - {{ variable }}_east, 0) as {{ variable }}_weight,
        -- Residual variance of the whole over that of its parts that makes the difference count.
        power(
            critical_z * 2 * ({{ variable }}_se - {{ variable }}_se_half) / nullif(
                abs({{ variable }}_east - {{ variable }}_rest)
                + {{ variable }}_east_half + {{ variable }}_rest_half, 0
            ), 2
        ) as {{ variable }}_ratio_needed,
        {%- for sample in ['east', 'rest'] %}
        {%- set name = variable ~ '_' ~ sample %}
        (abs({{ name }}) + {{ name }}_half) / nullif({{ name }}_critical, 0)
            as {{ name }}_largest_se,
        {%- endfor %}
        {%- endfor %}
        power(pgdp_se - pgdp_se_half, 2) * (
            power(pgdp_east_critical / (abs(pgdp_east) + pgdp_east_half), 2)
            + power(pgdp_rest_critical / (abs(pgdp_rest) + pgdp_rest_half), 2)
        ) as pgdp_variance_ratio
    from joined

),

{{ rounding_box(checks) }}

{{ recomputed_checks('song_liu_2025', checks) }},

{{ filled_explanations(decimals) }}

{{ explained_checks() }}
