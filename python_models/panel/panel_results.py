"""All panel regressions of the catalog, estimated from moments."""


def model(dbt, session):
    """One row per regression and record (see stats.panel.results.results_table)."""
    from credit_indices.stats.panel import results

    frame = dbt.ref("int_panel__frame").sql_query()
    session.execute(f"create or replace temporary view panel_frame as {frame}")
    return results.results_table(
        connection=session,
        relation="panel_frame",
        specs=dbt.ref("int_panel__specs").to_arrow_table(),
        variables=dbt.ref("int_panel__variables").to_arrow_table(),
        nonpositive_under_log=dbt.ref("int_panel__nonpositive_under_log").to_arrow_table(),
        weights=dbt.config.meta_get("bootstrap_weights"),
    )
