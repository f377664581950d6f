with

units as (

    select * from {{ ref('int_catalog__units') }}

),

tiles as (

    select * from {{ ref('tile_grid') }}

)

select
    tiles.unit_id,
    units.name_en as unit_name,
    tiles.short_name,
    tiles.grid_row,
    tiles.grid_column

from tiles
inner join units
    on tiles.unit_id = units.unit_id
