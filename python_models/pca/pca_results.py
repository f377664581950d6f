"""Principal components of every analysis of the catalog, from its covariances."""


def model(dbt, session):
    """One row per analysis, component and variable (credit_indices.stats.pca.results_table)."""
    from credit_indices.stats import pca

    return pca.results_table(
        matrices=dbt.ref("int_pca__matrices").to_arrow_table(),
        variables=dbt.ref("int_pca__variables").to_arrow_table(),
    )
