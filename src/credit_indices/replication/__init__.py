"""Audit of the two reference papers: consistency of their numbers and official data.

`intervals` represents published numbers with their rounding. `lin_gu_2015` and `song_liu_2025` have
one function per table or section of a paper, which yields checks of its claims; `claims` turns the
checks into verdicts and explanations. The texts of the claims and the published numbers are data,
in seeds/published.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa

from credit_indices.replication import lin_gu_2015, song_liu_2025
from credit_indices.replication.claims import NUMBERS, RESULTS, results

INDEX = "scdbi_five"
"""The index of the indicators of Song & Liu's Table 1."""

SCHEMA = pa.schema([(name, pa.float64() if name in NUMBERS else pa.string()) for name in RESULTS])


def claim_results(arrow_tables: Mapping[str, pa.Table]) -> pa.Table:
    """Return the verdict and the explanation of every claim of both papers.

    Args:
        arrow_tables: the tables that the dbt model claim_results reads, by name.

    Returns:
        A row per claim with the columns of `claims.RESULTS`; none without shipped observations, as
        in `dbt build --empty`.

    Raises:
        ValueError: see `claims.results`.

    """
    if not arrow_tables["stg_shipped__observations"].num_rows:
        return SCHEMA.empty_table()
    tables = {name: table.to_pandas() for name, table in arrow_tables.items()}
    cei = lin_gu_2015.Published.of(_seeds_of(lin_gu_2015.PAPER, tables))
    of_cei = lin_gu_2015.checks(
        cei,
        location_tests=tables["published_location_tests"],
        unrelated=tables["agreement_reference"],
    )
    scdbi = song_liu_2025.Published.of(_seeds_of(song_liu_2025.PAPER, tables))
    of_scdbi = song_liu_2025.checks(
        scdbi,
        nbs=tables["nbs"],
        land_area=tables["nbs_land_area"],
        units=tables["units"],
        digital_economy=tables["digital_economy_of_china"],
        divergences=_divergences(tables),
        t_tests=tables["published_t_tests"],
    )
    of_papers = [
        results(tables[f"{paper}_claims"], checks, paper, vars(published))
        for paper, checks, published in (
            (song_liu_2025.PAPER, of_scdbi, scdbi),
            (lin_gu_2015.PAPER, of_cei, cei),
        )
    ]
    return pa.Table.from_pandas(pd.concat(of_papers), schema=SCHEMA, preserve_index=False)


def _seeds_of(paper: str, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return a paper's seeds by their names without the paper's prefix."""
    prefix = f"{paper}_"
    return {
        name.removeprefix(prefix): table
        for name, table in tables.items()
        if name.startswith(prefix)
    }


def _divergences(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the divergences of the indicators of Table 1 in the shipped data."""
    listed = tables["index_indicators"]
    members = listed.loc[listed["index_code"] == INDEX, ["indicator_code", "direction"]]
    origins = tables["indicators"][["indicator_code", "data_origin"]]
    members = members.merge(origins, on="indicator_code")
    observations = tables["stg_shipped__observations"]
    of_index = observations[observations["indicator_code"].isin(members["indicator_code"])]
    values = of_index.assign(value=pd.to_numeric(of_index["value_as_read"]))
    return song_liu_2025.divergence_of(values, members)
