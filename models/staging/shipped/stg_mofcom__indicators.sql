with

unpivoted as (

    {{ unpivot_agency_file('synthetic_mofcom') }}

)

select * from unpivoted
where value_as_read is not null
