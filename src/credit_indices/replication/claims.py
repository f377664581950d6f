"""Claims of the papers: what the numbers say of one, its verdict, and the words for both."""

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
    """What the numbers say of one claim; nan where there is no such number."""

    code: str
    """Of the claim, without the paper's."""
    published: float
    recomputed: float
    lower: float
    upper: float
    holds: bool | None
    """None where the numbers do not decide."""
    figures: dict[str, Any] = field(default_factory=dict)
    """What the claim's explanation may name."""


def check(
    code: str,
    *,
    published: Number = MISSING,
    recomputed: Number = MISSING,
    bounds: Interval | tuple[float, float] | None = None,
    holds: bool | None = None,
    **figures: Any,
) -> Check:
    """Return a check.

    Args:
        code: of the claim, without the paper's.
        published: the printed number that the claim is about.
        recomputed: what follows for it.
        bounds: lower and upper; by default those of `recomputed` unless it is exact.
        holds: whether the claim agrees with the numbers; None where they do not decide.
        figures: further numbers and words that the explanation of the claim names.

    """
    published, recomputed = exact(published), exact(recomputed)
    if isinstance(bounds, tuple):
        lower, upper = bounds
    else:
        around = recomputed if bounds is None else bounds
        lower, upper = around.low, around.high
        if lower == upper:
            lower = upper = np.nan
    return Check(code, published.value, recomputed.value, lower, upper, holds, figures)


def agreement(code: str, published: Number, recomputed: Interval, **figures: Any) -> Check:
    """Check a claim that holds if the published and the recomputed number can be the same."""
    holds = recomputed.overlaps(published)
    return check(code, published=published, recomputed=recomputed, holds=holds, **figures)


def deviations(code: str, deviation: Any, allowed: Any, **figures: Any) -> Check:
    """Check a claim on many numbers, each against what rounding explains of its deviation.

    Args:
        code: of the claim, without the paper's.
        deviation: array of the numbers' deviations; nan where they could not be recomputed.
        allowed: array of the same shape; nan where rounding explains any deviation.
        figures: as in `check`.

    """
    holds = None if np.isnan(deviation).any() else not (deviation > allowed).any()
    most = (0.0, np.nanmax(allowed, initial=0.0)) if holds is not None else (0.0, np.nan)
    return check(code, recomputed=np.max(deviation), bounds=most, holds=holds, **figures)


def rounded(checks: Iterable[Check], decimals: int) -> Iterator[Check]:
    """Round the numbers of checks: those made of differences of sums are noise beyond them."""
    for one in checks:
        yield replace(one, **{name: round(getattr(one, name), decimals) for name in NUMBERS})


def results(
    stated: pd.DataFrame, checks: Iterable[Check], paper: str, figures: Mapping[str, Any]
) -> pd.DataFrame:
    """Return the verdict and the explanation of every claim of a paper.

    Args:
        stated: a row per claim with claim_code, verdict_if_it_holds and explanation, in which
            `{name:.2f}` stands for a figure of its check (published, recomputed, lower and upper,
            too) or of the paper.
        checks: at most one per claim. Claims without one are not checkable.
        paper: beginning of the claims' codes.
        figures: what every explanation may name.

    Raises:
        ValueError: a check is of no claim, or a claim has two; a verdict is unknown; a claim that
            could hold has no check; an explanation names what its check does not have.

    """
    known = [(f"{paper}_{one.code}", one) for one in checks]
    by_code = dict(known)
    twice = [code for code, times in Counter(code for code, _ in known).items() if times > 1]
    unknown = sorted(set(by_code) - set(stated["claim_code"]))
    if twice or unknown:
        raise ValueError(
            f"checks of {', '.join(twice + unknown)}: each must be the only one of a claim that "
            f"{paper}_claims lists"
        )
    columns = ("claim_code", "verdict_if_it_holds", "explanation")
    rows = []
    for code, if_it_holds, text in stated[list(columns)].itertuples(index=False):
        one = by_code.get(code)
        numbers = [getattr(one, name) for name in NUMBERS] if one else [np.nan] * len(NUMBERS)
        said = explanation(code, text, figures, one)
        rows.append([code, *numbers, verdict(code, if_it_holds, one), said])
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


def explanation(code: str, text: str, figures: Mapping[str, Any], of: Check | None) -> str:
    """Put figures into the explanation of a claim: those of its check, else of the paper."""
    known = dict(figures)
    if of is not None:
        known |= {name: getattr(of, name) for name in NUMBERS} | of.figures
    try:
        return _Filled().vformat(text, (), known)
    except (KeyError, IndexError, AttributeError) as error:
        raise ValueError(
            f"{code}: its explanation names {error.args[0]!r}, which is not there; it may name "
            f"{', '.join(sorted(known))} and what these have"
        ) from error


class _Filled(Formatter):
    """Prints ? for a missing number, and zero without a sign."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """Format one figure."""
        if value is None or (isinstance(value, Interval) and value.missing):
            return "?"
        if isinstance(value, float) and isnan(value):
            return "?"
        if isinstance(value, Interval):
            value = value.value
        return format(value, f"z{format_spec}" if format_spec.endswith("f") else format_spec)
