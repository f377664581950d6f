with

unpivoted as (

    {{ unpivot_agency_file(ref('nbs'), {
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
    }) }}

)

select * from unpivoted
where value_as_read is not null
