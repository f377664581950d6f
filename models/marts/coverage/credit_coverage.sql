{%- set groups = allowed_values('credit_coverage.group_code') %}

with

cells as (

    select
        cells.*,
        places.is_published
    from {{ ref('int_coverage__cells') }} as cells
    inner join {{ ref('int_coverage__places') }} as places
        on
            cells.province_code = places.province_code
            and cells.size_class = places.size_class
    where places.is_listed

),

grouped as (

    {%- for group_code in groups %}
    select
        month_begin,
        province_code,
        size_class,
        '{{ group_code }}' as group_code,
        case when is_published then n_{{ group_code }} end as n_enterprises,
        case when is_published then n_register end as n_register,
        is_published
    from cells
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

origins as (

    select max(data_origin) as data_origin
    from {{ ref('int_coverage__register') }}

)

select
    grouped.month_begin as month,
    grouped.province_code,
    grouped.size_class,
    grouped.group_code,
    grouped.n_enterprises,
    {{ significant_digits(
        'cast(grouped.n_enterprises as double) / nullif(grouped.n_register, 0)'
    ) }} as share,
    {%- for column, sign in [('share_low', '-'), ('share_high', '+')] %}
    {%- if register_is_sample() %}
    case
        when grouped.group_code <> 'register' and grouped.n_register > 0
            then {{ significant_digits(
                wilson_bound('grouped.n_enterprises', 'grouped.n_register', sign)
            ) }}
    end as {{ column }},
    {%- else %}
    cast(null as double) as {{ column }},
    {%- endif %}
    {%- endfor %}
    not grouped.is_published as is_suppressed,
    origins.data_origin

from grouped
cross join origins
