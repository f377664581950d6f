"""Two-sided p-values of the correlations between panel variables and the index."""


def model(dbt, session):
    """One row per variable and sample (see stats.panel.correlations.tests_table)."""
    from credit_indices.stats.panel import correlations

    return correlations.tests_table(dbt.ref("int_panel__descriptives").to_arrow_table())
