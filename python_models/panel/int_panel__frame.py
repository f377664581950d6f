"""The panel of the regressions, for SQL and for export to Stata or R."""


def model(dbt, session):
    """One row per unit and period, one column per panel variable."""
    dbt.config(schema="intermediate")
    from credit_indices.stats.panel import frame

    return frame.wide(
        long=dbt.ref("int_panel__long"),
        variables=dbt.ref("int_panel__variables").to_arrow_table(),
    )
