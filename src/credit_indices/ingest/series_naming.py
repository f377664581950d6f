"""Assign indicators and factors to the series of a sheet, by their names and stated units."""

import re
from collections import Counter
from decimal import Decimal
from pathlib import PurePosixPath

from credit_indices.ingest import exports
from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cell_text import (
    is_missing,
    is_numeric,
    is_year,
    name_and_measure,
    name_key,
    narrow,
)
from credit_indices.ingest.column_names import (
    INDICATOR_WORDS,
    MEASURE_WORDS,
    SCALE_WORDS,
    SERIAL_WORDS,
    UNIT_WORDS,
    YEAR_WORDS,
    columns_called,
    names_units,
)
from credit_indices.ingest.exports import statistics
from credit_indices.ingest.measurement_units import factor, is_understood, named_in, stated_in
from credit_indices.ingest.reading_plan import (
    IGNORE,
    ReadingPlan,
    Series,
    below_header,
    first_record,
    header,
    titles,
)
from credit_indices.ingest.sheets import Sheet
from credit_indices.ingest.unit_statements import (
    are_other_units,
    are_same,
    is_no_measure,
    says_a_part,
)

_SAYS_MORE = re.compile(r"[^0-9.,+\-\s]")
_IS_NOTE = re.compile(r"\s*[(（]?(?:注|备注|说明|单位|note|units?\b)", re.IGNORECASE)
_IS_FOOT = re.compile(
    r"(?:注|备注|说明|(?:数据|资料)?来源|notes?|sources?)\s*(?:[0-9]*\s*[:：.]|$)", re.IGNORECASE
)
MAX_SERIES = 2_000


def series_of(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> list[Series]:
    """Return the series of a sheet under a layout, with the indicators that their names give."""
    columns = {plan.unit_column, plan.year_column}
    named, others = measures_beside(sheet, plan, catalog)
    below = below_header(sheet, plan, catalog)
    of_rows: list[str] = []
    if plan.measure_column is not None and plan.indicator_column is not None:
        # A blank cell may mean: as above.
        rows = range(plan.header + 1, len(sheet.rows))
        of_rows = [sheet.label(row, plan.measure_column).strip() for row in rows]
        of_rows = [text for text in dict.fromkeys(of_rows) if text and text not in named]
    if plan.layout == "wide":
        names = header(sheet, plan.header)
        found = [
            Series(" ".join(names[column].split()) if column < len(names) else "", column)
            for column in range(sheet.width(plan.header))
            if column not in columns
            and any(sheet.text(row, column).strip() for row in range(plan.header, len(sheet.rows)))
        ]
    elif plan.layout == "long" or (
        plan.layout == "years_across" and plan.indicator_column is not None
    ):
        texts = (
            plan.series_name(sheet, row)
            for row in range(plan.header + 1, len(sheet.rows))
            if not _is_foot(sheet.rows[row])
        )
        found = [Series(name) for name in dict.fromkeys(texts) if name]
    elif plan.layout == "years_across":
        found = [Series(_title(sheet, plan, catalog))]
    else:
        found = []
    is_titled = plan.layout == "years_across" and plan.indicator_column is None
    found = [
        _named(
            series,
            named,
            others + [text for c, text in below if not series.column or c == series.column],
            of_rows,
            is_titled,
            catalog,
        )
        for series in found[:MAX_SERIES]
    ]
    for series in found if is_titled else []:
        if not series.indicator:
            similar = [s for t in titles(sheet, plan.header) for s in catalog.similar_indicators(t)]
            series.suggestions = list(dict.fromkeys(similar))[:3]
    for series in found if plan.layout == "wide" else []:
        texts = [sheet.text(r, series.column) for r in range(plan.header + 1, len(sheet.rows))]
        has_figures = any(map(is_numeric, texts))
        if name_key(series.name) == "area" and has_figures and series.indicator == IGNORE:
            series.indicator = ""  # an area of land, not the name of a unit
        # After a pivot, pandas names the column of row numbers as the former columns.
        may_number = SERIAL_WORDS if series.column else SERIAL_WORDS | INDICATOR_WORDS
        is_serial = name_key(series.name) in may_number and _numbers_rows(texts)
        if not series.indicator and (is_serial or not has_figures):
            series.indicator, series.suggestions = IGNORE, []  # remarks
    return found


def _numbers_rows(texts: list[str]) -> bool:
    """Return whether cells are 0, 1, 2 ... or 1, 2, 3 ..."""
    found = [text for text in texts if text.strip()]
    return any(found == [str(n + first) for n in range(len(found))] for first in (0, 1))


def _is_foot(cells: list[str]) -> bool:
    """Return whether a row holds only a note or a source."""
    texts = [text for text in cells if text.strip()]
    return len(texts) == 1 and bool(_IS_FOOT.match(narrow(texts[0])))


def _named(
    series: Series,
    named: list[str],
    others: list[str],
    of_rows: list[str],
    is_titled: bool,
    catalog: Catalog,
) -> Series:
    """Assign a series its indicator if the name matches exactly; else list similar ones.

    The unit of measurement is that of the series' own name, else that of the line `单位：`. If the
    file states anything else, the factor is left undecided; a unit of measurement is assumed only
    if nothing is stated.
    """
    name, stated = name_and_measure(series.name)
    series.stated = stated
    is_label = name_key(name) in UNIT_WORDS | YEAR_WORDS | MEASURE_WORDS
    if is_label and not (catalog.indicator(series.name) or catalog.indicator(name)):
        series.indicator = IGNORE
        return series
    indicator = catalog.indicator(series.name)
    if indicator is None:
        indicator = catalog.indicator(name)
    else:
        stated = ""
    said = list(dict.fromkeys([*([stated] if stated else []), *named, *others, *of_rows]))
    series.stated = stated if stated and not is_titled else " / ".join(said)
    if indicator is None:
        series.suggestions = catalog.similar_indicators(name)
        return series
    series.indicator = indicator.code
    if not said:
        series.is_assumed = factor("count", indicator.measure) != 1
        series.factor = Decimal(1)
    elif is_titled or not stated:
        factors = {factor(text, indicator.measure) for text in said}
        if len(factors) == 1 and (stated or not (others or of_rows)):
            series.factor = factors.pop()
    elif all(map(is_understood, others)):
        # Other lines refer to other columns, if they are understood.
        series.factor = factor(stated, indicator.measure)
    if series.factor is None:
        series.stated = " / ".join(said)
    return series


def _is_record(cells: list[str], plan: ReadingPlan, labels: set[int | None]) -> bool:
    """Return whether a row has a year, a value or a missing mark, so that it is not a note."""
    if plan.year_column is not None and is_year("".join(cells[plan.year_column :][:1])):
        return True
    others = {plan.year_column, plan.indicator_column, plan.measure_column}
    return any(
        text.strip() and (is_numeric(text) or is_missing(text))
        for column, text in enumerate(cells)
        if column not in labels | others
    )


def _measures_of_label(text: str) -> list[str]:
    """Return the unit of measurement that a unit's label states in brackets or after `单位：`."""
    _, bracket = name_and_measure(text)
    return named_in(text) or ([bracket] if is_understood(bracket) else [])


def _title(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> str:
    """Return the name of the only indicator of a table: a title above, the sheet or the file."""
    for name in titles(sheet, plan.header):
        if catalog.indicator(name) or catalog.indicator(name_and_measure(name)[0]):
            return name
    return PurePosixPath(sheet.file).stem if not sheet.name else sheet.name


def measures_beside(
    sheet: Sheet, plan: ReadingPlan, catalog: Catalog
) -> tuple[list[str], list[str]]:
    """Return the statements of a sheet about the unit of measurement of the whole table.

    Returns:
        The units of measurement of lines above the header, `单位：亿元`; and other texts that look
        like one anywhere: in titles, in the names of the sheet, the file and the columns of labels
        and values, in columns beside the values, and in notes.

    """
    above = [
        text
        for cells in sheet.rows[: plan.header]
        # `Unit: 10,000 yuan` without quotes are two cells of a CSV file.
        for text in re.sub(r"(?<=[0-9])\n(?=000)", ",", "\n".join(cells)).split("\n")
        if text.strip()
    ]
    named = list(dict.fromkeys(measure for text in above for measure in named_in(text)))
    others = [text for text in above if not named_in(text)]
    others += [sheet.name, PurePosixPath(sheet.file).stem]
    names = header(sheet, plan.header)
    labels = {plan.unit_column, plan.year_column, plan.indicator_column, plan.value_column}
    others += [text for column, text in enumerate(names) if column in labels]
    words = MEASURE_WORDS | SCALE_WORDS | {"unit", "units"}
    loose = {*columns_called(words, [name_key(name) for name in names])}
    loose |= {column for column, name in enumerate(names) if name.endswith("单位")}
    loose -= {plan.unit_column, plan.measure_column}
    found = [m for text in others if not catalog.indicator(text) for m in stated_in(text)]
    beside: dict[str, None] = {}
    of_units = {column for column, name in enumerate(names) if names_units(name_key(name))}
    of_units |= {plan.unit_column, *columns_called(UNIT_WORDS, [name_key(name) for name in names])}
    for cells in sheet.rows[first_record(sheet, plan, catalog) :]:
        found += [cells[column].strip() for column in loose if column < len(cells)]
        is_record = _is_record(cells, plan, of_units)
        for column, text in enumerate(cells):
            if is_record and column in of_units and column != plan.measure_column:
                found += _measures_of_label(text)  # names such as Euro area or 万... state none
                continue
            if not _SAYS_MORE.search(text) or column == plan.measure_column:
                continue
            if column == plan.indicator_column and not _IS_NOTE.match(text):
                continue
            beside[text] = None
    for text in beside:
        if not (catalog.candidates(text) or is_numeric(text) or is_year(text)):
            found += stated_in(text)
    return named, [text for text in dict.fromkeys(found) if text and text not in named]


def name_by_export(
    export: exports.Export, plan: ReadingPlan, sheet: Sheet, catalog: Catalog
) -> None:
    """Assign to series the indicators that the sheet's format names: by code, else by name."""
    by_key: dict[object, exports.Named] = dict(export.series)
    if plan.indicator_column is not None:
        for row in range(export.header + 1, len(sheet.rows)):
            if row not in export.lines and (name := plan.series_name(sheet, row)):
                if name not in by_key and export.of_row:
                    by_key[name] = export.of_row(row, plan.indicator_column)
                texts = tuple(sheet.label(row, c).strip() for c in export.indicators)
                by_key.setdefault(name, export.named(texts))
    bare: dict[str, int] = Counter(_bare(named) for named in by_key.values())
    for series in plan.series:
        key = series.name if series.column is None else series.column
        named = by_key.get(key) or by_key.get(None)
        if named is None:
            continue
        indicator = next(filter(None, map(catalog.indicator, named.names)), None)
        is_bare = indicator is None
        if is_bare and bare[_bare(named)] == 1:
            indicator = catalog.indicator(_bare(named))
        series.factor, series.is_assumed = None, False
        if indicator is None:
            similar = [s for name in named.names for s in catalog.similar_indicators(name)]
            series.indicator, series.suggestions = "", list(dict.fromkeys(similar))[:3]
            continue
        series.indicator, series.suggestions, series.stated = indicator.code, [], named.measure
        if not named.is_in_name:
            series.stated = " / ".join(filter(None, (named.measure, *named.measures)))
            series.factor = statistics.factor_to(named, indicator.measure)
            is_said = bool(series.stated) or named.power != 0
            series.is_assumed = not is_said and factor("count", indicator.measure) != 1
            continue
        own = {name_key(name) for name in indicator.names[1:]}
        if any(name_key(name) in own for name in named.names):
            # The catalog's own name states the unit in its brackets.
            if not are_other_units(named.measure, indicator.measure):
                series.factor = Decimal(1)
            continue
        if is_bare and says_a_part(named.measure, indicator.measure):
            continue
        if not named.measure or is_no_measure(named.measure):
            series.factor = Decimal(1)
            series.is_assumed = factor("count", indicator.measure) != 1
            continue
        series.factor = factor(named.measure, indicator.measure)
        if series.factor is None and are_same(named.measure, indicator.measure):
            series.factor, series.is_assumed = Decimal(1), True


def open_by_other_lines(plan: ReadingPlan, rest: Sheet, catalog: Catalog) -> None:
    """Leave factors undecided if a line outside the known format states something else."""
    value_columns = set(plan.year_columns(rest)) if plan.layout == "years_across" else set()

    def is_record(row: int) -> bool:
        labels = [plan.unit_column, plan.indicator_column, plan.year_column, *value_columns]
        return any(rest.text(row, c).strip() for c in value_columns) or all(
            c is None or rest.label(row, c).strip() for c in labels[:3]
        )

    names = [name_key(name) for name in header(rest, plan.header)]
    of_measures = {*columns_called(MEASURE_WORDS | SCALE_WORDS | {"unit", "units"}, names)}
    of_measures -= {*plan.columns().values()}
    lines = [*range(plan.header)]
    lines += [row for row in range(plan.header + 1, len(rest.rows)) if not is_record(row)]
    said = list(
        dict.fromkeys(m for row in lines for text in rest.rows[row] for m in stated_in(text))
    )
    beside = dict.fromkeys(
        text.strip()
        for cells in rest.rows[plan.header + 1 :]
        for column, text in enumerate(cells)
        if column in of_measures and not is_missing(text)
    )
    said = list(dict.fromkeys([*said, *beside]))
    for series in plan.series:
        if series.factor is None or series.indicator in ("", IGNORE):
            continue
        wanted = catalog.indicators[series.indicator].measure
        if any(factor(measure, wanted) != series.factor for measure in said):
            series.factor, series.is_assumed = None, False
            series.stated = " / ".join([*([series.stated] if series.stated else []), *said])


def _bare(named: exports.Named) -> str:
    """Return the name of a series without its unit of measurement in brackets; '' without one."""
    name, measure = name_and_measure(named.names[-1] if named.names else "")
    return name if measure and measure == named.measure else ""
