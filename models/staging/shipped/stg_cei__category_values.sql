{%- set categories = [
    'credit_launch', 'enterprise_risk_management', 'credit_reporting_system',
    'government_credit_monitoring', 'dishonesty', 'credit_education',
] %}
{%- set columns = {} %}
{%- for category in categories %}
    {%- do columns.update({'category_' ~ category: 'category_' ~ category}) %}
{%- endfor %}

with

unpivoted as (

    {{ unpivot_agency_file(
        ref('synthetic_cei_categories'), columns, unit='city_code', period='edition'
    ) }}

)

select * from unpivoted
where value_as_read is not null
