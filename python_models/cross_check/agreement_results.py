"""Tests of agreement between an index and the first component of its categories."""


def model(dbt, session):
    """One row per analysis, period and test (see stats.agreement.agreement_table)."""
    from credit_indices.stats import agreement

    return agreement.agreement_table(dbt.ref("int_cross_check__pairs").to_arrow_table())
