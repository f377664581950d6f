with

results as (

    select * from {{ ref('pca_results') }}
    where component is not null

)

select
    analysis_code,
    component,
    variable,
    {{ significant_digits('loading') }} as loading,
    {{ significant_digits('variable_kmo') }} as variable_kmo

from results
