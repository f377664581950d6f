"""Cumulative incidence of competing outcomes from counts by day: Aalen-Johansen, and Kaplan-Meier.

All follow-up ends at a known day (the as-of date), so a subject is counted up to the last day that
was observed whole. The estimates then need only the number of subjects at risk and of each outcome
by day, not a row per subject.

References:
    Aalen, O. O., and S. Johansen (1978). An empirical transition matrix for non-homogeneous Markov
        chains based on censored observations. Scandinavian Journal of Statistics 5, 141-150.
    Marubini, E., and M. G. Valsecchi (1995). Analysing Survival Data from Clinical Trials and
        Observational Studies. Wiley. Variance by the delta method.
    Choudhury, J. B. (2002). Non-parametric confidence interval estimation for competing risks
        analysis: application to contraceptive data. Statistics in Medicine 21, 1129-1144.

"""

from __future__ import annotations

import bisect
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

OUTCOMES = ("red", "repair", "closure")
"""Outcomes of a warning (warning_survival.outcome in macros/input/allowed_values.sql)."""

CENSORED = "censored"
NORMAL_975 = 1.959963984540054

SCHEMA = pa.schema(
    [
        ("from_level", pa.string()),
        ("grouping_code", pa.string()),
        ("group_name", pa.string()),
        ("outcome", pa.string()),
        ("day", pa.int32()),
        ("n_at_risk", pa.int64()),
        ("n_events", pa.int64()),
        ("incidence", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("km", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Incidence:
    """Estimates of k outcomes on d days, each of shape (k, d); probabilities.

    Attributes:
        incidence: Cumulative incidence (Aalen-Johansen).
        std_error: Its standard error.
        ci_low: Lower end of its 95 % interval; NaN where the estimate is 0 or 1.
        ci_high: Upper end of it.
        km: 1 minus Kaplan-Meier, with the other outcomes counted as censored.

    """

    incidence: Matrix
    std_error: Matrix
    ci_low: Matrix
    ci_high: Matrix
    km: Matrix


def cumulative_incidence(n_at_risk: ArrayLike, n_events: ArrayLike) -> Incidence:
    """Estimate the cumulative incidence of competing outcomes.

    With S the probability of no outcome, the incidence of outcome k up to t is the sum over days
    j <= t of S(j-) d_kj / n_j. Its variance is the one of the delta method (Marubini and Valsecchi
    1995), as in Stata's stcompet and statsmodels' CumIncidenceRight, which needs a row per subject
    and has no value for the day on which the last subject ends. The interval is that of
    ln(-ln(incidence)) (Choudhury 2002).

    Args:
        n_at_risk: Subjects at risk just before each day, shape (d,), all above 0.
        n_events: Outcomes by kind and day, shape (k, d).

    Returns:
        Estimates, shape (k, d).

    Raises:
        ValueError: If a day has nobody at risk or more outcomes than subjects at risk.

    """
    n, d = np.asarray(n_at_risk, float), np.asarray(n_events, float)
    total = d.sum(axis=0)
    if (n <= 0).any() or (total > n).any():
        day = int(np.argmax((n <= 0) | (total > n)))
        raise ValueError(
            f"n_at_risk is {n[day]:g} and n_events {total[day]:g} on day number {day}; expected at "
            "least one subject at risk and no more outcomes than subjects. Leave out days on which "
            "nobody is at risk."
        )
    before = np.concatenate([[1.0], np.cumprod(1 - total / n)[:-1]])
    steps = before * d / n
    incidence = np.cumsum(steps, axis=1)
    variance = _variance(n, d, total, before, incidence)
    std_error = np.sqrt(variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = NORMAL_975 * std_error / (incidence * np.log(incidence))
        inside = (incidence > 0) & (incidence < 1)
        ci_low = np.where(inside, incidence ** np.exp(-exponent), np.nan)
        ci_high = np.where(inside, incidence ** np.exp(exponent), np.nan)
    km = 1 - np.cumprod(1 - d / n, axis=1)
    return Incidence(incidence, std_error, ci_low, ci_high, km)


def _variance(n: Vector, d: Matrix, total: Vector, before: Vector, incidence: Matrix) -> Matrix:
    """Variance by the delta method, shape (k, d); the sums run over days j up to day t."""
    left = n - total
    with np.errstate(divide="ignore", invalid="ignore"):
        # If nobody is left, the incidence is constant afterwards and the term 0.
        of_survival = np.where(left > 0, total / (n * left), 0.0)
    later = incidence[:, :, None] - incidence[:, None, :]  # incidence(t) - incidence(j)
    terms = (
        later**2 * of_survival
        + (before**2 * (n - d) * d / n**3)[:, None, :]
        - 2 * later * (before * d / n**2)[:, None, :]
    )
    return np.clip(np.tril(terms).sum(axis=2), 0.0, None)


def survival_table(counts: pa.Table) -> pa.Table:
    """Estimate the cumulative incidence of every outcome, for each level and group.

    Args:
        counts: Number of `warnings` by from_level, grouping_code, group_name, outcome and day. The
            outcome is one of OUTCOMES, or censored: observed up to the end of the day without one.
            A row of 0 warnings asks for estimates on its day.

    Returns:
        One row per level, group, outcome and day of the group's counts, and day 0 (SCHEMA).
        Estimates are NULL on days to which no warning was followed; incidence is known nevertheless
        if all warnings had ended before.

    Raises:
        ValueError: If an outcome is unknown.

    """
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in counts.to_pylist():
        if row["outcome"] not in (*OUTCOMES, CENSORED):
            raise ValueError(
                f"outcome is {row['outcome']!r}; expected one of {', '.join((*OUTCOMES, CENSORED))}"
            )
        found[row["from_level"], row["grouping_code"], row["group_name"]].append(row)
    rows: list[dict[str, Any]] = []
    for (level, grouping, group), cells in sorted(found.items()):
        of_group = {"from_level": level, "grouping_code": grouping, "group_name": group}
        rows += [of_group | row for row in _rows(cells)]
    return pa.Table.from_pylist(rows, SCHEMA)


def _rows(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of one group, from its numbers of warnings by outcome and day."""
    event_days = sorted({cell["day"] for cell in cells if cell["outcome"] != CENSORED})
    shown_days = sorted({0, *(cell["day"] for cell in cells)})
    last_days = np.array([cell["day"] for cell in cells])
    warnings = np.array([cell["warnings"] for cell in cells])
    at_risk = {day: int(warnings[last_days >= day].sum()) for day in shown_days}
    n_events = {(cell["outcome"], cell["day"]): cell["warnings"] for cell in cells}
    estimates = cumulative_incidence(
        [at_risk[day] for day in event_days],
        [[n_events.get((outcome, day), 0) for day in event_days] for outcome in OUTCOMES],
    )
    all_ended = bool(event_days) and np.isclose(estimates.incidence[:, -1].sum(), 1)
    rows = []
    for number, outcome in enumerate(OUTCOMES):
        for day in shown_days:
            row = {
                "outcome": outcome,
                "day": day,
                "n_at_risk": at_risk[day],
                "n_events": n_events.get((outcome, day), 0),
            }
            place = bisect.bisect_right(event_days, day) - 1
            is_known = at_risk[day] > 0 or all_ended
            if is_known and place < 0:
                row |= {"incidence": 0.0, "km": 0.0}
            elif is_known:
                names = ("incidence", "ci_low", "ci_high", "km")
                values = {name: getattr(estimates, name)[number, place] for name in names}
                row |= {name: float(v) for name, v in values.items() if not np.isnan(v)}
            if not at_risk[day] and row.get("km", 1.0) < 1:
                row["km"] = None  # its other outcomes are censored: nobody is followed so far
            rows.append(row)
    return rows
