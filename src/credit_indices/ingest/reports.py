"""Reports of a run: observations, counts of cells, rejected values and corrections.

A text that a spreadsheet would evaluate as a formula is written with an apostrophe before it, and
read without it (`credit_indices.exports.safe_csv`).
"""

import csv
import hashlib
import io
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from credit_indices.exports.safe_csv import cell as safe_cell
from credit_indices.exports.safe_csv import csv_text, printable, unescape_formula
from credit_indices.ingest import sheets
from credit_indices.ingest.cell_text import decimal_text
from credit_indices.ingest.cells import (
    ACCEPTED,
    IGNORED,
    MISSING,
    PENDING,
    REJECTED,
    STRUCTURE,
    Cell,
    Correction,
)
from credit_indices.ingest.limits import FileFault, IngestError
from credit_indices.ingest.sheets import Sheet, column_letters, column_number

OBSERVATIONS = ("unit_id", "period", "indicator_code", "value", "source")
CELLS = (
    "file", "sheet", "layout", "cells_with_content", "read", ACCEPTED, MISSING, "missing_empty",
    REJECTED, STRUCTURE, IGNORED, PENDING,
)  # fmt: skip
REJECTIONS = (
    "file", "sheet", "row", "column", "unit", "period", "indicator", "value", "reason",
    "figure_of", "corrected_value",
)  # fmt: skip
CORRECTIONS = (
    "file", "sheet", "row", "column", "was", "corrected_value", "unit", "period", "figure_of",
)  # fmt: skip
Corrections = dict[tuple[str, str], dict[tuple[int, int], Correction]]


def observations(accepted: dict[tuple[str, int, str], tuple[Sheet, Cell]]) -> str:
    """Return accepted cells as the input table `observations`, in the order of their keys.

    Codes are the catalog's, unchanged; the source, which comes from the files, is escaped.
    """
    # Not with `csv_text`, which would escape codes.
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(OBSERVATIONS)
    writer.writerows(
        (*key, decimal_text(accepted[key][1].value), safe_cell(accepted[key][0].source))
        for key in sorted(accepted)
    )
    return stream.getvalue()


def cell_row(sheet: Sheet, layout: str, counts: Counter) -> tuple[object, ...]:
    """Return the row of a sheet in the table of cells."""
    read = counts[ACCEPTED] + counts[MISSING] + counts[REJECTED]
    other = counts[STRUCTURE] + counts[IGNORED] + counts[PENDING]
    return (
        sheet.file, sheet.name, layout or "(not decided)",
        read + other - counts["missing_empty"], read, counts[ACCEPTED], counts[MISSING],
        counts["missing_empty"], counts[REJECTED], counts[STRUCTURE], counts[IGNORED],
        counts[PENDING],
    )  # fmt: skip


def rejections(found: Iterable[tuple[Sheet, Cell]]) -> str:
    """Return rejected cells as CSV, with a column for corrected values."""
    return csv_text(
        REJECTIONS,
        (
            (
                sheet.file, sheet.name, cell.row + 1, column_letters(cell.column),
                *_of_file(cell), cell.indicator, cell.text.strip(), cell.reason, cell.own, "",
            )
            for sheet, cell in found
        ),
    )  # fmt: skip


def _of_file(cell: Cell) -> list[str]:
    """Return unit and year as in the file, so that a change of them can be noticed."""
    return [*cell.own.split(" | "), "", ""][:2]


def read_corrections(folder: Path) -> Corrections:
    """Read the corrections of earlier runs, and those entered since in the list of rejections.

    Raises:
        IngestError: a file was changed in other columns than those of the corrections.

    """
    found: Corrections = {}
    for name, columns in (("corrections.csv", CORRECTIONS), ("rejected.csv", REJECTIONS)):
        path = folder / name
        if not path.exists():
            continue
        was = "was" if "was" in columns else "value"
        for number, row in _read(path, columns):
            of_file = row["figure_of"].split(" | ")[:2]
            is_moved = was == "value" and _labels(row) != of_file and len(of_file) == 2
            if not row["corrected_value"].strip() and not is_moved:
                continue
            if not (
                re.fullmatch("[0-9]{1,7}", row["row"]) and re.fullmatch("[A-Z]{1,3}", row["column"])
            ):
                raise IngestError(
                    f"{path} row {number}: row {row['row']!r} and column {row['column']!r} are not "
                    "a cell; change only corrected_value, unit and period."
                )
            place = int(row["row"]) - 1, column_number(row["column"])
            of_sheet = found.setdefault((row["file"], row["sheet"]), {})
            if not row["corrected_value"].strip() and place in of_sheet:
                continue
            of_sheet[place] = Correction(
                row[was],
                row["corrected_value"] if row["corrected_value"].strip() else row[was],
                row["unit"],
                row["period"],
                was == "value",
                row["figure_of"].strip(),
            )
    return found


def listed_as(sheet: Sheet) -> tuple[str, str]:
    """Return file and sheet as written in the lists of corrections."""
    return printable(sheet.file), printable(sheet.name)


def _labels(row: dict[str, str]) -> list[str]:
    return [" ".join(row[key].split()) for key in ("unit", "period")]


def _read(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        rows = sheets.read(path, path.name)[0].rows
    except FileFault as fault:
        raise IngestError(f"{path} {fault}") from None
    header = [name.strip() for name in rows[0]] if rows else []
    if missing := [name for name in columns if name not in header]:
        raise IngestError(
            f"{path} has no column {missing[0]}. Keep its columns as they were written, or delete "
            "the file: the next run writes it again, without the corrections in it."
        )
    for number, row in enumerate(rows[1:], start=2):
        cells = [*row, *[""] * len(header)]
        yield number, {name: unescape_formula(cells[header.index(name)]) for name in columns}


def corrections(found: Corrections) -> str:
    """Return corrections as CSV, for `read_corrections`."""
    return csv_text(
        CORRECTIONS,
        (
            (*key, row + 1, column_letters(column), c.was, c.value, c.unit, c.period, c.own)
            for key, places in sorted(found.items())
            for (row, column), c in sorted(places.items())
        ),
    )


def write_if_changed(path: Path, text: str, encoding: str = "utf-8") -> bool:
    """Write a file completely or not at all; keep one with the same content.

    Raises:
        IngestError: it cannot be written.

    """
    content = text.encode(encoding)
    try:
        if path.exists() and path.read_bytes() == content:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".ingest_")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise IngestError(f"{path} cannot be written: {error.strerror}.") from None
    return True


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(content).hexdigest()
