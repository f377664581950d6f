with

unpivoted as (

    {{ unpivot_agency_file(ref('synthetic_pboc'), {
        'npl_ratio_percent': 'npl_ratio',
        'aggregate_financing_100m_yuan': 'aggregate_financing',
        'sme_credit_coverage_percent': 'sme_credit_coverage',
        'loan_approval_days': 'loan_approval_days',
        'financing_satisfaction_percent': 'financing_satisfaction',
        'credit_report_queries_10k': 'credit_report_queries',
        'digital_payment_volume_100m_yuan': 'digital_payment_volume',
        'bond_default_rate_percent': 'bond_default_rate',
        'loan_deposit_ratio_percent': 'loan_deposit_ratio',
    }) }}

)

select * from unpivoted
where value_as_read is not null
