with

policy_cases as (

    {{ violations_of(
        'key_is_given', 'policy_cases', 'case_code', "'is empty'", 'rows.case_code is null'
    ) }}
    union all
    {{ violations_of(
        'key_is_unique', 'policy_cases', 'case_code',
        "'is already in an earlier row with the same spec_code; keep the correct record'",
        "exists (select 1 from " ~ ref('stg_input__policy_cases')
            ~ " as others where others.case_code = rows.case_code"
            ~ " and coalesce(others.spec_code, '') = coalesce(rows.spec_code, '')"
            ~ " and others.source_row < rows.source_row)"
    ) }}
    union all
    {{ violations_of_period('policy_cases', 'period') }}
    {%- for column in ['value_decimals', 'printed_decimals'] %}
    union all
    {{ violations_of(
        column ~ '_are_few', 'policy_cases', column,
        "'is not an integer from -15 to 15: the digits after the point, -2 for a number rounded to hundreds; leave it empty if the number is exact'",
        "rows." ~ column ~ " is not null and coalesce(" ~ to_integer('rows.' ~ column)
            ~ ", 99) not between -15 and 15"
    ) }}
    {%- endfor %}

)

select * from policy_cases
