"""Moments of the rank differences and a normal curve fitted to their histogram."""


def model(dbt, session):
    """One row per analysis and period (see credit_indices.stats.agreement.fit_table)."""
    from credit_indices.stats import agreement

    return agreement.fit_table(dbt.ref("int_cross_check__pairs").to_arrow_table())
