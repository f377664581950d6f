{#-
    Periods during which a signal was active, by level, and over all levels (level_rank 0), which are the
    episodes (src/credit_indices/early_warning/sql/warnings.sql).
-#}
select
    enterprises.enterprise_key,
    cast(periods.level_rank as {{ dbt.type_int() }}) as level_rank,
    cast(periods.period_number as {{ dbt.type_bigint() }}) as period_number,
    periods.opened_at,
    periods.expires_at

from {{ warning_state('periods') }} as periods
inner join {{ warning_state('enterprises') }} as enterprises
    on periods.en = enterprises.en
where enterprises.is_listed
