"""Tables of descriptive statistics: all observations, and means by sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from credit_indices.exports.tables.content import (
    DASH,
    STARS,
    Cell,
    Heading,
    Note,
    Row,
    Table,
    decimals,
    distinct,
    number,
    parts,
    plain,
)
from credit_indices.exports.tables.marts import Marts, Record

NAME = "descriptive_statistics"

ROUNDING = 1e-9
"""Means closer to zero, in standard deviations, are zero: see coefficient_of_variation."""

COLUMNS = (
    "N",
    "Mean",
    "Standard deviation",
    "Smallest",
    "Largest",
    "Coefficient of variation",
    "Correlation with the index",
)


def tables(marts: Marts) -> Iterator[Table]:
    """Lay out the statistics of all observations, then means by region and in the last period.

    A variable without an indicator, such as the number of the period, is left out. No tables if no
    variable has values.
    """
    by_variable = {
        code: {row["sample"]: row for row in marts.descriptives if row["variable_code"] == code}
        for code in marts.labels
        if marts.indicators([code])
    }
    by_variable = {code: rows for code, rows in by_variable.items() if rows}
    if not by_variable:
        return
    variables = list(by_variable)
    remark = " (synthetic data)" if marts.origin(variables) == "synthetic" else ""
    synthetic = tuple(marts.synthetic_notes(variables))
    sources = tuple(marts.source_notes(variables))
    yield Table(
        name=NAME,
        caption=f"Descriptive statistics{remark}",
        headings=(tuple(map(Heading, COLUMNS)),),
        blocks=(
            tuple(Row(marts.labels[code], _all(rows["all"])) for code, rows in by_variable.items()),
        ),
        notes=(
            *synthetic,
            Note(
                "Statistics",
                "All units and periods. Standard deviation with n − 1; coefficient of variation: "
                "standard deviation over mean, a dash if the mean is zero."
                + _correlation_sentence(marts),
            ),
            Note(
                "Stars",
                f"{STARS}, two-sided, t on n − 2 degrees of freedom, rows taken as independent.",
            ),
            *sources,
        ),
    )
    samples = distinct(row["sample"] for rows in by_variable.values() for row in rows.values())
    others = sorted(set(samples) - {"all"}, key=lambda sample: (sample == "last_period", sample))
    for suffix, part, chosen in parts(others):
        yield Table(
            name=f"{NAME}-by-sample{suffix}",
            caption="Means by sample" + (f", {part}" if part else "") + remark,
            headings=(
                tuple(
                    Heading("last period" if sample == "last_period" else plain(sample))
                    for sample in chosen
                ),
            ),
            blocks=(
                tuple(
                    _means(marts.labels[code], rows, chosen) for code, rows in by_variable.items()
                ),
                (Row("N", tuple(Cell(_sizes(by_variable, sample)) for sample in chosen)),),
            ),
            notes=(
                *synthetic,
                Note(
                    "Statistics",
                    "Means, standard deviations (n − 1) in parentheses. Regions: all periods; last "
                    "period: all units. N: observations, with the smallest and largest number over "
                    "variables if they differ.",
                ),
                *sources,
            ),
        )


def _correlation_sentence(marts: Marts) -> str:
    indices = {row["index_variable_code"] for row in marts.descriptives} - {None}
    return "".join(
        f" Correlation: Pearson, with the index ({marts.term_label(code)}); a dash for itself."
        for code in sorted(indices)
    )


def tidy(marts: Marts) -> list[Record]:
    """Return the mart's rows, preceded by the origin of each variable's data."""
    return [
        {"data_origin": marts.origin([row["variable_code"]])} | row for row in marts.descriptives
    ]


def _all(row: Record) -> tuple[Cell, ...]:
    digits = _digits([row])
    return (
        Cell(f"{row['n']:,}"),
        Cell(number(_mean(row), digits)),
        *(Cell(number(row[name], digits)) for name in ("sd", "minimum", "maximum")),
        Cell(number(row["coefficient_of_variation"])),
        Cell(number(row["correlation_with_index"]), row["stars"] or ""),
    )


def _mean(row: Record) -> float:
    """Return the mean, 0 if it is a rounding error, as of a principal component."""
    return 0.0 if abs(row["mean"]) <= ROUNDING * (row["sd"] or 0) else row["mean"]


def _means(label: str, rows: dict[str, Record], samples: Sequence[str]) -> Row:
    digits = _digits([rows[sample] for sample in samples if sample in rows])
    return Row(
        label,
        tuple(
            Cell(number(_mean(row), digits), below=(f"({number(row['sd'], digits)})",))
            if (row := rows.get(sample))
            else Cell(DASH)
            for sample in samples
        ),
    )


def _digits(rows: list[Record]) -> int | None:
    """Choose decimals by the standard deviations: a mean may be zero except for rounding errors."""
    spread = [row["sd"] for row in rows]
    return decimals(spread if any(spread) else [row["mean"] for row in rows])


def _sizes(by_variable: dict[str, dict[str, Record]], sample: str) -> str:
    sizes = [rows[sample]["n"] for rows in by_variable.values() if sample in rows]
    low, high = min(sizes), max(sizes)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
