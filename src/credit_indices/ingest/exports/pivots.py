"""Pivot tables of Excel and of pandas.

Excel writes `Row Labels` (行标签) over the first column, `Column Labels` (列标签) over the others,
the summed field (`Sum of value`, 求和项:数值), filters as pairs of cells above, and grand totals.
pandas writes a row of headers per level of the columns, then a row with the names of the index.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from credit_indices.ingest.cell_text import is_numeric, is_year, name_key, narrow, year
from credit_indices.ingest.column_names import (
    MEASURE_WORDS,
    SCALE_WORDS,
    UNIT_WORDS,
    VALUE_WORDS,
    YEAR_WORDS,
)
from credit_indices.ingest.exports.export import HEADER_WITHIN, Export, Named
from credit_indices.ingest.limits import shown
from credit_indices.ingest.sheets import Sheet

_ROW_LABELS = {"row labels", "行标签"}
_COLUMN_LABELS = {"column labels", "列标签", "values", "数值", "值"}
_TOTALS = {"grand total": "Grand Total", "总计": "总计", "(blank)": "(blank)", "(空白)": "(空白)"}
_ALL = {"(all)", "(multiple items)", "(全部)", "(多项)"}
_FIELD = re.compile(
    r"(?P<how>sum|count(?: numbers)?|distinct count|average|max|min|product|std ?devp?|varp?) of"
    r" (?P<what>.+)"
    r"|(?P<how_zh>求和|计数|数值计数|非重复计数|平均值|最大值|最小值|乘积|标准偏差|方差)项[:：]\s*(?P<what_zh>.+)",
    re.IGNORECASE,
)
_SUMS = {"sum", "求和"}
_FUNCTIONS = {"mean", "count", "size", "median", "std", "var", "len", "nunique", "min", "max"}


def _field(text: str) -> tuple[str, str]:
    """Return the summary function and the name of a pivot's field; '' for other texts."""
    match = _FIELD.fullmatch(" ".join(narrow(text).split()))
    if not match:
        return "", ""
    how, what = match["how"] or match["how_zh"], match["what"] or match["what_zh"]
    return name_key(how), what.strip()


def excel(sheet: Sheet) -> Export | None:
    """Recognise a pivot table of Excel with one level of row labels."""
    for row in range(min(len(sheet.rows), HEADER_WITHIN)):
        if name_key(sheet.text(row, 0)) in _ROW_LABELS:
            return _excel(sheet, row)
    return None


def _excel(sheet: Sheet, header: int) -> Export:
    ambiguities: list[str] = []
    names: list[str] = []
    measure, period = "", None
    lines = set()
    fields = {text: _field(text) for row in sheet.rows[: header + 1] for text in row}
    for row in range(header):
        cells = [text.strip() for text in sheet.rows[row] if text.strip()]
        if all(
            fields[text][0] or name_key(text) in _COLUMN_LABELS for text in sheet.rows[row] if text
        ):
            lines.add(row)
        elif len(cells) == 2 and sheet.text(row, 0).strip():
            lines.add(row)
            what, value = name_key(cells[0]), cells[1]
            if name_key(value) in _ALL:
                ambiguities.append(f"the pivot sums all values of {shown(cells[0])}; choose one")
            elif what in YEAR_WORDS and is_year(value):
                period = year(value)
            elif what in MEASURE_WORDS | SCALE_WORDS | {"unit", "units"}:
                measure = value
            else:
                names.append(value)
    for text, (how, what) in fields.items():
        if how and how not in _SUMS:
            ambiguities.append(f"the pivot holds {shown(text.strip())} instead of values")
        if how and name_key(what) not in VALUE_WORDS:
            names.append(what)
    labels = [sheet.text(row, 0).strip() for row in range(header + 1, len(sheet.rows))]
    if any(is_year(text) for text in labels if text):
        ambiguities.append(
            "its row labels hold years, beside or below the units; put years in columns"
        )
    columns = {
        column: text.strip()
        for column, text in enumerate(sheet.rows[header])
        if column and text.strip() and name_key(text) not in _TOTALS
    }
    totals = {c for c, text in enumerate(sheet.rows[header]) if name_key(text) in _TOTALS}
    common = {
        "units": (0,),
        "lines": frozenset(lines),
        "columns": frozenset(totals),
        "aggregates": _TOTALS,
        "ambiguities": tuple(ambiguities),
    }
    if columns and all(map(is_year, columns.values())):
        names += filter(None, (sheet.name, PurePosixPath(sheet.file).stem))
        named = Named(tuple(names), measure, is_in_name=False)
        return Export("years_across", header, series={None: named}, **common)
    series = {
        column: Named((_field(text)[1] or text,), measure, is_in_name=False)
        for column, text in columns.items()
    }
    return Export("wide", header, period=period, series=series, **common)


def pandas(sheet: Sheet) -> Export | None:
    """Recognise a table of pandas with several levels of columns above the names of the index."""
    for row in range(1, min(len(sheet.rows) - 1, 5)):
        index = [name_key(text) for text in sheet.rows[row]]
        if index and all(index) and (found := _pandas(sheet, row, index)):
            return found
    return None


def _pandas(sheet: Sheet, row: int, index: list[str]) -> Export | None:
    """Return a table whose index has these names, which are alone in this row."""
    depth = len(index)
    levels = [_level(sheet, r, depth) for r in range(row)]
    after = sheet.rows[row + 1]
    width = max(map(len, levels), default=0)
    if not width or any(len(level) != width or not all(level) for level in levels):
        return None
    if any(any(sheet.rows[r][: depth - 1]) for r in range(row)) or not any(
        map(is_numeric, after[depth:])
    ):
        return None
    units = [c for c, name in enumerate(index) if name in UNIT_WORDS]
    periods = [c for c, name in enumerate(index) if name in YEAR_WORDS]
    if len(units) != 1 or len(periods) > 1 or depth != len(units) + len(periods):
        return None
    varying = [r for r, level in enumerate(levels) if len(set(level)) > 1]
    constant = [level[0] for level in levels if len(set(level)) == 1]
    said = {text for level in levels for text in level if name_key(text) in _FUNCTIONS}
    ambiguities = [f"the table holds {shown(text)} instead of values" for text in sorted(said)]
    if len(varying) > 1:
        ambiguities.append("its columns have several levels of names; use one, or a row per value")
    header = varying[0] if varying else row - 1
    names = levels[header]
    common = {
        "units": tuple(units),
        "lines": frozenset({*range(row + 1)} - {header}),
        "ambiguities": tuple(ambiguities),
    }
    if all(map(is_year, names)) and not periods:
        own = [text for text in constant if name_key(text) not in VALUE_WORDS]
        own += filter(None, (sheet.name, PurePosixPath(sheet.file).stem))
        return Export(
            "years_across", header, series={None: Named(tuple(own), is_in_name=False)}, **common
        )
    year_column = periods[0] if periods else None
    series = {
        column: Named((text,), is_in_name=False) for column, text in enumerate(names, start=depth)
    }
    return Export("wide", header, year=year_column, series=series, **common)


def _level(sheet: Sheet, row: int, depth: int) -> Sequence[str]:
    """Return the names of one level of columns; a merged name applies to all its columns."""
    spans = {
        (top, column): sheet.text(top, left).strip()
        for top, left, _, right in sheet.across
        for column in range(left, right + 1)
    }
    cells = sheet.rows[row]
    width = max([len(cells), *(column + 1 for top, column in spans if top == row)])
    return [sheet.text(row, c).strip() or spans.get((row, c), "") for c in range(depth, width)]


FORMATS = {"excel_pivot": excel, "pandas_pivot": pandas}
