"""Song & Liu (2025), on the social credit big data development index (SCDBI) and financial risk.

One function per table or section of the paper, https://doi.org/10.1145/3771792.3773849, in a module
per part of the paper. `Published` reads the paper's numbers once; every function checks some of
them. If a published number is missing, the claims about it cannot be checked.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from credit_indices.replication.claims import Check, rounded
from credit_indices.replication.song_liu_2025.paper import PAPER, Published, Sample
from credit_indices.replication.song_liu_2025.regressions import (
    density_within,
    section_4_2,
    section_4_3_1,
    section_4_3_3,
    sections_3_and_4,
    stars_of_table_3,
    table_3,
    table_4,
    table_4_differences,
    table_4_errors,
    unit_of_the_index,
)
from credit_indices.replication.song_liu_2025.suzhou import (
    section_5_3,
    section_7_1,
    sections_5,
    suzhou,
    table_5,
)
from credit_indices.replication.song_liu_2025.tables_1_and_2 import (
    divergence_of,
    entropy_formula,
    gdp_per_capita,
    logarithm_of_financing,
    regional_means,
    spreads,
    standardised,
    table_1,
    table_2,
)
from credit_indices.replication.song_liu_2025.text import (
    abstract,
    running_text,
    section_1_1,
    sections_2,
    sections_6,
)

__all__ = ["PAPER", "Published", "checks", "divergence_of"]


def checks(
    paper: Published,
    nbs: pd.DataFrame,
    land_area: pd.DataFrame,
    units: pd.DataFrame,
    digital_economy: pd.DataFrame,
    divergences: pd.DataFrame,
    t_tests: pd.DataFrame,
) -> Iterator[Check]:
    """Check the claims of the paper.

    Args:
        paper: the paper's numbers.
        nbs: raw.nbs, official data of the provinces in 2011-2020.
        land_area: raw.nbs_land_area.
        units: catalog.units as shipped.
        digital_economy: published.digital_economy_of_china.
        divergences: of the indicators of Table 1, see `divergence_of`.
        t_tests: stats.published_t_tests.

    """
    sample = Sample.of(nbs, units)
    yield from table_1(paper, divergences)
    yield from standardised(paper)
    yield from entropy_formula(paper, divergences)
    yield from spreads(paper)
    yield from table_2(paper, sample, nbs)
    yield from regional_means(paper, sample)
    yield from logarithm_of_financing(paper, sample)
    yield from gdp_per_capita(paper, nbs, units)
    later = (
        table_3(paper, sample, t_tests),
        stars_of_table_3(paper),
        unit_of_the_index(paper, sample),
        section_4_2(paper),
        table_4_differences(paper),
        table_4_errors(paper),
        table_4(paper, sample),
        section_4_3_1(paper),
        section_4_3_3(paper, sample, density_within(nbs, land_area)),
        table_5(paper),
        suzhou(paper),
        section_5_3(paper),
        section_7_1(paper),
        section_1_1(paper, digital_economy),
        running_text(paper),
        abstract(paper),
        sections_2(paper),
        sections_3_and_4(paper, sample),
        sections_5(paper),
        sections_6(paper),
    )
    for section in later:
        yield from rounded(section, 12)
