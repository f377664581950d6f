with

unpivoted as (

    {{ unpivot_agency_file('synthetic_miit') }}

)

select * from unpivoted
where value_as_read is not null
