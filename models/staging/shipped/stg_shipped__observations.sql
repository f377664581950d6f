with

unioned as (

    {% for agency in ['nbs', 'miit', 'cnnic', 'pboc', 'mofcom', 'most', 'pkulaw', 'ncisp'] %}
    select * from {{ ref('stg_' ~ agency ~ '__indicators') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from unioned
