"""Results of the tests of agreement for simulated unrelated rankings."""


def model(dbt, session):
    """One row per number of units, test and probability (see agreement.reference_table)."""
    from credit_indices.stats import agreement

    return agreement.reference_table(dbt.ref("int_cross_check__sizes").to_arrow_table())
