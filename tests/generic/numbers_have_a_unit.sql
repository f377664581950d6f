{#- Every numeric column of a public table has a unit, in column_units or as config.meta.unit in its YAML. -#}
{% test numbers_have_a_unit(model) %}
    select
        table_schema,
        table_name,
        column_name,
        data_type
    from {{ model }}
    where
        unit is null
        and data_type not in ('varchar', 'boolean', 'date', 'timestamp')
{% endtest %}
