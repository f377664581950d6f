"""Scenarios of contagion: DebtRank and threshold cascades."""


def model(dbt, session):
    """One row per scenario, method and start (see stats.contagion.scenarios.scenarios_table)."""
    dbt.config(schema="restricted")
    from credit_indices.stats.contagion import scenarios

    return scenarios.scenarios_table(
        enterprises=dbt.ref("int_warnings__enterprises").to_arrow_table(),
        warned=dbt.ref("int_neighbours__warned").to_arrow_table(),
        levels=dbt.ref("int_warnings__levels").to_arrow_table(),
        exposures=dbt.ref("int_neighbours__exposures").to_arrow_table(),
        threshold=dbt.config.meta_get("cascade_threshold"),
        n_starts=dbt.config.meta_get("contagion_starts"),
    )
