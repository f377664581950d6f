"""The loans and their features as one wide table, which all models of credit risk read.

Features come in long form (a row per loan and feature) or in wide form (a column per feature). The
queries are written at run time, because the features are known only then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

PREFIX = "feature "
"""Precedes the name of a feature in the wide staging model."""

DATES_OF_LOANS = ("decided_at", "matures_at", "outcome_known_at")
"""Columns of the loans that can give the time at which a wide feature became known."""

FEATURES = pa.schema(
    [
        ("position", pa.int32()),
        ("feature", pa.string()),
        ("kind", pa.string()),  # number or category; NULL if neither can be decided
        ("source", pa.string()),
        ("trend", pa.string()),
        ("label", pa.string()),
        ("form", pa.string()),  # long or wide; NULL for a feature without values
        ("known_at", pa.string()),  # wide: the column that holds the time, NULL without one
        ("n_values", pa.int64()),
        ("n_wrong", pa.int64()),  # values that are not of the kind
        ("n_late", pa.int64()),
        ("n_undated", pa.int64()),
        ("first_wrong", pa.string()),  # loan_key
        ("first_late", pa.string()),  # loan_key
        ("fault", pa.string()),
    ]
)


@dataclass(frozen=True)
class _Source:
    """SQL expressions over one row of a loan for a feature in wide form."""

    value: str
    is_late: str


def features_table(
    connection: Any, *, values: str, wide: str, loans: str, dictionary: pa.Table
) -> pa.Table:
    """Describe every feature that has values or a row in the dictionary.

    Args:
        connection: A DuckDB connection.
        values: Query with the columns loan_key, feature, value, is_late, source: long form.
        wide: Query with loan_id and a column `feature <name>` per feature, as text.
        loans: Query with loan_key, loan_id, decided_at, is_decided_on_day, matures_at,
            outcome_known_at.
        dictionary: The table credit_features: feature, source, kind, trend, known_at, label.

    Returns:
        A table with the schema `FEATURES`, sorted by feature; `position` counts from 1. `fault`
        says why a feature cannot be used, whatever the model.

    """
    rows_of = {row["feature"]: row for row in dictionary.to_pylist() if row["feature"]}
    described = {row["feature"]: row for row in _long(connection, values, rows_of)}
    for row in _wide(connection, wide, loans, rows_of):
        if row["feature"] in described:
            described[row["feature"]]["fault"] = (
                "is a feature of loan_features and a column of loan_features_wide; keep one"
            )
        else:
            described[row["feature"]] = row
    found = []
    for position, feature in enumerate(sorted(described), start=1):
        row = described[feature]
        asked = rows_of.get(feature, {})
        kind, n_wrong, fault = _kind(asked.get("kind"), row)
        source, source_fault = _origin(asked.get("source"), row["sources"])
        trend = asked.get("trend") or "none"
        found.append(
            row
            | {
                "position": position,
                "kind": kind,
                "source": source,
                "trend": trend,
                "label": asked.get("label") or feature,
                "n_wrong": n_wrong,
                "first_wrong": row["first_not_number"] if n_wrong else None,
                "fault": row["fault"] or source_fault or fault or _trend_fault(kind, trend),
            }
        )
    for feature in sorted(rows_of.keys() - described.keys()):
        found.append(
            {
                "position": len(found) + 1,
                "feature": feature,
                "known_at": rows_of[feature].get("known_at"),
                "fault": "has no values",
            }
        )
    return pa.Table.from_pylist(found, schema=FEATURES)


def loans_relation(
    connection: Any, *, values: str, wide: str, loans: str, features: pa.Table
) -> Any:
    """Return the loans with two columns per feature, as a relation sorted by loan_key.

    `value_<position>` holds numbers (NULL for missing) or categories, `late_<position>` whether the
    value became known after the decision (NULL without a time). Arguments are those of
    `features_table`, and `features` is its result.
    """
    usable = [row for row in features.to_pylist() if row["kind"]]
    long = [row for row in usable if row["form"] == "long"]
    columns, joins = [], ""
    if long:
        pivots = ", ".join(
            f"max(case when feature = {_text(row['feature'])} then "
            f"{_typed('value', row['kind'])} end) as value_{row['position']}, "
            f"bool_or(case when feature = {_text(row['feature'])} then is_late end) "
            f"as late_{row['position']}"
            for row in long
        )
        joins += (
            f" left join (select loan_key, {pivots} from ({values}) group by loan_key) as long_form"
            " on loans.loan_key = long_form.loan_key"
        )
        columns += [
            f"long_form.{name}_{row['position']}" for row in long for name in ("value", "late")
        ]
    if len(long) < len(usable):
        joins += f" left join ({_first_records(wide)}) as wide_form using (loan_id)"
    for row in usable:
        if row["form"] == "wide":
            source = _wide_source(row["feature"], row["known_at"])
            columns += [
                f"{_typed(source.value, row['kind'])} as value_{row['position']}",
                f"{source.is_late} as late_{row['position']}",
            ]
    listed = "".join(f", {column}" for column in columns)
    return connection.sql(
        f"select loans.*{listed} from ({loans}) as loans{joins} order by loans.loan_key"
    )


def _long(
    connection: Any, values: str, dictionary: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    found = connection.sql(
        f"select feature, struct_pack({', '.join(_counts('value', 'is_late'))}), "
        "list(distinct source) filter (source is not null) "
        f"from ({values}) group by feature"
    ).fetchall()
    return [
        {
            "feature": feature,
            "sources": sources or [],
            "form": "long",
            "known_at": None,
            "fault": "has a known_at in credit_features, which is for loan_features_wide only; "
            "leave it empty, and give the times in the column known_at of loan_features"
            if dictionary.get(feature, {}).get("known_at")
            else None,
            **counts,
        }
        for feature, counts, sources in found
    ]


def _wide(
    connection: Any, wide: str, loans: str, dictionary: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    columns = [name for name in connection.sql(wide).columns if name.startswith(PREFIX)]
    names = [name.removeprefix(PREFIX) for name in columns]
    dates = {dictionary[name].get("known_at") for name in names if name in dictionary} - {None}
    described = []
    for name in names:
        if name in dates:  # a column of dates is no feature
            continue
        known_at, fault = dictionary.get(name, {}).get("known_at"), None
        if known_at and known_at not in {*names, *DATES_OF_LOANS}:
            fault = (
                f"has known_at {known_at!r} in credit_features; expected a column of "
                f"loan_features_wide, or one of {', '.join(DATES_OF_LOANS)}"
            )
            known_at = None
        described.append(
            {
                "feature": name,
                "sources": [],
                "form": "wide",
                "known_at": known_at,
                "fault": fault or _unreadable_date(connection, wide, known_at, names),
            }
        )
    if not described:
        return []
    sources = [_wide_source(row["feature"], row["known_at"]) for row in described]
    counts = ", ".join(
        f"struct_pack({', '.join(_counts(source.value, source.is_late))})" for source in sources
    )
    found = connection.sql(
        f"select {counts} from ({loans}) as loans "
        f"join ({_first_records(wide)}) as wide_form using (loan_id)"
    ).fetchone()
    return [row | counted for row, counted in zip(described, found, strict=True)]


def _unreadable_date(
    connection: Any, wide: str, column: str | None, names: list[str]
) -> str | None:
    if column not in names:
        return None
    quoted = _quote(PREFIX + column)
    (n,) = connection.sql(
        f"select count(*) from ({wide}) where {quoted} is not null "
        f"and try_cast({quoted} as timestamp) is null"
    ).fetchone()
    return (
        f"has known_at {column!r} in credit_features, a column of loan_features_wide with {n} "
        "value(s) that are not times such as 2020-02-29; correct them"
        if n
        else None
    )


def _wide_source(feature: str, known_at: str | None) -> _Source:
    value = _quote(PREFIX + feature)
    if known_at is None:
        return _Source(value, "cast(null as boolean)")
    if known_at in DATES_OF_LOANS:
        time, is_day = f"loans.{known_at}", f"cast(loans.{known_at} as date) = loans.{known_at}"
    else:
        text = _quote(PREFIX + known_at)
        time, is_day = f"try_cast({text} as timestamp)", f"length({text}) = 10"
    return _Source(
        value,
        f"case when {is_day} or loans.is_decided_on_day "
        f"then cast({time} as date) > cast(loans.decided_at as date) "
        f"else {time} > loans.decided_at end",
    )


def _first_records(wide: str) -> str:
    return (
        f"select * exclude (origin, source_file, source_row) from ({wide}) "
        "where loan_id is not null "
        "qualify row_number() over (partition by loan_id order by source_row) = 1"
    )


def _counts(value: str, is_late: str) -> list[str]:
    """Return aggregates over the loans, each as `name := expression`."""
    is_wrong = f"({value} is not null and lower({value}) <> 'nan' and {_number(value)} is null)"
    return [
        f"n_values := count({value})",
        f"n_not_number := count(*) filter ({is_wrong})",
        f"n_written := count(*) filter ({is_wrong} and {_number(_bare(value))} is not null)",
        f"n_late := count(*) filter ({is_late})",
        f"n_undated := count(*) filter (({is_late}) is null)",
        f"first_not_number := min(loan_key) filter ({is_wrong})",
        f"first_late := min(loan_key) filter ({is_late})",
    ]


def _number(value: str) -> str:
    """Return SQL that casts a text to a double, NULL if it is not a number; inf is kept."""
    return (
        f"case when not contains({value}, '_') and lower({value}) <> 'nan' "
        f"then try_cast({value} as double) end"
    )


def _bare(value: str) -> str:
    """Return a text without percent signs, currency signs, blanks and thousands separators."""
    return f"regexp_replace({value}, '[%$€¥,\\s]', '', 'g')"


def _typed(value: str, kind: str) -> str:
    return f"({_number(value)})" if kind == "number" else value


def _kind(asked: str | None, row: dict[str, Any]) -> tuple[str | None, int, str | None]:
    """Return the kind, the number of values that are not of it, and a fault."""
    wrong, n, first = row["n_not_number"], row["n_values"], row["first_not_number"]
    if asked == "category":
        return "category", 0, None
    if asked == "number":
        fault = (
            f"is a number by credit_features, but {wrong} of {n} values are no numbers (first: "
            f"loan {first}); correct them, or change its kind to category"
        )
        return "number", wrong, fault if wrong else None
    if wrong == 0:
        return "number", 0, None
    if wrong == n and 2 * row["n_written"] <= n:
        return "category", 0, None
    if wrong == n:
        return (
            None,
            wrong,
            f"has {row['n_written']} value(s) such as 12 %, $5 or 1,000 (first: loan {first}); "
            "write 0.12, 5 or 1000, or set its kind to category in credit_features",
        )
    return (
        None,
        wrong,
        f"has {n - wrong} numbers and {wrong} other values (first: loan {first}); correct them, or "
        "set its kind to category in credit_features",
    )


def _trend_fault(kind: str | None, trend: str) -> str | None:
    if kind != "category" or trend == "none":
        return None
    return (
        f"is a category, which cannot be {trend}; leave its trend in credit_features empty, or "
        "supply numbers"
    )


def _origin(asked: str | None, found: list[str]) -> tuple[str, str | None]:
    """Return whether a feature is of the bank or alternative, and a fault."""
    known = sorted({*found, *([asked] if asked else [])})
    if len(known) > 1:
        return known[0], "has the source bank in some rows and alternative in others; keep one"
    return (known[0] if known else "bank"), None


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
