{#-
    A field counts as masked if the catalog does not mark it as kept, and no public mart of the early warning
    has a column of its name.
-#}
with

gate as (

    select * from {{ ref('int_quality__gate') }}

),

fields as (

    select * from {{ ref('personal_fields') }}

),

public_columns as (

    {% for column in documented_columns() if column['table'] in [
        'enterprise_status', 'enterprise_warnings', 'credit_repairs', 'credit_repair_rates',
        'warning_lead_time', 'regional_warnings', 'warning_exposure',
    ] %}
    select {{ sql_text(column['column']) }} as column_name
    union
    {%- endfor %}
    select cast(null as {{ dbt.type_string() }}) as column_name

),

treated_fields as (

    select
        fields.table_name,
        fields.column_name,
        fields.treatment,
        fields.public_column,
        fields.why,
        fields.treatment <> 'kept' and public_columns.column_name is null as is_desensitised
    from fields
    cross join gate
    left join public_columns
        on fields.column_name = public_columns.column_name

)

select
    table_name,
    column_name,
    treatment,
    public_column,
    is_desensitised,
    {{ significant_digits(
        'avg(case when is_desensitised then 1.0 else 0.0 end) over ()'
    ) }} as share_desensitised,
    why

from treated_fields
