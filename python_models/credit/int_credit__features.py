"""The features of the loans: kind, source, dates; and the values that are wrong."""


def model(dbt, session):
    """One row per feature (see stats.credit.frame.features_table)."""
    dbt.config(schema="restricted")
    from credit_indices.stats.credit import frame

    return frame.features_table(
        session,
        values=dbt.ref("int_credit__values").sql_query(),
        wide=dbt.ref("stg_input__loan_features_wide").sql_query(),
        loans=dbt.ref("int_credit__loans").sql_query(),
        dictionary=dbt.ref("stg_input__credit_features").to_arrow_table(),
    )
