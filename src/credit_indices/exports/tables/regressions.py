"""Tables of panel regressions: one column per regression, standard errors below coefficients."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from credit_indices.exports.tables.content import (
    DASH,
    NBSP,
    STARS,
    Cell,
    Heading,
    Note,
    Row,
    Table,
    decimals,
    distinct,
    number,
    p_value,
    parts,
    plain,
    spelled_out,
)
from credit_indices.exports.tables.marts import Marts, Record, by_table_code
from credit_indices.stats.panel import Formula, FormulaError, parse
from credit_indices.stats.panel.moments import INTERCEPT
from credit_indices.stats.panel.results import WITH_NUMBERS

BELOW = {"std_error": "({})", "std_error_cr3": "[{}]", "p_value_wild": "{{{}}}"}
"""Statistics below a coefficient, with their brackets."""

FIT_ROWS = (
    ("Observations", "n_obs"),
    ("Observations left out", "n_dropped"),
    ("Units", "n_units"),
    ("Periods", "n_periods"),
    ("Clusters", "n_clusters"),
    ("Within R²", "r2_within"),
    ("Overall R²", "r2_overall"),
)
INSTRUMENT_ROWS = (
    ("First-stage F", "f_first_stage"),
    ("Effective F", "f_effective"),
    ("Critical value of effective F", "f_effective_critical_value"),
    ("Hansen's J, p-value", "hansen_j_p_value"),
)


@dataclass(frozen=True)
class Regression:
    """A column: the marts' rows about one regression.

    Attributes:
        number: Its number in the table, `(1)`.
        fit: Its row of panel_fits.
        formula: None if it cannot be parsed.
        estimates: Its rows of panel_estimates by term.
        segments: Its Anderson-Rubin set.

    """

    number: str
    fit: Record
    formula: Formula | None
    estimates: dict[str, Record]
    segments: tuple[tuple[float, float], ...]

    @property
    def has_numbers(self) -> bool:
        """Whether it has estimates."""
        return self.fit["status"] in WITH_NUMBERS

    @property
    def is_instrumented(self) -> bool:
        """Whether it is 2SLS."""
        return self.formula is not None and bool(self.formula.endogenous)

    @property
    def is_hc1(self) -> bool:
        """Whether its errors are robust to heteroskedasticity only."""
        return self.fit["vcov_type"] == "HC1"

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of its formula."""
        return self.formula.variables if self.formula else ()

    @property
    def terms(self) -> list[str]:
        """Its terms: the instrumented ones, which are of interest, first; the constant last."""
        endogenous = self.formula.endogenous if self.formula else ()
        return sorted(self.estimates, key=lambda term: (term == INTERCEPT, term not in endogenous))

    @property
    def headings(self) -> tuple[str, str]:
        """Its heading, and one that adjacent columns may share: the title is `heading; shared`."""
        own, _, shared = (plain(self.fit["title"]) or plain(self.fit["spec_code"])).partition("; ")
        return own, shared


def tables(marts: Marts) -> Iterator[Table]:
    """Lay out one table per table_code, or several if the columns do not fit a page.

    A table is left out if no variable of its regressions has values (`without_data`).
    """
    for name, regressions in _written(marts):
        for suffix, part, chosen in parts(regressions):
            yield _table(marts, name + suffix, part, chosen)


def tidy(marts: Marts) -> Iterator[tuple[str, list[Record]]]:
    """Yield names and rows of tables with one number per cell, in full precision.

    Per table_code: one row per regression and term, and in `<name>-fits` one per regression.
    """
    for name, regressions in _written(marts):
        estimates, fits = [], []
        for place, regression in enumerate(regressions, start=1):
            fit = regression.fit
            keys = {"table_code": fit["table_code"], "column": place}
            keys |= {"spec_code": fit["spec_code"]}
            keys |= {"data_origin": marts.origin(regression.variables)}
            fits.append(keys | fit)
            for term, row in regression.estimates.items():
                words = {"status": fit["status"], "term": term, "label": marts.term_label(term)}
                estimates.append(keys | words | row)
        if estimates:
            yield name, estimates
        yield f"{name}-fits", fits


def without_data(marts: Marts) -> dict[str, list[str]]:
    """Return the tables that are left out, with their regressions' spec_codes.

    They have no estimates, and no variable of their formulas has values: the project's regressions
    when users supply other data.
    """
    return {
        name: [r.fit["spec_code"] for r in regressions]
        for name, regressions in _named(marts)
        if not _has_data(marts, regressions)
    }


def _written(marts: Marts) -> Iterator[tuple[str, list[Regression]]]:
    for name, regressions in _named(marts):
        if _has_data(marts, regressions):
            yield name, regressions


def _has_data(marts: Marts, regressions: Sequence[Regression]) -> bool:
    described = {row["variable_code"] for row in marts.descriptives}
    return any(
        # Show a formula that cannot be parsed: it is a fault.
        r.has_numbers or r.formula is None or not described.isdisjoint(r.variables)
        for r in regressions
    )


def _named(marts: Marts) -> Iterator[tuple[str, list[Regression]]]:
    """Yield a file name and the regressions of every table_code."""
    taken = {"all_tables", "descriptive_statistics"}
    for code, fits in by_table_code(marts.fits).items():
        stem = _file_name(code or "") or "regressions"
        name, again = stem, 1
        while name.lower() in taken:  # some file systems ignore case
            again += 1
            name = f"{stem}_{again}"
        taken.add(name.lower())
        yield name, [_regression(marts, place, fit) for place, fit in enumerate(fits, start=1)]


def _file_name(code: str) -> str:
    """Make a name without `-`, which separates suffixes."""
    ascii_only = unicodedata.normalize("NFKD", code).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "_", ascii_only).strip("_")[:100]


def _regression(marts: Marts, place: int, fit: Record) -> Regression:
    code = fit["spec_code"]
    try:
        formula = parse(fit["formula"] or "")
    except FormulaError:
        formula = None  # reported in its message
    return Regression(
        number=f"({place})",
        fit=fit,
        formula=formula,
        estimates={row["term"]: row for row in marts.estimates if row["spec_code"] == code},
        segments=tuple(
            (row["low"], row["high"]) for row in marts.segments if row["spec_code"] == code
        ),
    )


def _table(marts: Marts, name: str, part: str, regressions: Sequence[Regression]) -> Table:
    outcomes = distinct(r.formula.outcome for r in regressions if r.formula)
    variables = distinct(code for r in regressions for code in r.variables)
    remarks = [spelled_out(plain(regressions[0].fit["table_code"])), part]
    if marts.origin(variables) == "synthetic":
        remarks.append("synthetic data")
    caption = f"{marts.term_label(outcomes[0])}: panel regressions" if len(outcomes) == 1 else ""
    caption = caption or "Panel regressions"
    if any(remarks):
        caption += f" ({', '.join(filter(None, remarks))})"
    shared = _merged(r.headings[1] for r in regressions)
    return Table(
        name=name,
        caption=caption,
        headings=(
            *((shared,) if any(heading.text for heading in shared) else ()),
            tuple(Heading(r.headings[0]) for r in regressions),
            tuple(Heading(r.number) for r in regressions),
        ),
        blocks=tuple(
            block
            for rows in (
                _term_rows(marts, regressions),
                _design_rows(marts, regressions, outcomes),
                _fit_rows(regressions),
            )
            if (block := tuple(rows))
        ),
        notes=tuple(_notes(marts, regressions, outcomes, variables)),
    )


def _merged(texts: Iterable[str]) -> tuple[Heading, ...]:
    headings: list[Heading] = []
    for text in texts:
        if headings and headings[-1].text == text:
            headings[-1] = Heading(text, headings[-1].span + 1)
        else:
            headings.append(Heading(text))
    return tuple(headings)


def _term_rows(marts: Marts, regressions: Sequence[Regression]) -> Iterator[Row]:
    for term in _merged_terms(regressions):
        here = [r.estimates[term] for r in regressions if term in r.estimates]
        # The errors determine the meaningful digits of a coefficient.
        errors = [row[column] for row in here for column in ("std_error", "std_error_cr3")]
        digits = decimals(errors if any(errors) else [row["estimate"] for row in here])
        cells = (_estimate(r, term, digits) for r in regressions)
        yield Row(marts.term_label(term), tuple(cells))


def _estimate(r: Regression, term: str, digits: int | None) -> Cell:
    row = r.estimates.get(term)
    if not r.has_numbers:
        # The terms of a formula that cannot be parsed are unknown.
        return Cell(DASH if row or not r.estimates else "")
    if row is None:
        return Cell()
    below = [
        ""
        if row[column] is None
        else brackets.format(
            p_value(row[column]) if column == "p_value_wild" else number(row[column], digits)
        )
        for column, brackets in BELOW.items()
    ]
    while below and not below[-1]:
        below.pop()
    return Cell(number(row["estimate"], digits), row["stars"] or "", tuple(below))


def _merged_terms(regressions: Sequence[Regression]) -> list[str]:
    """Merge the terms of all columns; a new term precedes those that follow it in its column."""
    merged: list[str] = []
    for r in regressions:
        terms = r.terms
        for place, term in enumerate(terms):
            if term not in merged:
                following = [merged.index(later) for later in terms[place:] if later in merged]
                merged.insert(min(following, default=len(merged)), term)
    return merged


def _design_rows(
    marts: Marts, regressions: Sequence[Regression], outcomes: list[str]
) -> Iterator[Row]:
    formulas = [r.formula for r in regressions]

    def row(label: str, texts: Iterable[str]) -> Row:
        return Row(label, tuple(Cell(text) for text in texts))

    if len(outcomes) > 1:
        # A label is a name and a unit; the unit is in the note.
        names = (marts.term_label(f.outcome).split(", ")[0] if f else DASH for f in formulas)
        yield row("Outcome", names)
    if any(r.fit["sample_region"] for r in regressions):
        yield row("Sample", (_sample(r.fit["sample_region"]) for r in regressions))
    for label, effect in (("Unit effects", "unit_id"), ("Period effects", "period")):
        answers = (("Yes" if effect in f.effects else "No") if f else DASH for f in formulas)
        yield row(label, answers)
    if any(r.is_instrumented for r in regressions):
        methods = (
            "2SLS" if r.is_instrumented else "OLS" if r.formula else DASH for r in regressions
        )
        yield row("Method", methods)


def _sample(region: str | None) -> str:
    samples = [
        " + ".join(name.strip() for name in part.split("+")) for part in plain(region).split(" vs ")
    ]
    return " less ".join(samples) or "all units"


def _fit_rows(regressions: Sequence[Regression]) -> Iterator[Row]:
    for label, column in FIT_ROWS:
        values = [r.fit[column] for r in regressions]
        # No row if nothing was left out; readers expect the other rows even if empty.
        if column != "n_dropped" or any(values):
            # Under HC1 the mart counts every row as a cluster.
            missing = [column == "n_clusters" and r.is_hc1 for r in regressions]
            texts = (
                DASH if is_missing else _statistic(column, value)
                for is_missing, value in zip(missing, values, strict=True)
            )
            yield Row(label, tuple(map(Cell, texts)))
    for label, column in INSTRUMENT_ROWS:
        if any(r.fit[column] is not None for r in regressions):
            yield Row(
                label,
                tuple(
                    Cell(_statistic(column, r.fit[column]) if r.is_instrumented else "")
                    for r in regressions
                ),
            )
    if any(r.fit["ar_type"] for r in regressions):
        yield Row(f"Anderson-Rubin set, 95{NBSP}%", tuple(map(_anderson_rubin, regressions)))


def _statistic(column: str, value: float | None) -> str:
    if value is None:
        return DASH
    if column.startswith("n_"):
        return f"{value:,}"
    return p_value(value) if column.endswith("p_value") else number(value)


def _anderson_rubin(r: Regression) -> Cell:
    if not r.fit["ar_type"]:
        return Cell(DASH if r.is_instrumented else "")
    if not r.segments:
        return Cell("\N{EMPTY SET}")
    digits = decimals(end for segment in r.segments for end in segment)

    def interval(low: float, high: float) -> str:
        opening, closing = "(" if math.isinf(low) else "[", ")" if math.isinf(high) else "]"
        return f"{opening}{number(low, digits)},{NBSP}{number(high, digits)}{closing}"

    first, *others = (interval(low, high) for low, high in r.segments)
    return Cell(first, below=tuple(f"\N{UNION}{NBSP}{other}" for other in others))


def _notes(
    marts: Marts, regressions: Sequence[Regression], outcomes: list[str], variables: list[str]
) -> Iterator[Note]:
    yield from marts.synthetic_notes(variables)
    if outcomes:
        named = []
        for outcome in outcomes:
            users = [r for r in regressions if r.formula and r.formula.outcome == outcome]
            where = f"{_listed(users)}: " if len(outcomes) > 1 else ""
            named.append(where + marts.term_label(outcome))
        yield Note("Outcome", f"{'; '.join(named)}. Coefficients are per unit of the regressor.")
    estimated = [r for r in regressions if r.has_numbers]
    if estimated:
        hc1 = " (HC1: n − K)" if any(r.is_hc1 for r in estimated) else ""
        yield Note("Errors", " ".join(_error_sentences(estimated)))
        yield Note(
            "Stars",
            f"{STARS}, two-sided, from the errors in parentheses, t with N − 1 degrees of "
            f"freedom{hc1}.",
        )
        yield Note(
            "Fit",
            "Within R²: of the variation within the fixed effects. Overall R²: fixed effects "
            "included.",
        )
    yield from _instrument_notes(marts, regressions)
    yield from _status_notes(marts, regressions)
    yield from marts.source_notes(variables)


def _error_sentences(estimated: list[Regression]) -> Iterator[str]:
    robust = [r for r in estimated if r.is_hc1]
    if len(robust) < len(estimated):
        yield (
            "In parentheses: clustered by unit, CR1, with the factor (n − 1)/(n − K) × N/(N − 1); "
            "n observations, N clusters, K coefficients, the constant and the period effects "
            "beyond the unit effects (unit effects nested in clusters do not count)."
        )
    if robust:
        where = f" of {_listed(robust)}" if len(robust) < len(estimated) else ""
        yield f"In parentheses{where}: robust to heteroskedasticity only, HC1, factor n/(n − K)."
    rows = [row for r in estimated for row in r.estimates.values()]
    if any(row["std_error_cr3"] is not None for row in rows):
        yield "In square brackets: delete-one-cluster jackknife, CR3."
    tested = [row for row in rows if row["p_value_wild"] is not None]
    columns = ("bootstrap_weights", "bootstrap_draws", "bootstrap_seed")
    for weights, draws, seed in distinct(tuple(row[name] for name in columns) for row in tested):
        yield (
            "In braces: p-value of the wild cluster bootstrap (OLS only), null imposed, "
            f"{weights.capitalize()} weights, {draws:,} draws, seed {seed}."
        )


def _instrument_notes(marts: Marts, regressions: Sequence[Regression]) -> Iterator[Note]:
    uses: dict[str, list[Regression]] = {}
    for r in regressions:
        if r.is_instrumented:
            endogenous, instruments = (
                "; ".join(map(marts.term_label, terms))
                for terms in (r.formula.endogenous, r.formula.instruments)
            )
            uses.setdefault(f"{endogenous}, instrumented by {instruments}", []).append(r)
    if uses:
        yield Note(
            "2SLS",
            " ".join(f"{_listed(users)}: {use}." for use, users in uses.items())
            + " First-stage F: clustered; of several, the smallest Sanderson-Windmeijer F. "
            "Effective F: Montiel Olea and Pflueger; critical value at 5 % for a bias of 10 %. "
            "Anderson-Rubin set: all values of the instrumented coefficient that the clustered "
            "test does not reject; valid however weak the instrument.",
        )


def _status_notes(marts: Marts, regressions: Sequence[Regression]) -> Iterator[Note]:
    """Explain why a column has no estimates, or caveats about those it has.

    Labels replace the codes of instrumented terms. Without estimates the codes stay: they are what
    to change in the catalog.
    """
    remarks: dict[str, dict[str, list[Regression]]] = {}
    for r in regressions:
        message, status = plain(r.fit["message"]), r.fit["status"]
        for term in r.formula.endogenous if r.formula else ():
            message = message.replace(f"F of {term} is", f"F of {marts.term_label(term)} is")
        if message or status != "ok":
            topic = "Remarks" if status == "ok" else status.replace("_", " ").capitalize()
            remarks.setdefault(topic, {}).setdefault(message, []).append(r)
    for topic, by_message in remarks.items():
        texts = (f"{_listed(users)}: {message}" for message, users in by_message.items())
        warning = (
            " Read the Anderson-Rubin set instead of errors and stars."
            if topic == "Weak instrument"
            else ""
        )
        yield Note(topic, f"{'; '.join(texts)}.{warning}")


def _listed(regressions: Sequence[Regression]) -> str:
    return ", ".join(r.number for r in regressions)
