{#- The values with the ids and names needed in Stata or R. -#}
select
    panel_values.variable_code,
    units.unit_id,
    units.region,
    panel_values.period,
    panel_values.value,
    panel_values.is_nonpositive_under_log

from {{ ref('int_panel__values') }} as panel_values
inner join {{ ref('int_catalog__units') }} as units
    on panel_values.unit_key = units.unit_key
