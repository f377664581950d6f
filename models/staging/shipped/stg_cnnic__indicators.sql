with

unpivoted as (

    {{ unpivot_agency_file(ref('synthetic_cnnic'), {
        'internet_domain_names_10k': 'internet_domain_names',
        'internet_users_10k_persons': 'internet_users',
    }) }}

)

select * from unpivoted
where value_as_read is not null
