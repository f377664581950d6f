"""Detect the layout of a table from its words, as far as they are certain."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from credit_indices.ingest import ambiguities, codes_and_names, decimals, exports
from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cell_text import (
    is_numeric,
    is_usual_year,
    is_year,
    name_key,
    narrow,
    year,
)
from credit_indices.ingest.column_names import (
    INDICATOR_WORDS,
    MEASURE_WORDS,
    NAME_WORDS,
    UNIT_WORDS,
    VALUE_WORDS,
    YEAR_WORDS,
    columns_called,
    is_called,
    names_units,
)
from credit_indices.ingest.limits import shown
from credit_indices.ingest.reading_plan import (
    HEADER_WITHIN,
    IGNORE,
    PROJECTIONS,
    ReadingPlan,
    titles,
)
from credit_indices.ingest.series_naming import name_by_export, open_by_other_lines, series_of
from credit_indices.ingest.sheets import Sheet

NO_YEAR = (
    "no column holds the years, and neither the name of the sheet or the file nor a line above is "
    "a year; state the year of all rows in the sheet's entry, such as year: 2019"
)
_CODE_NAMES = re.compile("code|id$|iso|代码", re.IGNORECASE)
_ANY_NUMBER = re.compile(r"(?<![\w.,-])[+-]?[0-9][0-9.,]*(?![\w])")
_MARKED = re.compile(
    r"[^\w\s]{0,2}\s*[+-]?[0-9][0-9.,' ]*(?:e[+-]?[0-9]+)?\s*[^0-9]{0,6}", re.IGNORECASE
)
_ANY_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_YEAR_AT_ITS_START = re.compile(r"[12][0-9]{3}(?![0-9])")


@dataclass
class _HeaderWords:
    """The columns of a row, as a possible header, by the words that name them."""

    row: int
    names: list[str]
    units: list[int]
    periods: list[int]
    values: list[int]
    indicators: list[int]
    measures: list[int]
    years: list[int]

    @classmethod
    def of(cls, sheet: Sheet, row: int) -> "_HeaderWords":
        """Return the words of a row."""
        names = [name_key(text) for text in sheet.rows[row]]
        words = (UNIT_WORDS, YEAR_WORDS, VALUE_WORDS, INDICATOR_WORDS, MEASURE_WORDS)
        columns = (columns_called(some, names) for some in words)
        return cls(row, names, *columns, _years_across(sheet.rows[row], names))


def propose(sheet: Sheet, catalog: Catalog) -> ReadingPlan:
    """Propose the layout of a sheet, and its indicators by their exact names."""
    plan = ReadingPlan(sheet.file, sheet.name)
    if known := exports.recognise(sheet):
        name, export = known
        if not export.layout:
            plan.ambiguities = [*export.ambiguities]
            return plan
        plan.export = name
        _follow(export, plan, sheet, catalog)
    else:
        _find_layout(sheet, plan, catalog)
    if plan.layout not in ("", IGNORE):
        complete(sheet, plan, catalog)
    return plan


def _find_layout(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> None:
    """Find the layout of a sheet of no known format: by its header, else by its content."""
    for row in range(min(len(sheet.rows), HEADER_WITHIN)):
        words = _HeaderWords.of(sheet, row)
        if _is_layout(words, sheet, plan, catalog):
            _find_measure_column(words, plan)
            break
    else:
        _by_content(sheet, plan, catalog)
    if not plan.layout and not any(is_numeric(text) for row in sheet.rows for text in row):
        if found := _may_be_values(sheet):
            plan.ambiguities.append(
                f"no cell is only a number, but {len(found)} contain one, such as "
                f"{shown(found[0], 40)}"
            )
        else:
            plan.layout = IGNORE  # a page of notes


def _is_layout(words: _HeaderWords, sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> bool:
    """Return whether a row is the header of a known layout; if so, fill the plan."""
    row, units, periods = words.row, words.units, words.periods
    if words.years and not periods and (units or len(words.years) > 1):
        return _is_years_across(words, sheet, plan, catalog)
    if units and periods:
        plan.layout, plan.header = "wide", row
        others = {*range(len(words.names))} - {*periods, *words.values, *words.indicators}
        plan.unit_column = _unit_column(sheet, row, units, sorted(others), catalog)
        plan.year_column = periods[0]
        if words.values and words.indicators:
            plan.layout = "long"
            plan.indicator_column = _best_indicators(sheet, row, words.indicators, catalog)
            plan.value_column = words.values[0]
        return True
    if periods and len(words.names) > 1 and (unit := _unit_of_titles(sheet, row, catalog)):
        plan.layout, plan.header = "wide", row
        plan.unit_id, plan.year_column = unit, periods[0]
        return True
    return False


def _is_years_across(
    words: _HeaderWords, sheet: Sheet, plan: ReadingPlan, catalog: Catalog
) -> bool:
    """Return whether a row with years is the header of years across; if so, fill the plan."""
    row, labels = words.row, {*words.indicators, *words.measures}
    before = [column for column in range(words.years[0]) if column not in labels]
    if any(catalog.candidates(sheet.text(row, column)) for column in before):
        return False  # a first record, not a header
    if before:
        plan.unit_column = _unit_column(sheet, row, words.units, before, catalog)
    elif words.indicators:
        plan.unit_id = _unit_of_titles(sheet, row, catalog)
    if not (before or plan.unit_id):
        return False
    plan.layout, plan.header = "years_across", row
    plan.indicator_column = _best_indicators(sheet, row, words.indicators, catalog)
    return True


def _find_measure_column(words: _HeaderWords, plan: ReadingPlan) -> None:
    """Find the column of units of measurement beside that of the indicators."""
    if plan.indicator_column is not None and (words.measures or len(words.units) > 1):
        # In `province, indicator, unit, value` the unit is the unit of measurement.
        called = [
            column
            for column in words.units
            if words.names[column] in ("unit", "units") and column != plan.unit_column
        ]
        plan.measure_column = next(iter([*words.measures, *called]), None)


def complete(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> None:
    """Add indicators, decimal mark and ambiguities to a plan that has a layout."""
    if plan.header >= len(sheet.rows):
        return
    if sheet.delimiter == ";" and not plan.decimal_mark:
        plan.decimal_mark = decimals.marks(sheet, plan).proposed
    export = exports.export_of(sheet, plan)
    rest = exports.without_explained(sheet, plan)
    plan.series = series_of(rest, plan, catalog)
    if export:
        name_by_export(export, plan, sheet, catalog)
        open_by_other_lines(plan, rest, catalog)
    plan.ambiguities = [
        *exports.ambiguities_of(sheet, plan, catalog),
        *codes_and_names.contradictions(sheet, plan, catalog),
        *ambiguities.find(rest, plan, catalog),
    ]
    if plan.layout == "wide" and plan.year_column is None and plan.period is None:
        plan.ambiguities.append(NO_YEAR)


def _follow(export: exports.Export, plan: ReadingPlan, sheet: Sheet, catalog: Catalog) -> None:
    """Fill a plan with the layout of the sheet's known format."""
    plan.layout, plan.header = export.layout, export.header
    plan.year_column, plan.value_column = export.year, export.value
    plan.measure_column, plan.period = export.measure, export.period
    if export.units:
        plan.unit_column = _best_units(sheet, export.header, [*export.units], catalog)
    elif export.unit and len(found := catalog.candidates(export.unit)) == 1:
        plan.unit_id = found.pop()
    if export.indicators:
        # Codes come first; if the catalog has none of them, names are shown to the user.
        best = _known_indicators(sheet, export, catalog)
        last = export.default_indicator
        last = export.indicators[-1] if last is None else last
        plan.indicator_column = last if best is None else best
    if plan.layout == "wide" and plan.year_column is None and plan.period is None:
        stem = PurePosixPath(sheet.file).stem
        named = {year(text) for text in (sheet.name, stem) if is_year(text)}
        plan.period = named.pop() if len(named) == 1 else None
    plan.scale_column = export.scale
    plan.projections = PROJECTIONS[0] if export.last_actual else ""
    if export.measure_if_free and plan.indicator_column not in export.measure_if_free:
        plan.measure_column = export.measure_if_free[0]


def _best_indicators(
    sheet: Sheet, header_row: int, columns: list[int], catalog: Catalog
) -> int | None:
    """Of columns that may name the indicators, return the first with the most known indicators."""

    def known(column: int) -> int:
        rows = range(header_row + 1, len(sheet.rows))
        texts = {sheet.label(row, column) for row in rows}
        return sum(catalog.indicator(text) is not None for text in texts)

    return max(columns, key=known, default=None)


def _known_indicators(sheet: Sheet, export: exports.Export, catalog: Catalog) -> int | None:
    """Return the first column with the most known indicators; None if no column has any."""

    def known(column: int) -> int:
        rows = range(len(sheet.rows) - 1, export.header, -1)
        first = {sheet.label(row, column): row for row in rows}
        texts = {export.names_in(sheet, row, column) for row in first.values()}
        return sum(any(map(catalog.indicator, names)) for names in texts)

    best = max(export.indicators, key=known)
    return best if known(best) else None


def _years_across(cells: list[str], names: list[str]) -> list[int]:
    """Return the columns of a header row named by years; none if they may be values.

    Years with 年 are years. Bare numbers are years if all cells from the first one on are years of
    a table, in order, and the cells before are blank or name labels.
    """
    years = [column for column, text in enumerate(cells) if is_year(text)]
    if all("年" in narrow(cells[column]) for column in years):
        return years
    labels = UNIT_WORDS | INDICATOR_WORDS | MEASURE_WORDS | NAME_WORDS | {"name", "label"}
    found = [year(cells[column]) for column in years]
    is_header = (
        all(map(is_usual_year, found))
        and found in (sorted(set(found)), sorted(set(found), reverse=True))
        and all(
            not text or is_year(text) or _YEAR_AT_ITS_START.match(narrow(text))
            for text in cells[years[0] :]
        )
        and all(
            not name or is_called(labels, name) or names_units(name) for name in names[: years[0]]
        )
    )
    return years if is_header else []


def _best_units(sheet: Sheet, row: int, columns: list[int], catalog: Catalog) -> int:
    """Of columns that may name the units, return the one with the most known units.

    Ties (省份, 城市) go to the column whose units have the longer codes, then to the first.
    """

    def known(column: int) -> tuple[int, int]:
        labels = {sheet.label(r, column) for r in range(row + 1, len(sheet.rows))}
        found = [units for units in catalog.candidates_of_labels(labels).values() if units]
        lengths = [len(unit) for units in found for unit in units]
        return len(found), max(lengths, default=0)

    return max(columns, key=known) if len(columns) > 1 else columns[0]


def _unit_column(
    sheet: Sheet, row: int, called: list[int], others: list[int], catalog: Catalog
) -> int:
    """Return the column of the units: one named as such, unless few of its labels are units.

    Otherwise a column whose labels are all units is preferred to the name: of several that name the
    same units, one with codes, else the first.
    """
    best = _best_units(sheet, row, called or others, catalog)
    rows = range(row + 1, min(row + 400, len(sheet.rows)))

    def units_of(column: int) -> list[set[str]]:
        labels = [sheet.label(r, column).strip() for r in rows if any(sheet.rows[r])]
        found = catalog.candidates_of_labels(labels)
        return [found[label] for label in labels]

    if not called or 2 * sum(map(bool, units_of(best))) > len(rows):
        return best
    full: dict[int, list[set[str]]] = {}
    for column in others:
        is_code = _CODE_NAMES.search(sheet.text(row, column))
        is_number = is_numeric(sheet.label(row + 1, column))
        if (is_code or not is_number) and all(found := units_of(column)) and found:
            full[column] = found
    if not full or not all(set.intersection(*named) for named in zip(*full.values(), strict=True)):
        return best
    coded = (
        column
        for column in full
        if all(sheet.label(r, column).strip() in catalog.units for r in rows if any(sheet.rows[r]))
    )
    return next(coded, min(full))


def _may_be_values(sheet: Sheet) -> list[str]:
    """Return the cells of a sheet without values that may hold some, with marks or not split.

    In a text of a single column these are lines with a number that is not a year; otherwise cells
    that are a number with a mark, a flag or a unit: `12.3 b`, `(3)`.
    """
    cells = [text for row in sheet.rows for text in row if text.strip()]
    if sheet.is_text and all(len(row) < 2 for row in sheet.rows):
        return [text for text in cells if any(map(_is_no_year, _ANY_NUMBER.findall(text)))]
    return [text for text in cells if _MARKED.fullmatch(narrow(text)) and not is_year(text)]


def _is_no_year(text: str) -> bool:
    return not (is_year(text) and is_usual_year(year(text)))


def _unit_of_titles(sheet: Sheet, row: int, catalog: Catalog) -> str:
    """Return the only unit that a line above the header, the sheet or the file names, or ''."""
    found = set().union(*(catalog.candidates(title) for title in titles(sheet, row)))
    return found.pop() if len(found) == 1 else ""


def _by_content(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> None:
    """Take the first row with a known unit as the first record, and the row above as the header.

    The year is in the row, or is the name of the sheet or the file, as in a workbook with a sheet
    per year. Nothing is decided if a column of values could be the years.
    """
    for row in range(1, min(len(sheet.rows), HEADER_WITHIN + 1)):
        cells = sheet.rows[row]
        units = [c for c, text in enumerate(cells[:5]) if catalog.candidates(text)]
        if not units or not any(sheet.rows[row - 1]):
            continue
        stem = PurePosixPath(sheet.file).stem
        named = [year(text) for text in (sheet.name, stem) if is_year(text)]
        years = [c for c in range(len(cells)) if c not in units and _holds_years(sheet, row, c)]
        titles = "\n".join(narrow(text) for cells in sheet.rows[: row - 1] for text in cells)
        named += map(int, _ANY_YEAR.findall(titles)) if named else []
        if len(set(named)) > 1:
            plan.ambiguities.append(f"the sheet, the file or a title name several years: {named}")
        elif named and is_usual_year(named[0]) and not years:
            plan.layout, plan.period = "wide", named[0]
        elif len(years) == 1 and not named:
            plan.layout, plan.year_column = "wide", years[0]
        elif not named and not years and _has_no_year(sheet, row):
            plan.layout = "wide"  # pending until the user states its year
        if plan.layout:
            plan.header, plan.unit_column = row - 1, units[0]
        return


def _has_no_year(sheet: Sheet, first: int) -> bool:
    """Return whether a table has values, and nothing like a year in its header or below."""
    cells = [text for row in sheet.rows[first:] for text in row]
    return (
        any(map(is_numeric, sheet.rows[first]))
        and not any(_YEAR_AT_ITS_START.match(narrow(text)) for text in sheet.rows[first - 1])
        and not any(is_year(text) and is_usual_year(year(text)) for text in cells)
    )


def _holds_years(sheet: Sheet, first: int, column: int) -> bool:
    """Return whether a column without a known name holds years, by its name or all its cells.

    Bare numbers are years only if the column has no name: 1934 patents are not a year.
    """
    name = sheet.text(first - 1, column)
    if is_called(YEAR_WORDS, name_key(name)):
        return True
    texts = [text for row in range(first, len(sheet.rows)) if (text := sheet.text(row, column))]
    return (
        bool(texts)
        and all(is_year(text) and is_usual_year(year(text)) for text in texts)
        and (not name.strip() or all("年" in narrow(text) for text in texts))
    )
