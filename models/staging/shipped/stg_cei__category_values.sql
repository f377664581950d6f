with

unpivoted as (

    {{ unpivot_agency_file('synthetic_cei_categories') }}

)

select * from unpivoted
where value_as_read is not null
