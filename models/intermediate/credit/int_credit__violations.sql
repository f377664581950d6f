{%- set key_is_missing = "'loans need a secret of your own: set the environment variable "
    ~ "CREDIT_INDICES_PSEUDONYM_KEY to a long random text and keep it; without it, anyone who knows the ids "
    ~ "could identify the loans'" %}

with

of_tables as (

    {{ violations_of_tables(part='credit_models') }}

),

models as (

    {{ violations_of(
        'features_are_given', 'credit_models', 'features',
        "'is empty; list the features, separated by spaces'", 'rows.features is null'
    ) }}
    {%- for column in ['train_until', 'calibrate_until', 'test_until'] %}
    union all
    {{ violations_of(
        column ~ '_is_a_day', 'credit_models', column, "'is not a day such as 2020-02-29'",
        to_moment('rows.' ~ column) ~ " is null or length(rows." ~ column ~ ") <> 10"
    ) }}
    {%- endfor %}
    union all
    {{ violations_of(
        'samples_follow_each_other', 'credit_models', 'calibrate_until',
        "concat_ws('', 'is not after train_until (', rows.train_until, '); the loans between them calibrate the model')",
        "rows.calibrate_until <= rows.train_until"
    ) }}
    union all
    {{ violations_of(
        'samples_follow_each_other', 'credit_models', 'test_until',
        "concat_ws('', 'is not after calibrate_until (', rows.calibrate_until, '); the loans between them test the model')",
        "rows.test_until <= rows.calibrate_until"
    ) }}
    union all
    {{ violations_of(
        'seed_is_an_integer', 'credit_models', 'seed', "'is not an integer from 0 to 2147483647'",
        "coalesce(" ~ to_integer('rows.seed') ~ ", -1) not between 0 and 2147483647"
    ) }}
    {%- for column in ['loss_given_default', 'interest_margin'] %}
    union all
    {{ violations_of(
        column ~ '_is_a_share', 'credit_models', column,
        "'is not a share of the amount above 0 and at most 1, such as 0.45'",
        "rows." ~ column ~ " is not null and (coalesce(" ~ to_number('rows.' ~ column)
            ~ ", 0) <= 0 or coalesce(" ~ to_number('rows.' ~ column) ~ ", 2) > 1)"
    ) }}
    {%- endfor %}

),

loans as (

    select
        {{ rule_and_place('key_of_pseudonyms_is_set', ['loans'], records='loans') }},
        cast(null as {{ dbt.type_string() }}) as column_name,
        cast(null as {{ dbt.type_string() }}) as value,
        {{ key_is_missing }} as reason
    from {{ ref('stg_input__loans') }} as loans
    where
        loans.origin = 'file'
        and not {{ has_pseudonym_key() }}
        and loans.source_row = (
            select min(listed.source_row) from {{ ref('stg_input__loans') }} as listed
        )

),

unioned as (

    select * from of_tables
    union all
    select * from models
    union all
    select * from loans

),

answerable as (

    select unioned.*
    from unioned
    where not exists (
        select 1 from {{ ref('stg_input__faults') }} as faults
        where
            faults.severity = 'error'
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
