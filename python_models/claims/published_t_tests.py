"""Degrees of freedom compatible with the reported t tests of Song & Liu's Table 3."""


def model(dbt, session):
    """One row per coefficient and number of degrees of freedom (see published_tests)."""
    from credit_indices.stats import published_tests

    coefficients = dbt.ref("song_liu_2025_coefficients").to_arrow_table().to_pylist()
    described = dbt.ref("song_liu_2025_table_2").to_arrow_table().to_pylist()
    observations = max((row["observations"] for row in described), default=1)
    return published_tests.reported_t_table(coefficients, most_df=observations - 1)
