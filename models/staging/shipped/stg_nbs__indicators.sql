with

unpivoted as (

    {{ unpivot_agency_file('nbs') }}

)

select * from unpivoted
where value_as_read is not null
