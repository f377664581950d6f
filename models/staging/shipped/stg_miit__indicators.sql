with

unpivoted as (

    {{ unpivot_agency_file(ref('synthetic_miit'), {
        'optical_cable_length_10k_km': 'optical_cable_length',
        'broadband_access_ports_10k': 'broadband_access_ports',
        'broadband_subscribers_10k_households': 'broadband_subscribers',
        'mobile_base_stations_10k': 'mobile_base_stations',
        'mobile_penetration_per_100_persons': 'mobile_penetration',
    }) }}

)

select * from unpivoted
where value_as_read is not null
