"""Ambiguities and warnings of SDMX tables: dimensions that split an indicator, and flags."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cell_text import is_missing, is_number, name_key, number
from credit_indices.ingest.exports import restrictions
from credit_indices.ingest.exports.sdmx_table import Table, distinct
from credit_indices.ingest.limits import shown
from credit_indices.ingest.reading_plan import IGNORE, ReadingPlan

ANNUAL = {"a", "a1", "p1y", "annual", "annually", "yearly"}
_AS_THEY_ARE = {"", "n", "_z", "_t", "la", "lr"}
_CHANGED = re.compile(
    r"\b(?:growth|changes?|per (?:capita|head|person|inhabitant))\b|增长|同比|人均", re.IGNORECASE
)
COARSER = ("country", "region", "continent", "territorial_level", "tl")
MISSING_STATUS = {"", "a", "normal value", "normal"}


def find(table: Table, plan: ReadingPlan, catalog: Catalog) -> Iterator[str]:
    """Yield dimensions with several values for one indicator, or whose only value is a part."""
    columns, sheet = table.columns, table.columns.sheet
    decided = {name_key(s.name): s.indicator for s in plan.series}
    by_column = {s.column: s.indicator for s in plan.series if s.column is not None}
    own = columns.of(plan.indicator_column)
    frequencies = {
        text
        for row in table.rows
        for text in columns.texts(row, table.frequency)[:1]
        if name_key(text) not in ANNUAL | {""}
    }
    if frequencies:
        yield (
            f"{columns.name(table.frequency)} is {_listed(frequencies)}, but one value a year "
            "is due"
        )
    yield from _other_values(table, plan)
    yield from _transformed(table, plan)
    yield from _parts(table, plan, catalog)
    keys: dict[int, tuple[str, str, str]] = {}
    for row in table.rows:
        if plan.layout == "wide":
            code = next(iter(by_column.values()), "")
        elif plan.indicator_column is None:
            code = plan.series[0].indicator if plan.series else ""
        else:
            code = decided.get(name_key(plan.series_name(sheet, row)), "")
        unit = sheet.label(row, plan.unit_column) if plan.unit_column is not None else ""
        period = sheet.label(row, plan.year_column) if plan.year_column is not None else ""
        if code not in ("", IGNORE):
            keys[row] = (code, unit.strip(), period.strip())
    actions = columns.group("action")
    if actions and not distinct(columns, actions[0]) <= {"", "I", "A", "R", "M"}:
        yield f"{columns.name(actions)} marks rows for deletion"
    groups = {name: group for name, group in table.dimensions.items() if group != own}
    is_read = {plan.measure_column, plan.scale_column}
    for group in (table.units, table.scales):
        if group and group[0] not in is_read:
            groups[columns.name(group)] = group
    for name, group in groups.items():
        if group[0] in is_read:
            continue
        yield from _varying(table, name, group, keys)


def _other_values(table: Table, plan: ReadingPlan) -> Iterator[str]:
    """Yield an ambiguity if a column of labels beside the values holds other values."""
    sheet = table.columns.sheet
    for column in table.columns.of(plan.value_column)[1:]:
        for row in table.rows:
            text, own = sheet.text(row, column), sheet.text(row, plan.value_column or 0)
            if is_number(text) and is_number(own) and number(text)[0] != number(own)[0]:
                yield (
                    f"row {row + 1} has {shown(own)} and {shown(text)} as its value, in two columns"
                )
                return


def _transformed(table: Table, plan: ReadingPlan) -> Iterator[str]:
    """Yield dimensions that mark all values as growth, or per head."""
    own = table.columns.of(plan.indicator_column)
    for name, group in table.dimensions.items():
        if group == own or group[0] == plan.measure_column:
            continue
        for row in table.rows:
            texts = table.columns.texts(row, group)
            code, label = texts[0], " ".join(texts[1:] or texts)
            is_other = name.startswith("transform") and name_key(code) not in _AS_THEY_ARE
            if is_other or _CHANGED.search(label):
                said = f"{code} ({label})" if len(texts) > 1 and label else code
                yield f"{table.columns.name(group)} marks the values as {shown(said)}"
                break


def _parts(table: Table, plan: ReadingPlan, catalog: Catalog) -> Iterator[str]:
    """Yield dimensions whose only value restricts the values of an indicator to a part."""
    columns, own = table.columns, table.columns.of(plan.indicator_column)
    decided = {name_key(s.name): s for s in plan.series if s.indicator not in ("", IGNORE)}
    is_named = plan.layout != "wide" and plan.indicator_column is not None
    by_name: dict[str, list[int]] = defaultdict(list)
    for row in table.rows:
        by_name[plan.series_name(columns.sheet, row) if is_named else ""].append(row)
    first = next(iter(decided.values()), None)
    for name, group in table.dimensions.items():
        if group == own or group[0] in (plan.measure_column, plan.scale_column):
            continue
        reported = set()
        for called, rows in by_name.items():
            series = decided.get(name_key(called)) if is_named else first
            if decided and series is None:
                continue  # this series is pending, others are read
            texts = {columns.texts(row, group) for row in rows}
            if len({it[0] for it in texts if it}) != 1:
                continue  # several, see _varying
            said = max(texts, key=len)
            indicator = catalog.indicators[series.indicator] if series else None
            names = (*indicator.names, indicator.measure) if indicator else (called,)
            is_part = restrictions.is_part(name, said[0], " ".join(said[1:]), " ".join(names))
            if not is_part or said in reported:
                continue
            reported.add(said)
            label = f"{said[0]} ({said[1]})" if len(said) > 1 and said[1] else said[0]
            such = f" (such as {shown(called, 40)})" if called else ""
            yield (
                f"{columns.name(group)} with {shown(label)} in all rows of an indicator{such} "
                "may mean that its values cover only a part, or another quantity"
            )


def _varying(
    table: Table, name: str, group: tuple[int, ...], keys: dict[int, tuple[str, str, str]]
) -> Iterator[str]:
    """Yield an ambiguity if a dimension has several values for one indicator."""
    by_code: dict[str, set[str]] = defaultdict(set)
    by_unit: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row, (code, unit, _) in keys.items():
        text = table.columns.text(row, group[0])
        by_code[code].add(text)
        by_unit[code, unit].add(text)
    code = next((code for code, texts in by_code.items() if len(texts) > 1), None)
    if code is None:
        return
    is_within = any(len(texts) > 1 for (c, _), texts in by_unit.items() if c == code)
    if not is_within and name in COARSER:
        return
    texts = _listed(by_code[code])
    where = "one unit" if is_within else "different units"
    yield (
        f"{table.columns.name(group)} has {len(by_code[code])} values in the rows of {code}, "
        f"for {where}: {texts}. Keep the rows of one of them"
    )


def notes(table: Table, plan: ReadingPlan) -> Iterator[str]:
    """Yield the dimensions with one value, and the flags with their counts."""
    columns, sheet = table.columns, table.columns.sheet
    rows = table.rows
    constant = []
    for group in [*table.dimensions.values(), table.frequency]:
        if not group or group == columns.of(plan.indicator_column):
            continue
        found = {columns.texts(row, group) for row in rows}
        if len(found) == 1 and any(texts := next(iter(found))):
            name = sheet.text(columns.header, group[0]).strip()
            label = f" ({texts[1]})" if len(texts) > 1 and texts[1] else ""
            constant.append(f"{name} {texts[0]}{label}")
    if constant:
        yield f"all rows have {', '.join(constant)}."
    counts: dict[str, Counter] = defaultdict(Counter)
    absent = 0
    for row in rows:
        column = plan.value_column
        if column is not None and is_missing(sheet.text(row, column)):
            continue
        if column is not None and table.is_absent(row, column):
            absent += 1
            continue
        for group in table.flags:
            texts = columns.texts(row, group)
            if texts and name_key(texts[0]) not in MISSING_STATUS:
                label = f" ({texts[1]})" if len(texts) > 1 and texts[1] else ""
                counts[sheet.text(columns.header, group[0]).strip()][texts[0] + label] += 1
    for place, flag in sheet.flags.items():
        if is_missing(sheet.text(*place)):
            continue
        if restrictions.is_missing_flag(flag):
            absent += 1
        else:
            counts["flag"][flag] += 1
    if absent:
        yield f"{absent} value(s) are flagged as missing and treated as missing."
    for name, found in counts.items():
        said = ", ".join(f"{flag}: {n} value(s)" for flag, n in sorted(found.items()))
        yield f"{name}: {said}. The values are read unchanged."


def _listed(texts: set[str]) -> str:
    found = sorted(shown(text, 30) for text in texts)
    return ", ".join(found[:4]) + (" ..." if len(found) > 4 else "")
