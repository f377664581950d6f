"""Find codes and names that contradict each other, such as a row `FRA` named Germany.

Of several columns that name the unit or the indicator, one is read. If another names a different
entry of the catalog, the file does not say which is right, and the sheet is pending.
"""

import re
from collections.abc import Callable, Iterator

from credit_indices.ingest import exports
from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cell_text import name_and_measure, name_key
from credit_indices.ingest.column_names import UNIT_WORDS, is_called, names_units
from credit_indices.ingest.limits import shown
from credit_indices.ingest.reading_plan import IGNORE, ReadingPlan, header
from credit_indices.ingest.sheets import Sheet, column_letters
from credit_indices.ingest.unit_statements import are_same

_BOTH = re.compile(r"([A-Za-z0-9_.+-]+): (.+)", re.DOTALL)


def contradictions(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> list[str]:
    """Return the first row whose code and name are of different units, and likewise of indicators.

    Names that are not in the catalog, and other spellings of one entry, do not contradict.
    """
    if plan.layout in ("", IGNORE) or plan.header >= len(sheet.rows):
        return []
    found = [*_units(sheet, plan, catalog), *_indicators(sheet, plan, catalog)]
    return [text for text in found if text]


def _units(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> Iterator[str]:
    if plan.unit_column is None:
        return
    export = exports.export_of(sheet, plan)
    columns = (*export.units, *export.unit_names) if export else _columns_of_units(sheet, plan)
    rows = _rows(sheet, plan)
    candidates = {
        column: catalog.candidates_of_labels(sheet.label(row, column).strip() for row in rows)
        for column in dict.fromkeys((plan.unit_column, *columns))
    }

    def units(row: int, column: int) -> set[str]:
        return candidates[column][sheet.label(row, column).strip()]

    yield _first(sheet, plan, rows, [*candidates], units, "units")


def _columns_of_units(sheet: Sheet, plan: ReadingPlan) -> list[int]:
    """Return the columns named as units or their codes, for a table of no known format."""
    decided = {s.column for s in plan.series if s.indicator not in ("", IGNORE)}
    read = {*plan.columns().values(), *decided}
    names = [name_key(text) for text in header(sheet, plan.header)]
    return [
        column
        for column, name in enumerate(names)
        if column not in read and (is_called(UNIT_WORDS, name) or names_units(name))
    ]


def _indicators(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> Iterator[str]:
    export = exports.export_of(sheet, plan)
    if export is None:
        return
    for column, named in export.series.items():
        entries = [_indicator(name, catalog, n > 0) for n, name in enumerate(named.names)]
        if column is not None and len(set().union(*entries)) > 1:
            texts = [name for name, found in zip(named.names, entries, strict=True) if found]
            yield (
                f"column {column_letters(column)}: {' and '.join(map(shown, texts))} name "
                "different indicators"
            )
            return
    if plan.indicator_column is None:
        return
    columns = export.beside(plan.indicator_column) if export.beside else export.indicators

    def indicators(row: int, column: int) -> set[str]:
        text = sheet.label(row, column).strip()
        both = None if catalog.indicator(text) else _BOTH.fullmatch(text)
        is_label = column != columns[0]
        if both:
            return _indicator(both[1], catalog, is_label) | _indicator(both[2], catalog, True)
        return _indicator(text, catalog, is_label)

    yield _first(sheet, plan, _rows(sheet, plan), [*columns], indicators, "indicators")


def _indicator(text: str, catalog: Catalog, is_label: bool) -> set[str]:
    """Return the indicator of a code, or of a name with or without its unit in brackets.

    A label matches an indicator by its name only: `GDP` beside the code NGDPD is not another's
    code.
    """
    found = catalog.indicator(text)
    if found is None:
        name, measure = name_and_measure(text)
        found = catalog.indicator(name) if measure else None
        if found is None or not found.measure or not are_same(measure, found.measure):
            return set()
        text = name
    is_own = not is_label or name_key(text) in map(name_key, found.names[1:])
    return {found.code} if is_own else set()


def _rows(sheet: Sheet, plan: ReadingPlan) -> list[int]:
    export = exports.export_of(sheet, plan)
    explained = export.lines if export else frozenset()
    return [row for row in range(plan.header + 1, len(sheet.rows)) if row not in explained]


def _first(
    sheet: Sheet,
    plan: ReadingPlan,
    rows: list[int],
    columns: list[int],
    entries: Callable[[int, int], set[str]],
    kind: str,
) -> str:
    """Return a message on the first row whose columns name different entries, or ''."""
    checked = set()
    for row in rows:
        texts = tuple(sheet.label(row, column).strip() for column in columns)
        if texts in checked:
            continue
        checked.add(texts)
        named = [(column, found) for column in columns if (found := entries(row, column))]
        for position, (one, some) in enumerate(named):
            if kind == "indicators" and len(some) > 1:
                return f"row {row + 1}: {_said(sheet, plan, row, one)} names different {kind}"
            for other, others in named[position + 1 :]:
                if not (_belong_to(some, others) or _belong_to(others, some)):
                    return (
                        f"row {row + 1}: {_said(sheet, plan, row, one)} and "
                        f"{_said(sheet, plan, row, other)} name different {kind}"
                    )
    return ""


def _said(sheet: Sheet, plan: ReadingPlan, row: int, column: int) -> str:
    name = " ".join(sheet.text(plan.header, column).split()) or f"column {column_letters(column)}"
    return f"{name} {shown(sheet.label(row, column).strip())}"


def _belong_to(units: set[str], others: set[str]) -> bool:
    """Return whether a unit is one of the others, or belongs to it by its code: 1301 to 13."""
    return any(
        unit == other or (other.isdigit() and unit.startswith(other))
        for unit in units
        for other in others
    )
