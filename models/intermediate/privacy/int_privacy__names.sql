{#-
    Texts that can identify an enterprise of the user's input, in the form in which texts are
    compared.
-#}
{{ config(schema='restricted') }}

with

enterprises as (

    select * from {{ ref('stg_input__enterprises') }}
    where origin = 'file'

),

texts as (

    select enterprise_id as name from enterprises
    union
    select name from enterprises
    union
    select enterprise_id as name from {{ ref('stg_input__enterprise_events') }}
    where origin = 'file'
    union
    select enterprise_id as name from {{ ref('stg_input__enterprise_consents') }}
    where origin = 'file'

),

compared as (

    select distinct {{ comparable('name') }} as name
    from texts
    where name is not null

)

select name
from compared
where length(name) > 0
union
-- Characters 9 to 17 of a unified social credit code are the code of the organisation (GB 11714).
select substring(name, 9, 9) as name
from compared
where length(name) = 18
