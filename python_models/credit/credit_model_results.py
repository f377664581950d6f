"""All models of credit risk of the catalog, estimated and evaluated."""


def model(dbt, session):
    """One row per model and record (see stats.credit.results.results_table)."""
    dbt.config(schema="restricted")
    from credit_indices.stats.credit import results

    return results.results_table(
        models=dbt.ref("int_credit__models").to_arrow_table(),
        features=dbt.ref("int_credit__features").to_arrow_table(),
        loans=dbt.ref("int_credit__frame").to_arrow_table(),
        smallest_cell=dbt.config.meta_get("smallest_cell"),
    )
