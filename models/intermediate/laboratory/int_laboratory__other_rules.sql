{#-
    The rules that a rule is compared with: all other live rules. A trial is not compared with the rule that it
    would replace. No rule is compared with a trial, so a trial changes no value of a live rule.
-#}
with

rules as (

    select * from {{ ref('int_warnings__rules') }}

),

levels as (

    select
        level,
        level_rank = max(level_rank) over () as is_red
    from {{ ref('int_warnings__levels') }}

)

select
    rules.rule_code,
    others.rule_code as other_rule_code,
    rules.level = others.level as is_same_level,
    levels.is_red

from rules
inner join rules as others
    on
        rules.rule_code <> others.rule_code
        and not others.is_trial
        and (rules.replaces is null or rules.replaces <> others.rule_code)
inner join levels
    on others.level = levels.level
