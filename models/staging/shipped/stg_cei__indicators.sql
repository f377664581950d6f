{%- set indicators = [
    'consumer_credit_to_gdp',
    'sme_share_of_loans',
    'credit_sales_share_of_contracts',
    'credit_sales_to_gdp',
    'honoured_share_of_credit_sales',
    'enterprises_with_credit_department',
    'clients_of_credit_reporting_agencies',
    'licensed_credit_managers',
    'risk_management_trainees',
    'risk_management_graduates',
    'themis_index',
    'types_of_credit_agencies',
    'number_of_credit_agencies',
    'types_of_credit_products',
    'enterprises_consulted',
    'individuals_consulted',
    'local_governments_with_monitoring',
    'state_of_credit_infrastructure',
    'blacklist_system',
    'credit_bylaws_established',
    'credit_standards_established',
    'national_standards_implemented',
    'swindling_crimes',
    'money_in_swindling_crimes',
    'counterfeit_goods_crimes',
    'major_discredit_crimes',
    'bribery_and_corruption_crimes',
    'personnel_for_credit_system',
    'credit_education_events',
    'credit_education_online',
] %}
{%- set columns = {} %}
{%- for indicator in indicators %}
    {%- do columns.update({indicator: indicator}) %}
{%- endfor %}

with

unpivoted as (

    {{ unpivot_agency_file(
        ref('synthetic_cei_indicators'), columns, unit='city_code', period='edition'
    ) }}

)

select * from unpivoted
where value_as_read is not null
