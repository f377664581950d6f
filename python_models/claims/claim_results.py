"""Check of every claim of the papers against reported numbers, official values and tests."""


def model(dbt, session):
    """One row per claim (see credit_indices.replication.claim_results)."""
    from credit_indices import replication

    tables = {
        "song_liu_2025_claims": dbt.ref("song_liu_2025_claims"),
        "song_liu_2025_table_1": dbt.ref("song_liu_2025_table_1"),
        "song_liu_2025_table_2": dbt.ref("song_liu_2025_table_2"),
        "song_liu_2025_coefficients": dbt.ref("song_liu_2025_coefficients"),
        "song_liu_2025_table_5": dbt.ref("song_liu_2025_table_5"),
        "song_liu_2025_table_6": dbt.ref("song_liu_2025_table_6"),
        "song_liu_2025_text": dbt.ref("song_liu_2025_text"),
        "song_liu_2025_external": dbt.ref("song_liu_2025_external"),
        "digital_economy_of_china": dbt.ref("digital_economy_of_china"),
        "lin_gu_2015_claims": dbt.ref("lin_gu_2015_claims"),
        "lin_gu_2015_table_1": dbt.ref("lin_gu_2015_table_1"),
        "lin_gu_2015_table_2": dbt.ref("lin_gu_2015_table_2"),
        "lin_gu_2015_table_3": dbt.ref("lin_gu_2015_table_3"),
        "lin_gu_2015_table_4": dbt.ref("lin_gu_2015_table_4"),
        "lin_gu_2015_table_5": dbt.ref("lin_gu_2015_table_5"),
        "lin_gu_2015_weights": dbt.ref("lin_gu_2015_weights"),
        "lin_gu_2015_equations": dbt.ref("lin_gu_2015_equations"),
        "lin_gu_2015_external": dbt.ref("lin_gu_2015_external"),
        "nbs": dbt.ref("nbs"),
        "nbs_land_area": dbt.ref("nbs_land_area"),
        "units": dbt.ref("units"),
        "indicators": dbt.ref("indicators"),
        "index_indicators": dbt.ref("index_indicators"),
        "stg_shipped__observations": dbt.ref("stg_shipped__observations"),
        "published_t_tests": dbt.ref("published_t_tests"),
        "published_location_tests": dbt.ref("published_location_tests"),
        "agreement_reference": dbt.ref("agreement_reference"),
    }
    return replication.claim_results(
        {name: relation.to_arrow_table() for name, relation in tables.items()}
    )
