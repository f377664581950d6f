"""Known export formats: tables of statistical sites, recognised exactly by their header cells.

A format is one recogniser: a function that takes a sheet and returns an `Export` if the sheet is of
that format, else None. It compares header cells exactly (width, case and spaces aside), never by
similarity. An `Export` defines how to read the sheet, and which lines and columns the format
explains: preambles, notes at the foot, names beside codes, flags. These state no unit of
measurement and are not ambiguous, so `without_explained` removes them from the sheet that is
examined.

To add a format, write its recogniser in a module of this package and add it to `FORMATS`. Its name
there is the key `export` of a sheet in mapping.yml; a plan that was read from the mapping is
recognised again by it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace

from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cell_text import name_key
from credit_indices.ingest.exports import (
    coinr,
    csmar,
    gapminder,
    imf,
    owid,
    pivots,
    sdmx,
    world_bank,
    world_bank_packages,
)
from credit_indices.ingest.exports.eurostat import unpacked
from credit_indices.ingest.exports.export import Export, Named
from credit_indices.ingest.limits import shown
from credit_indices.ingest.reading_plan import IGNORE, ReadingPlan
from credit_indices.ingest.sheets import Sheet, column_letters

FORMATS: dict[str, Callable[[Sheet], Export | None]] = {
    **world_bank.FORMATS,
    **world_bank_packages.FORMATS,
    **imf.FORMATS,
    **sdmx.FORMATS,
    **owid.FORMATS,
    **csmar.FORMATS,
    **coinr.FORMATS,
    **pivots.FORMATS,
    **gapminder.FORMATS,
}
"""Recognisers by name, in the order in which they are tried."""


def recognise(sheet: Sheet) -> tuple[str, Export] | None:
    """Return the first format that matches a sheet, with its name; None if none does."""
    for name, recogniser in FORMATS.items():
        if found := recogniser(sheet):
            return name, found
    return None


def export_of(sheet: Sheet, plan: ReadingPlan) -> Export | None:
    """Return the export that a plan names; None if it names none.

    Raises:
        KeyError: the plan names an unknown format; `mapping.read` refuses it.

    """
    return FORMATS[plan.export](sheet) if plan.export else None


def why_another(sheet: Sheet, plan: ReadingPlan) -> str:
    """Return why a sheet is not the export that its plan names; '' if it is."""
    if not plan.export:
        return ""
    found = export_of(sheet, plan)
    if found is None:
        return f"its header is not that of export {plan.export} (any more)."
    if found.header != plan.header:
        return (
            f"the header of export {plan.export} is row {found.header + 1}, not row "
            f"{plan.header + 1} as in the mapping."
        )
    return ""


def ambiguities_of(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> list[str]:
    """Return the ambiguities of a sheet that its known format detects."""
    found = export_of(sheet, plan)
    if found is None:
        return []
    of_plan = found.find_ambiguities(plan, catalog) if found.find_ambiguities else ()
    several = [*_several(sheet, plan, plan.measure_column)]
    if found.of_row:
        several += _several(sheet, plan, plan.indicator_column)
    return [*found.ambiguities, *of_plan, *several]


def _several(sheet: Sheet, plan: ReadingPlan, column: int | None) -> Iterator[str]:
    """Yield an ambiguity if rows of one indicator have several codes or several known units."""
    if column is None or plan.indicator_column is None:
        return
    decided = {
        name_key(series.name): series.indicator
        for series in plan.series
        if series.indicator not in ("", IGNORE) and series.factor is not None
    }
    found: dict[str, set[str]] = defaultdict(set)
    for row in range(plan.header + 1, len(sheet.rows)):
        if code := decided.get(name_key(plan.series_name(sheet, row))):
            found[code].add(sheet.label(row, column).strip())
    for code, texts in found.items():
        if len(texts) > 1:
            listed = ", ".join(sorted(shown(text, 30) for text in texts)[:4])
            yield (
                f"column {column_letters(column)} {shown(sheet.text(plan.header, column).strip())} "
                f"has {len(texts)} values in the rows of {code}: {listed}. Keep the rows of one "
                "of them"
            )


def notes_of(sheet: Sheet, plan: ReadingPlan) -> list[str]:
    """Return the warnings of a known format: flags, constant dimensions."""
    found = export_of(sheet, plan)
    return [*found.notes(plan)] if found and found.notes else []


def without_explained(sheet: Sheet, plan: ReadingPlan) -> Sheet:
    """Return a sheet without the lines, columns and names that its format explains.

    Rows and columns keep their places. The names of the file and of the sheet are removed too,
    since the format names its indicators in the table. A sheet of no known format is returned
    unchanged.
    """
    found = export_of(sheet, plan)
    if found is None:
        return sheet
    lines, columns = found.lines, explained_columns(found, plan)

    def masked(row: int, cells: list[str]) -> list[str]:
        if row in lines:
            return []
        rest = [text if column not in columns else "" for column, text in enumerate(cells)]
        # Titles and notes are kept whole; they may begin in an explained column.
        return rest if row >= found.header and any(map(str.strip, rest)) else cells

    return replace(
        sheet,
        file=sheet.file if found.is_named_by_file else "",
        name="",
        rows=[masked(row, cells) for row, cells in enumerate(sheet.rows)],
        merged={
            (row, column): text
            for (row, column), text in sheet.merged.items()
            if row not in lines and column not in columns
        },
    )


def explained_columns(export: Export, plan: ReadingPlan) -> set[int]:
    """Return the columns that a format explains and that a plan does not read."""
    return (export.columns | {*export.units, *export.indicators}) - {*plan.columns().values()}


__all__ = [
    "FORMATS",
    "Export",
    "Named",
    "ambiguities_of",
    "explained_columns",
    "export_of",
    "notes_of",
    "recognise",
    "unpacked",
    "why_another",
    "without_explained",
]
