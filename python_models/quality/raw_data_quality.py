"""Results of Great Expectations on the observations, before any index is built. Never raises."""


def model(dbt, session):
    """One row per suite and expectation (see credit_indices.quality.run.raw_results)."""
    from credit_indices.quality import run

    return run.raw_results(
        profiles={
            "completeness": dbt.ref("int_quality__completeness").to_arrow_table(),
            "changes": dbt.ref("int_quality__changes").to_arrow_table(),
            "extremes": dbt.ref("int_quality__extremes").to_arrow_table(),
            "drift": dbt.ref("int_quality__drift").to_arrow_table(),
            "provenance": dbt.ref("int_quality__provenance").to_arrow_table(),
        },
        thresholds=dbt.config.meta_get("thresholds"),
    )
