{#- Bins of ten ranks. The middle bin is centred on zero. -#}
with

differences as (

    select
        analysis_code,
        period,
        official_rank - z1_rank as rank_difference
    from {{ ref('int_cross_check__pairs') }}

),

binned as (

    select
        analysis_code,
        period,
        10 * floor((rank_difference + 5) / 10.0) as bin_centre,
        count(*) as n_units
    from differences
    group by analysis_code, period, 10 * floor((rank_difference + 5) / 10.0)

),

fits as (

    select * from {{ ref('rank_difference_results') }}

)

select
    binned.analysis_code,
    binned.period,
    cast(binned.bin_centre as {{ dbt.type_int() }}) as bin_centre,
    cast(binned.bin_centre - 5 as {{ dbt.type_int() }}) as from_difference,
    cast(binned.bin_centre + 4 as {{ dbt.type_int() }}) as to_difference,
    binned.n_units,
    {{ significant_digits(
        'fits.fitted_height * exp(-0.5 * power((binned.bin_centre - 0.5 - fits.fitted_centre) / fits.fitted_sd, 2))',
        6
    ) }} as fitted_units

from binned
inner join fits
    on
        binned.analysis_code = fits.analysis_code
        and binned.period = fits.period
