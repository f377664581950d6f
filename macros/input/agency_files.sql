{#-
    The shipped agency files, {seed: {unit, period, columns}}: the columns that hold unit and period, and
    the indicator_code of every other column.
-#}
{% macro agency_files() -%}
    {%- set columns = {
        'nbs': {
            'gdp_as_published_100m_yuan': 'gdp',
            'gdp_revised_100m_yuan': 'gdp_revised',
            'gdp_per_capita_yuan': 'gdp_per_capita',
            'fiscal_expenditure_100m_yuan': 'fiscal_expenditure',
            'science_technology_expenditure_100m_yuan': 'science_technology_expenditure',
            'tech_market_turnover_100m_yuan': 'tech_market_turnover',
            'patent_applications': 'patent_applications',
            'invention_patent_applications': 'invention_patent_applications',
            'patents_granted': 'patents_granted',
            'invention_patents_granted': 'invention_patents_granted',
        },
        'synthetic_miit': {
            'optical_cable_length_10k_km': 'optical_cable_length',
            'broadband_access_ports_10k': 'broadband_access_ports',
            'broadband_subscribers_10k_households': 'broadband_subscribers',
            'mobile_base_stations_10k': 'mobile_base_stations',
            'mobile_penetration_per_100_persons': 'mobile_penetration',
        },
        'synthetic_cnnic': {
            'internet_domain_names_10k': 'internet_domain_names',
            'internet_users_10k_persons': 'internet_users',
        },
        'synthetic_pboc': {
            'npl_ratio_percent': 'npl_ratio',
            'aggregate_financing_100m_yuan': 'aggregate_financing',
            'sme_credit_coverage_percent': 'sme_credit_coverage',
            'loan_approval_days': 'loan_approval_days',
            'financing_satisfaction_percent': 'financing_satisfaction',
            'credit_report_queries_10k': 'credit_report_queries',
            'digital_payment_volume_100m_yuan': 'digital_payment_volume',
            'bond_default_rate_percent': 'bond_default_rate',
            'loan_deposit_ratio_percent': 'loan_deposit_ratio',
        },
        'synthetic_mofcom': {
            'ecommerce_sales_100m_yuan': 'ecommerce_sales',
        },
        'synthetic_most': {
            'rd_expenditure_100m_yuan': 'rd_expenditure',
        },
        'synthetic_pkulaw': {
            'local_credit_regulations': 'local_credit_regulations',
        },
        'synthetic_ncisp': {
            'open_government_datasets': 'open_government_datasets',
            'joint_punishment_memoranda': 'joint_punishment_memoranda',
            'credit_repair_rate_percent': 'credit_repair_rate',
        },
        'synthetic_cei_categories': {
            'category_credit_launch': 'category_credit_launch',
            'category_enterprise_risk_management': 'category_enterprise_risk_management',
            'category_credit_reporting_system': 'category_credit_reporting_system',
            'category_government_credit_monitoring': 'category_government_credit_monitoring',
            'category_dishonesty': 'category_dishonesty',
            'category_credit_education': 'category_credit_education',
        },
        'synthetic_cei_indicators': {
            'consumer_credit_to_gdp': 'consumer_credit_to_gdp',
            'sme_share_of_loans': 'sme_share_of_loans',
            'credit_sales_share_of_contracts': 'credit_sales_share_of_contracts',
            'credit_sales_to_gdp': 'credit_sales_to_gdp',
            'honoured_share_of_credit_sales': 'honoured_share_of_credit_sales',
            'enterprises_with_credit_department': 'enterprises_with_credit_department',
            'clients_of_credit_reporting_agencies': 'clients_of_credit_reporting_agencies',
            'licensed_credit_managers': 'licensed_credit_managers',
            'risk_management_trainees': 'risk_management_trainees',
            'risk_management_graduates': 'risk_management_graduates',
            'themis_index': 'themis_index',
            'types_of_credit_agencies': 'types_of_credit_agencies',
            'number_of_credit_agencies': 'number_of_credit_agencies',
            'types_of_credit_products': 'types_of_credit_products',
            'enterprises_consulted': 'enterprises_consulted',
            'individuals_consulted': 'individuals_consulted',
            'local_governments_with_monitoring': 'local_governments_with_monitoring',
            'state_of_credit_infrastructure': 'state_of_credit_infrastructure',
            'blacklist_system': 'blacklist_system',
            'credit_bylaws_established': 'credit_bylaws_established',
            'credit_standards_established': 'credit_standards_established',
            'national_standards_implemented': 'national_standards_implemented',
            'swindling_crimes': 'swindling_crimes',
            'money_in_swindling_crimes': 'money_in_swindling_crimes',
            'counterfeit_goods_crimes': 'counterfeit_goods_crimes',
            'major_discredit_crimes': 'major_discredit_crimes',
            'bribery_and_corruption_crimes': 'bribery_and_corruption_crimes',
            'personnel_for_credit_system': 'personnel_for_credit_system',
            'credit_education_events': 'credit_education_events',
            'credit_education_online': 'credit_education_online',
        },
    } -%}
    {%- set files = {} -%}
    {%- for seed, indicators in columns.items() -%}
        {%- set is_of_cities = seed.startswith('synthetic_cei') -%}
        {%- do files.update({seed: {
            'unit': 'city_code' if is_of_cities else 'province_code',
            'period': 'edition' if is_of_cities else 'year',
            'columns': indicators,
        }}) -%}
    {%- endfor -%}
    {{ return(files) }}
{%- endmacro %}
