"""Contributions of the blocks of a regression, from the moments of the full regression."""


def model(dbt, session):
    """One row per regression and block (see stats.panel.decomposition)."""
    from credit_indices.stats.panel import decomposition

    frame = dbt.ref("int_panel__frame").sql_query()
    session.execute(f"create or replace temporary view panel_frame as {frame}")
    return decomposition.decompositions_table(
        connection=session,
        relation="panel_frame",
        specs=dbt.ref("int_panel__specs").to_arrow_table(),
        blocks=dbt.ref("int_panel__blocks").to_arrow_table(),
        variables=dbt.ref("int_panel__variables").to_arrow_table(),
        nonpositive_under_log=dbt.ref("int_panel__nonpositive_under_log").to_arrow_table(),
    )
