with

descriptives as (

    select * from {{ ref('int_panel__descriptives') }}

),

tests as (

    select * from {{ ref('correlation_tests') }}

),

variables as (

    select * from {{ ref('int_panel__variables') }}

)

select
    descriptives.variable_code,
    variables.label_en as label,
    descriptives.sample,
    descriptives.n,
    {{ significant_digits('descriptives.mean') }} as mean,
    {{ significant_digits('descriptives.sd') }} as sd,
    {{ significant_digits('descriptives.minimum') }} as minimum,
    {{ significant_digits('descriptives.maximum') }} as maximum,
    -- NULL for a mean of zero, as of a principal component.
    case
        when abs(descriptives.mean) > 1e-9 * descriptives.sd
            then {{ significant_digits('descriptives.sd / descriptives.mean') }}
    end as coefficient_of_variation,
    descriptives.index_variable_code,
    {{ significant_digits('descriptives.correlation_with_index') }} as correlation_with_index,
    {{ significant_digits('tests.p_value') }} as correlation_p_value,
    case
        when tests.p_value < 0.01 then '***'
        when tests.p_value < 0.05 then '**'
        when tests.p_value < 0.1 then '*'
        when tests.p_value is not null then ''
    end as stars

from descriptives
inner join variables
    on descriptives.variable_code = variables.variable_code
left join tests
    on
        descriptives.variable_code = tests.variable_code
        and descriptives.sample = tests.sample
