{#- src/credit_indices/early_warning/sql/repairs.sql -#}
select
    enterprises.enterprise_key,
    repairs.rectified_at,
    repairs.applied_at,
    repairs.is_in_time,
    repairs.decided_at,
    repairs.decision_recorded_at,
    results.text as result,
    repairs.has_repaired

from {{ warning_state('repairs') }} as repairs
inner join {{ warning_state('enterprises') }} as enterprises
    on repairs.en = enterprises.en
left join {{ warning_state('codes') }} as results
    on
        results.kind = 'result'
        and repairs.result_code = results.code
where enterprises.is_listed
