"""The load of the events into the state of the early warning."""


def model(dbt, session):
    """One row (see early_warning.load.load)."""
    dbt.config(schema="intermediate")
    from credit_indices.early_warning import load

    return load.load(
        session,
        {
            "run": dbt.ref("int_warnings__run").sql_query(),
            "enterprises": dbt.ref("int_warnings__enterprises").sql_query(),
            "consents": dbt.ref("int_warnings__consents").sql_query(),
            "records": dbt.ref("int_warnings__events_consented").sql_query(),
            "rules": dbt.ref("int_warnings__rules").sql_query(),
            "levels": dbt.ref("int_warnings__levels").sql_query(),
            "deadlines": dbt.ref("int_warnings__deadlines").sql_query(),
            "event_types": dbt.ref("warning_event_types").sql_query(),
        },
    )
