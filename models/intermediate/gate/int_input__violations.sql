{%- set checks = [
    'catalog', 'observation', 'index', 'judgement', 'pca', 'panel', 'policy', 'warning', 'period',
] %}

with

faults as (

    select * from {{ ref('stg_input__faults') }}
    where severity = 'error'

),

of_tables as (

    {{ violations_of_tables() }}

),

unioned as (

    select
        'file_is_valid' as rule,
        '' as needs,
        source_file,
        source_row,
        column_name,
        value,
        reason
    from faults
    union all
    select * from of_tables
    {%- for check in checks %}
    union all
    select
        rule,
        needs,
        source_file,
        source_row,
        column_name,
        value,
        reason
    from {{ ref('int_input__' ~ check ~ '_violations') }}
    {%- endfor %}

),

answerable as (

    select unioned.*
    from unioned
    where not exists (
        select 1 from faults
        where
            faults.table_name is not null
            and concat_ws('', ' ', unioned.needs, ' ') like concat_ws(
                '', '% ', faults.table_name, ' %'
            )
    )

)

select
    rule,
    source_file,
    source_row,
    column_name,
    value,
    reason,
    {{ violation_message() }} as message

from answerable
