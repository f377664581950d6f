{#-
    The shipped blocks belong to the shipped regressions, not to a user's regressions with the same
    code.
-#}
with

blocks as (

    select *
    from {{ first_records(ref('stg_input__panel_blocks'), ['spec_code', 'term']) }} as blocks

),

specs as (

    select * from {{ first_records(ref('stg_input__panel_specs'), ['spec_code']) }} as specs

)

select
    blocks.spec_code,
    blocks.block_code,
    {{ to_integer('blocks.block_number') }} as block_number,
    blocks.term

from blocks
inner join specs
    on blocks.spec_code = specs.spec_code
where
    blocks.origin = 'file'
    or specs.origin = 'seed'
