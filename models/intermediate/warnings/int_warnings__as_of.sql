{#-
    Stops the build if the events could not be loaded: all models that read the state depend on it.
-#}
with

loads as (

    select * from {{ ref('int_warnings__day') }}

)

select
    as_of,
    {{ day_number('as_of') }} as as_of_day,
    cast({{ dbt.dateadd('day', 1, 'as_of') }} as timestamp) as as_of_end

from loads
where case when fault is null then true else {{ raise_message('fault') }} end
