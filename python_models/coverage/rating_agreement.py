"""Agreement of the ratings of every pair of regions and agencies, before suppression."""


def model(dbt, session):
    """One row per scale and pair of regions and agencies (see stats.kappa.agreement_table)."""
    from credit_indices.stats import kappa

    return kappa.agreement_table(dbt.ref("int_coverage__rating_pairs").to_arrow_table())
