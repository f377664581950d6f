with

unpivoted as (

    {{ unpivot_agency_file(ref('synthetic_ncisp'), {
        'open_government_datasets': 'open_government_datasets',
        'joint_punishment_memoranda': 'joint_punishment_memoranda',
        'credit_repair_rate_percent': 'credit_repair_rate',
    }) }}

)

select * from unpivoted
where value_as_read is not null
