with

unpivoted as (

    {{ unpivot_agency_file(ref('synthetic_pkulaw'), {
        'local_credit_regulations': 'local_credit_regulations',
    }) }}

)

select * from unpivoted
where value_as_read is not null
