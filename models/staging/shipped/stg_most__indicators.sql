with

unpivoted as (

    {{ unpivot_agency_file(ref('synthetic_most'), {
        'rd_expenditure_100m_yuan': 'rd_expenditure',
    }) }}

)

select * from unpivoted
where value_as_read is not null
