"""Claims of the papers: numerical checks, verdicts and explanations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import isnan
from string import Formatter
from typing import Any

import numpy as np
import pandas as pd

from credit_indices.replication.intervals import MISSING, Interval, Number, exact

VERDICTS_IF_IT_HOLDS = ("reproduced", "consistent", "not_checkable")

NUMBERS = ("published", "recomputed", "lower", "upper")

RESULTS = ("claim_code", *NUMBERS, "verdict", "explanation")
"""Columns of `results`; marts.published_claims describes them."""


@dataclass(frozen=True)
class Check:
    """Result of the check of one claim; nan for a number that does not exist."""

    code: str
    """Code of the claim, without the paper's prefix."""
    published: float
    recomputed: float
    lower: float
    upper: float
    holds: bool | None
    """Whether the claim agrees with the numbers; None if they do not decide."""
    values: dict[str, Any] = field(default_factory=dict)
    """Values and texts that the claim's explanation may use."""


def check(
    code: str,
    *,
    published: Number = MISSING,
    recomputed: Number = MISSING,
    bounds: Interval | tuple[float, float] | None = None,
    holds: bool | None = None,
    **values: Any,
) -> Check:
    """Return a check.

    Args:
        code: of the claim, without the paper's prefix.
        published: the published number that the claim is about.
        recomputed: the value that follows from the other numbers.
        bounds: lower and upper; by default those of `recomputed` unless it is exact.
        holds: whether the claim agrees with the numbers; None if they do not decide.
        values: further numbers and texts for the explanation of the claim.

    """
    published, recomputed = exact(published), exact(recomputed)
    if isinstance(bounds, tuple):
        lower, upper = bounds
    else:
        around = recomputed if bounds is None else bounds
        lower, upper = around.low, around.high
        if lower == upper:
            lower = upper = np.nan
    return Check(code, published.value, recomputed.value, lower, upper, holds, values)


def agreement(code: str, published: Number, recomputed: Interval, **values: Any) -> Check:
    """Check a claim that holds if the published and the recomputed number can be equal."""
    holds = recomputed.overlaps(published)
    return check(code, published=published, recomputed=recomputed, holds=holds, **values)


def deviations(code: str, deviation: Any, allowed: Any, **values: Any) -> Check:
    """Check a claim about many numbers: rounding must explain each deviation.

    Args:
        code: of the claim, without the paper's.
        deviation: array of the numbers' deviations; nan where they could not be recomputed.
        allowed: largest deviations that rounding explains, same shape; nan if it explains any.
        values: as in `check`.

    """
    holds = None if np.isnan(deviation).any() else not (deviation > allowed).any()
    most = (0.0, np.nanmax(allowed, initial=0.0)) if holds is not None else (0.0, np.nan)
    return check(code, recomputed=np.max(deviation), bounds=most, holds=holds, **values)


def rounded(checks: Iterable[Check], decimals: int) -> Iterator[Check]:
    """Round the numbers of checks: further digits of differences of sums are noise."""
    for one in checks:
        yield replace(one, **{name: round(getattr(one, name), decimals) for name in NUMBERS})


def results(
    stated: pd.DataFrame, checks: Iterable[Check], paper: str, values: Mapping[str, Any]
) -> pd.DataFrame:
    """Return the verdict and the explanation of every claim of a paper.

    Args:
        stated: a row per claim with claim_code, verdict_if_it_holds and explanation, in which
            `{name:.2f}` stands for a value of its check (including published, recomputed, lower and
            upper) or of the paper.
        checks: at most one per claim. Claims without one are not checkable.
        paper: prefix of the claims' codes.
        values: values that every explanation may use.

    Raises:
        ValueError: a check belongs to no claim, or a claim has two; a verdict is unknown; a claim
            that could hold has no check; an explanation uses a name that its check lacks.

    """
    known = [(f"{paper}_{one.code}", one) for one in checks]
    by_code = dict(known)
    twice = [code for code, times in Counter(code for code, _ in known).items() if times > 1]
    unknown = sorted(set(by_code) - set(stated["claim_code"]))
    if twice or unknown:
        raise ValueError(
            f"checks of {', '.join(twice + unknown)}: expected one check per claim, and only "
            f"claims in {paper}_claims"
        )
    columns = ("claim_code", "verdict_if_it_holds", "explanation")
    rows = []
    for code, if_it_holds, text in stated[list(columns)].itertuples(index=False):
        one = by_code.get(code)
        numbers = [getattr(one, name) for name in NUMBERS] if one else [np.nan] * len(NUMBERS)
        filled = explanation(code, text, values, one)
        rows.append([code, *numbers, verdict(code, if_it_holds, one), filled])
    return pd.DataFrame(rows, columns=RESULTS)


def verdict(code: str, if_it_holds: str, of: Check | None) -> str:
    """Return reproduced, consistent, inconsistent or not_checkable."""
    if if_it_holds not in VERDICTS_IF_IT_HOLDS:
        expected = ", ".join(VERDICTS_IF_IT_HOLDS)
        raise ValueError(f"{code}: verdict_if_it_holds is {if_it_holds!r}; expected {expected}")
    if if_it_holds == "not_checkable":
        return if_it_holds
    if of is None:
        raise ValueError(f"{code}: {if_it_holds} if it holds, but nothing checks whether it does")
    if of.holds is None:
        return "not_checkable"
    return if_it_holds if of.holds else "inconsistent"


def explanation(code: str, text: str, values: Mapping[str, Any], of: Check | None) -> str:
    """Insert values into the explanation of a claim: those of its check, else of the paper."""
    known = dict(values)
    if of is not None:
        known |= {name: getattr(of, name) for name in NUMBERS} | of.values
    try:
        return _Filled().vformat(text, (), known)
    except (KeyError, IndexError, AttributeError) as error:
        raise ValueError(
            f"{code}: its explanation uses {error.args[0]!r}, which does not exist; it may use "
            f"{', '.join(sorted(known))} and their attributes"
        ) from error


class _Filled(Formatter):
    """Formats a missing number as ?, and zero without a sign."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """Format one value."""
        if value is None or (isinstance(value, Interval) and value.missing):
            return "?"
        if isinstance(value, float) and isnan(value):
            return "?"
        if isinstance(value, Interval):
            value = value.value
        return format(value, f"z{format_spec}" if format_spec.endswith("f") else format_spec)
