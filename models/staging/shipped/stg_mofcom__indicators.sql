with

unpivoted as (

    {{ unpivot_agency_file(ref('synthetic_mofcom'), {
        'ecommerce_sales_100m_yuan': 'ecommerce_sales',
    }) }}

)

select * from unpivoted
where value_as_read is not null
