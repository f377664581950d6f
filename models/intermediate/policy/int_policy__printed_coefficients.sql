{#-
    The printed coefficients of the index, with the printed standard deviation. Coefficients of one table differ
    by the sample, or by the text after the comma of the variable.
-#}
with

coefficients as (

    select
        *,
        position(', ' in variable) as comma
    from {{ ref('song_liu_2025_coefficients') }}
    where variable_code = 'scdbi'

),

table_2 as (

    select * from {{ ref('song_liu_2025_table_2') }}

)

select
    coefficients.coefficient_code,
    coefficients.variable_code as term,
    concat_ws(
        '',
        coefficients.table_ref,
        case when coefficients.sample = 'all' then '' else concat_ws(
            '', ', ', coefficients.sample
        ) end,
        case
            when coefficients.comma > 0 then substr(coefficients.variable, coefficients.comma)
            else ''
        end
    ) as coefficient_source,
    case
        when coefficients.variable like '%, outcome %'
            then 'this coefficient has another outcome than the others'
        else ''
    end as note,
    coefficients.coefficient,
    power(10, -coefficients.decimals) / 2 as coefficient_half,
    table_2.standard_deviation,
    power(10, -table_2.decimals) / 2 as standard_deviation_half

from coefficients
left join table_2
    on coefficients.variable_code = table_2.variable_code
