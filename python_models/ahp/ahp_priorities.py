"""Priorities of the children of every node of an AHP index, by expert and for the group."""


def model(dbt, session):
    """One row per index, parent, expert and item (credit_indices.stats.ahp.priorities_table)."""
    from credit_indices.stats import ahp

    return ahp.priorities_table(
        judgements=dbt.ref("int_ahp__judgements").to_arrow_table(),
        items=dbt.ref("int_ahp__items").to_arrow_table(),
        random_indices=dbt.ref("ahp_random_indices").to_arrow_table(),
        random_index_table=dbt.config.meta_get("random_index_table"),
    )
