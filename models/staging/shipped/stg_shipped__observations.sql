{%- set files = [
    'nbs__indicators', 'miit__indicators', 'cnnic__indicators', 'pboc__indicators',
    'mofcom__indicators', 'most__indicators', 'pkulaw__indicators', 'ncisp__indicators',
    'cei__category_values', 'cei__indicators',
] %}

with

unioned as (

    {% for file in files %}
    select * from {{ ref('stg_' ~ file) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from unioned
