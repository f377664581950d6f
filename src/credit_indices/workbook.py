"""A workbook for Excel: a sheet per public table of the published build.

Above the columns of every sheet stand what a row is, where the figures come from and whether they
are synthetic, and above every column what it holds, with its unit.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import duckdb
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from credit_indices.publish import PUBLISHED, WAREHOUSE
from credit_indices.safe_csv import printable

DEFAULT_OUT = "credit_indices.xlsx"
CONTENTS = "contents"
ROWS = 1_048_576
"""Rows of a sheet, by the specification of Excel."""
CHARACTERS = 32_767
"""Characters of a cell, by the same."""
NAME_LENGTH = 31
"""Characters of a sheet's name, by the same."""
HEADER_ROW = 6
ORIGIN = "data_origin"

BOLD, TITLE = Font(bold=True), Font(bold=True, size=14)
GREY = Font(italic=True, color="555555")
SYNTHETIC = PatternFill("solid", fgColor="FBE3CC")
WRAPPED = Alignment(wrap_text=True, vertical="top")


class WorkbookError(Exception):
    """There is no workbook; the message is for the user."""


def write_workbook(out: str | Path = DEFAULT_OUT, published: Path = PUBLISHED) -> Path:
    """Write the public tables of the published build as an Excel workbook.

    Args:
        out: The file; replaced where it is there.
        published: What readers open, as `make publish` leaves it.

    Returns:
        The file.

    Raises:
        WorkbookError: If nothing is published, a table has more rows than a sheet, or the file
            cannot be written.

    """
    warehouse, out = published / WAREHOUSE, Path(out)
    if not warehouse.is_file():
        raise WorkbookError(f"{warehouse} is not there. Run make publish first.")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = _tables(connection)
        too_long = [f"{name} ({n:,} rows)" for _, name, _, n in tables if n + HEADER_ROW > ROWS]
        if too_long:
            raise WorkbookError(
                f"A sheet of Excel has {ROWS:,} rows, too few for {', '.join(too_long)}. "
                f"Open the Parquet files in {published / 'parquet'} instead."
            )
        try:
            with open(out, "wb") as stream:
                book = Workbook(write_only=True)
                _write_contents(book.create_sheet(CONTENTS), connection, tables)
                for schema, name, description, n_rows in tables:
                    _write_table(book, connection, schema, name, description, n_rows)
                book.save(stream)
        except OSError as error:
            raise WorkbookError(f"{out} cannot be written: {error.strerror}.") from None
    print(f"Wrote {out}: {len(tables)} tables of {warehouse}.")
    return out


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str, int]]:
    """List schema, name, what a row is, and number of rows of every public table."""
    found = connection.execute(
        "select tables.table_schema, tables.table_name, any_value(table_description) "
        "from information_schema.tables as tables left join marts.data_dictionary as words "
        "on tables.table_schema = words.table_schema and tables.table_name = words.table_name "
        "where tables.table_schema in ('marts', 'quality') group by 1, 2 order by 1, 2"
    ).fetchall()
    return [
        (schema, name, description or "", _count(connection, schema, name))
        for schema, name, description in found
    ]


def _count(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> int:
    return connection.execute(f'select count(*) from "{schema}"."{name}"').fetchone()[0]


def _write_contents(
    sheet: WriteOnlyWorksheet,
    connection: duckdb.DuckDBPyConnection,
    tables: list[tuple[str, str, str, int]],
) -> None:
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 12
    sheet.column_dimensions["C"].width = 120
    build, built, source = connection.execute(
        "select build_id, built_at_utc, data_source from marts.build_info"
    ).fetchone()
    sheet.append([_cell(sheet, "Credit indices", TITLE)])
    sheet.append([_cell(sheet, f"Build {build} of {built:%Y-%m-%d %H:%M} UTC, data: {source}.")])
    for line in (
        "official: figures that an agency publishes, read from its file.",
        "synthetic: made by a seeded script where no figures can be had; rows are coloured. "
        "Nothing said about a place or an enterprise on the strength of them is true.",
        "user: figures of whoever ran the build.",
        "Where every figure comes from: sheet data_sources.",
    ):
        sheet.append([_cell(sheet, line)])
    sheet.append([_cell(sheet, heading, BOLD) for heading in ("sheet", "rows", "what a row is")])
    for _, name, description, n_rows in tables:
        row = [name[:NAME_LENGTH], n_rows, description]
        sheet.append([_cell(sheet, value, alignment=WRAPPED) for value in row])


def _write_table(
    book: Workbook,
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    name: str,
    description: str,
    n_rows: int,
) -> None:
    sheet = book.create_sheet(name[:NAME_LENGTH])
    result = connection.execute(f'select * from "{schema}"."{name}"')
    columns = [column[0] for column in result.description]
    rows = result.fetchall()
    words = _words(connection, schema, name)
    last = get_column_letter(len(columns))
    for number in range(1, len(columns) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 24
    sheet.row_dimensions[HEADER_ROW - 1].height = 90
    sheet.freeze_panes = f"A{HEADER_ROW + 1}"
    sheet.auto_filter.ref = f"A{HEADER_ROW}:{last}{HEADER_ROW + n_rows}"
    build = connection.execute("select build_id from marts.build_info").fetchone()[0]
    sheet.append([_cell(sheet, f"{schema}.{name}", TITLE)])
    sheet.append([_cell(sheet, description)])
    sheet.append([_cell(sheet, f"Source: build {build}; where figures come from: data_sources.")])
    sheet.append([_cell(sheet, _origin_line(connection, columns, rows))])
    sheet.append([_cell(sheet, words.get(column, ""), GREY, WRAPPED) for column in columns])
    sheet.append([_cell(sheet, column, BOLD) for column in columns])
    origin = columns.index(ORIGIN) if ORIGIN in columns else None
    for row in rows:
        fill = SYNTHETIC if origin is not None and row[origin] == "synthetic" else None
        sheet.append([_cell(sheet, value, fill=fill) for value in row])


def _words(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> dict[str, str]:
    """Return what each column of a table holds, with its unit; builds of before lack units."""
    found = connection.execute(
        "from marts.data_dictionary where table_schema = ? and table_name = ?", [schema, name]
    )
    names = [column[0] for column in found.description]
    words = {}
    for row in found.fetchall():
        column = dict(zip(names, row, strict=True))
        unit = column.get("unit")
        words[column["column_name"]] = column["column_description"] + (
            f" Unit: {unit}." if unit and unit != "none" else ""
        )
    return words


def _origin_line(
    connection: duckdb.DuckDBPyConnection, columns: list[str], rows: list[tuple]
) -> str:
    """Say whether the figures of a table are synthetic, as far as it tells."""
    if ORIGIN in columns:
        origins = sorted({row[columns.index(ORIGIN)] or "none" for row in rows})
        return f"Data: {', '.join(origins) or 'no rows'} (column {ORIGIN})."
    (synthetic,) = connection.execute(
        "select count(*) from marts.data_sources where data_origin = 'synthetic'"
    ).fetchone()
    if synthetic:
        return (
            f"Data: {synthetic} indicators of this build are synthetic, and this table does not "
            "say by row which figures rest on them; see data_sources."
        )
    return "Data: no indicator of this build is synthetic."


def _cell(
    sheet: WriteOnlyWorksheet,
    value: Any,
    font: Font | None = None,
    alignment: Alignment | None = None,
    fill: PatternFill | None = None,
) -> WriteOnlyCell:
    """Make a cell that holds a value and never a formula."""
    if isinstance(value, float) and not math.isfinite(value):
        value = str(value)  # a sheet has no infinity
    if isinstance(value, str):
        value = "\n".join(map(printable, value.split("\n")))[:CHARACTERS]
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
    if font:
        cell.font = font
    if alignment:
        cell.alignment = alignment
    if fill:
        cell.fill = fill
    return cell
