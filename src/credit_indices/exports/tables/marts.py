"""The marts that tables are built from, with labels and data sources of variables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from credit_indices.exports.origins import ORIGINS
from credit_indices.exports.tables.content import Note, distinct, plain
from credit_indices.stats.panel.formula import factors
from credit_indices.stats.panel.moments import INTERCEPT


class Record(dict[str, Any]):
    """A row of a mart by column."""

    def __missing__(self, column: str) -> Any:
        """Raise TablesError: the warehouse has no such column."""
        raise TablesError(
            f"the warehouse lacks the column {column}, which the tables need. It was built by an "
            "older version: run make build first."
        )


RELATIONS = {
    "estimates": "panel_estimates order by spec_code, term_number",
    "fits": "panel_fits order by spec_number",
    "segments": "ar_set_pieces order by spec_code, piece",
    "sources": "panel_variable_sources order by variable_number, indicator_code",
    "descriptives": "descriptive_statistics order by variable_code, sample",
}


class TablesError(Exception):
    """The tables cannot be written; the message is for the user."""


@dataclass(frozen=True)
class Marts:
    """Rows of the marts, as RELATIONS orders them."""

    estimates: list[Record]
    fits: list[Record]
    segments: list[Record]
    sources: list[Record]
    descriptives: list[Record]

    @cached_property
    def labels(self) -> dict[str, str]:
        """The variables' labels by code, in the order of the catalog."""
        return {
            row["variable_code"]: plain(row["label"]) or row["variable_code"]
            for row in self.sources
        }

    def term_label(self, term: str) -> str:
        """Return the label of a regressor: a variable, a product of several, or the constant."""
        if term == INTERCEPT:
            return "Constant"
        return " × ".join(self.labels.get(name, plain(name)) for name in factors(term))

    def indicators(self, variables: Sequence[str]) -> list[Record]:
        """Return the indicators that variables are computed from."""
        return [
            row
            for row in self.sources
            if row["variable_code"] in variables and row["indicator_code"]
        ]

    def origin(self, variables: Sequence[str]) -> str | None:
        """Return synthetic where any indicator is, then user, then official; None without any."""
        found = {row["data_origin"] for row in self.indicators(variables)}
        return next((origin for origin in ORIGINS if origin in found), None)

    def synthetic_notes(self, variables: Sequence[str]) -> Iterator[Note]:
        """List the synthetic variables, if any."""
        synthetic = self._shares(variables, "synthetic")
        if synthetic:
            yield Note(
                "Synthetic data",
                f"Synthetic, not observed: {'; '.join(synthetic)}. The table illustrates the "
                "method; it contains no finding about a real unit.",
            )

    def source_notes(self, variables: Sequence[str]) -> Iterator[Note]:
        """List the sources of data that are not synthetic."""
        texts = []
        for origin, words in (("official", "Official data"), ("user", "The user's data")):
            shares = self._shares(variables, origin)
            if shares:
                agencies = distinct(
                    plain(row["source_agency"])
                    for row in self.indicators(variables)
                    if row["data_origin"] == origin and row["source_agency"]
                )
                by = f" ({'; '.join(agencies)})" if agencies else ""
                texts.append(f"{words}{by}: {'; '.join(shares)}.")
        unknown = [plain(code) for code in variables if code not in self.labels]
        if unknown:
            texts.append(f"Not among this run's panel variables: {', '.join(unknown)}.")
        if texts:
            yield Note("Sources", " ".join(texts))

    def _shares(self, variables: Sequence[str], origin: str) -> list[str]:
        """List the variables with indicators of an origin, with their number if not all are."""
        named = []
        for code in variables:
            origins = [row["data_origin"] for row in self.indicators([code])]
            n = origins.count(origin)
            if n:
                part = f" ({n} of its {len(origins)} indicators)" if n < len(origins) else ""
                named.append(self.labels[code] + part)
        return named


def read(warehouse: Path) -> Marts:
    """Read the marts.

    Raises:
        TablesError: the file is missing, not a warehouse, lacks a mart or is being written.

    """
    if not warehouse.is_file():
        raise TablesError(
            f"{warehouse} does not exist. Run make build first, or name another file: "
            "CREDIT_INDICES_DB=warehouse/other.duckdb"
        )
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            return Marts(**{name: _records(connection, name) for name in RELATIONS})
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise TablesError(
            f"{warehouse} lacks a mart that the tables need ({str(error).splitlines()[0]}). It was "
            "not built, or by an older version: run make build first."
        ) from None
    except duckdb.IOException as error:
        raise TablesError(
            f"{warehouse} cannot be read ({str(error).splitlines()[0]}). If a program has it open "
            "for writing, close it there; if it is no DuckDB file, move it away and run make build."
        ) from None


def _records(connection: duckdb.DuckDBPyConnection, name: str) -> list[Record]:
    found = connection.execute(f"select * from marts.{RELATIONS[name]}")
    names = [column[0] for column in found.description]
    return [Record(zip(names, row, strict=True)) for row in found.fetchall()]


def by_table_code(fits: Iterable[Record]) -> dict[str | None, list[Record]]:
    """Group regressions by their table, in the order of the catalog."""
    groups: dict[str | None, list[Record]] = {}
    for fit in fits:
        groups.setdefault(fit["table_code"], []).append(fit)
    return groups
