{%- set number_columns = ['from_value', 'to_value', 'coefficient', 'simulated_change'] %}
{%- set ends = [adapter.quote('lower'), adapter.quote('upper')] %}

with

grid as (

    select * from {{ ref('int_policy__grid') }}

),

fits as (

    select * from {{ ref('panel_fits') }}

)

select
    grid.spec_code,
    grid.spec_number,
    grid.title,
    grid.status,
    grid.outcome,
    grid.term,
    grid.term_label,
    grid.unit_id,
    grid.unit_name,
    grid.region,
    grid.is_in_sample,
    grid.period,
    grid.change_percent,
    {%- for column in number_columns + ends %}
    {{ significant_digits('grid.' ~ column) }} as {{ column }},
    {%- endfor %}
    grid.interval_type,
    fits.data_origin

from grid
inner join fits
    on grid.spec_code = fits.spec_code
