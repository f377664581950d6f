{#- Levels whose alerts a trial can change: its own, and that of the rule that it would replace. -#}
with

rules as (

    select * from {{ ref('int_warnings__rules') }}

)

select
    rule_code,
    replaces,
    level

from rules
where is_trial
union distinct
select
    trials.rule_code,
    trials.replaces,
    replaced.level

from rules as trials
inner join rules as replaced
    on trials.replaces = replaced.rule_code
where trials.is_trial
