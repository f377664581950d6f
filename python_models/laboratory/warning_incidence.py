"""Cumulative incidence of the outcomes of warnings, from their numbers by day."""


def model(dbt, session):
    """One row per level, group, outcome and day (see stats.survival.survival_table)."""
    dbt.config(schema="restricted")
    from credit_indices.stats import survival

    return survival.survival_table(dbt.ref("int_laboratory__survival_counts").to_arrow_table())
