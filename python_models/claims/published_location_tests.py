"""Numbers of zero and tied differences compatible with the reported tests of Lin & Gu (2015)."""


def model(dbt, session):
    """One row per number of non-zero differences (see agreement.reported_location_table)."""
    from credit_indices.stats import agreement

    rows = dbt.ref("lin_gu_2015_table_5").to_arrow_table().to_pylist()
    tests = {row["symbol"]: row for row in rows}
    return agreement.reported_location_table(
        m=tests["M"]["statistic"],
        s=tests["S"]["statistic"],
        reported_sign_p=tests["M"]["p_value"],
        reported_signed_rank_p=tests["S"]["p_value"],
        n_units=tests["M"]["observations"],
    )
