"""Check the catalog's specifications against the panel, and reduce them to moments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

import pyarrow as pa

from credit_indices.stats.panel.formula import Formula, FormulaError, factors, parse
from credit_indices.stats.panel.moments import Moments, PanelError, moments, quote

Row = dict[str, Any]


class NotEstimatedError(Exception):
    """A specification cannot be estimated; the message gives the reason."""


REFUSALS = (FormulaError, PanelError, NotEstimatedError)
"""Errors of `Panel`: they lead to the status not_estimated."""


@dataclass(frozen=True)
class Panel:
    """The panel that specifications are estimated on.

    Attributes:
        connection: A DuckDB connection (anything that `moments` takes).
        relation: The panel in SQL: unit_id, period, region and a column per variable.
        known: The variables that formulas may use.
        logs: By variable, the unit_id, region and period of values not positive under a log
            transform.

    """

    connection: Any
    relation: str
    known: frozenset[str]
    logs: dict[str, list[Row]]

    @classmethod
    def of(
        cls, connection: Any, relation: str, variables: pa.Table, nonpositive_under_log: pa.Table
    ) -> Panel:
        """Read the variables and the non-positive values under logs, both by variable_code."""
        logs: dict[str, list[Row]] = defaultdict(list)
        for row in nonpositive_under_log.to_pylist():
            logs[row["variable_code"]].append(row)
        known = frozenset(variables["variable_code"].to_pylist())
        return cls(connection, relation, known, logs)

    def formula(self, spec: Row) -> Formula:
        """Parse the formula of a specification.

        Raises:
            NotEstimatedError: If it is empty.
            FormulaError: If it does not parse.

        """
        if not (spec["formula"] or "").strip():
            raise NotEstimatedError("the formula is empty: write outcome ~ regressors")
        return parse(spec["formula"])

    def samples(self, spec: Row, formula: Formula) -> list[list[str]]:
        """Return the regions of the sample, or of the two samples of a difference.

        Raises:
            NotEstimatedError: If the text cannot be parsed, or the formula cannot be estimated on
                these samples: an unknown variable, a non-positive value under a log transform, an
                outcome among the regressors.

        """
        samples = [self._regions(part) for part in (spec["sample_region"] or "").split(" vs ")]
        if len(samples) > 1 and not all(samples):
            raise NotEstimatedError("sample_region lacks a sample on one side of vs")
        if len(samples) > 2:
            raise NotEstimatedError("sample_region compares at most two samples, 'a vs b'")
        self._check(formula, samples)
        return samples

    def sample(self, regions: list[str]) -> str:
        """Return SQL for the rows of some regions, or of all."""
        if not regions:
            return self.relation
        listed = ", ".join("'" + region.replace("'", "''") + "'" for region in regions)
        return f"(select * from {self.relation} where region in ({listed}))"

    def moments(self, formula: Formula, regions: list[str], cluster: str) -> Moments:
        """Reduce a sample to its moments.

        Raises:
            NotEstimatedError: If a region has no units, or a variable has no values in the sample.
            PanelError: As `moments` raises it.

        """
        relation = self.sample(regions)
        for region in regions:
            if region not in self.regions:
                raise NotEstimatedError(
                    f"no unit lies in the region {region}; there are {', '.join(self.regions)}"
                )
        for name in formula.variables:
            self._require_rows(
                f"(select * from {relation} where {quote(name)} is not null)",
                f"the data lack the variable {name}" + _of(regions),
            )
        return moments(self.connection, relation, formula, cluster=cluster)

    def _check(self, formula: Formula, samples: list[list[str]]) -> None:
        for name in formula.variables:
            if name not in self.known:
                raise NotEstimatedError(
                    f"the variable {name} is unknown: it is not listed in panel_variables, or its "
                    "source is not among this run's indicators, indices and analyses"
                    + _did_you_mean(name, self.known)
                )
            cases = [
                (case["unit_id"], case["period"])
                for case in self.logs.get(name, [])
                if any(not sample or case["region"] in sample for sample in samples)
            ]
            if cases:
                unit, period = min(cases)
                more = len(cases) - 1
                raise NotEstimatedError(
                    f"the variable {name} has values that are not positive under a log transform: "
                    f"unit_id {unit}, period {period}" + (f" and {more} more" if more else "")
                )
        outcome = formula.outcome
        inside = [term for term in formula.terms[1:] if set(factors(outcome)) & set(factors(term))]
        if inside:
            raise NotEstimatedError(f"the outcome {outcome} is part of the term {inside[0]}")

    @cached_property
    def regions(self) -> list[str]:
        """Regions of the panel, sorted."""
        found = self.connection.execute(
            f"select distinct region from {self.relation} where region is not null order by region"
        ).fetchall()
        return [region for (region,) in found]

    def _regions(self, part: str) -> list[str]:
        if "+" in part and part.strip() in self.regions:  # a name with a plus sign
            return [part.strip()]
        return [region.strip() for region in part.split("+") if region.strip()]

    def _require_rows(self, relation: str, otherwise: str) -> None:
        if not self.connection.execute(f"select 1 from {relation} limit 1").fetchall():
            raise NotEstimatedError(otherwise)


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _of(regions: list[str]) -> str:
    return f" in {' and '.join(regions)}" if regions else ""
