"""The loans and their features, which all models of credit risk read."""


def model(dbt, session):
    """One row per loan, two columns per feature (see stats.credit.frame.loans_relation)."""
    dbt.config(schema="restricted")
    from credit_indices.stats.credit import frame

    return frame.loans_relation(
        session,
        values=dbt.ref("int_credit__values").sql_query(),
        wide=dbt.ref("stg_input__loan_features_wide").sql_query(),
        loans=dbt.ref("int_credit__loans").sql_query(),
        features=dbt.ref("int_credit__features").to_arrow_table(),
    )
