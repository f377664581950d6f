"""Results of Great Expectations on the indices. Never raises."""


def model(dbt, session):
    """One row per suite and expectation (see credit_indices.quality.run.result_results)."""
    from credit_indices.quality import run

    return run.result_results(
        profiles={
            "index_scores": dbt.ref("int_quality__index_scores").to_arrow_table(),
            "index_weights": dbt.ref("int_quality__index_weights").to_arrow_table(),
        },
        thresholds=dbt.config.meta_get("thresholds"),
        earlier=dbt.ref("raw_data_quality").to_arrow_table(),
    )
