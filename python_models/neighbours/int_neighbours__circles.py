"""Guarantee circles: strongly connected components of the guarantees in force."""


def model(dbt, session):
    """One row per enterprise in a circle (see stats.contagion.circles.circles_table)."""
    dbt.config(schema="restricted")
    from credit_indices.stats.contagion import circles

    return circles.circles_table(dbt.ref("int_neighbours__exposures").to_arrow_table())
