"""A workbook for Excel: a sheet per public table of the published build.

The head of every sheet describes its rows, the data sources and whether the data are synthetic; the
head of every column describes the column with its unit. Rows that rest on synthetic data are
coloured. Number formats show four significant digits; the cells hold the marts' values.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from credit_indices.exports.origins import ORIGINS
from credit_indices.exports.safe_csv import printable
from credit_indices.pipeline.progress import say
from credit_indices.pipeline.publish import PUBLISHED, WAREHOUSE

DEFAULT_OUT = "credit_indices.xlsx"
CONTENTS = "contents"
ROWS = 1_048_576
"""Maximum number of rows of a sheet in Excel."""
CHARACTERS = 32_767
"""Maximum number of characters of a cell."""
NAME_LENGTH = 31
"""Maximum number of characters of a sheet's name."""
HEADER_ROW = 6
ORIGIN = "data_origin"

KEYS = {
    "index_code": ("index_scores", "index_code"),
    "spec_code": ("panel_fits", "spec_code"),
    "coefficient_source": ("panel_fits", "spec_code"),
    "analysis_code": ("pca_fits", "analysis_code"),
    "model_code": ("credit_model_fits", "model_code"),
    "variable_code": ("panel_variable_sources", "variable_code"),
    "index_variable_code": ("panel_variable_sources", "variable_code"),
}
"""Sheet and column with the data_origin of the index, regression, ... that a column names."""

WHOLE = {
    "coverage_findings": "credit_coverage",
    "data_quality_results": "data_sources",
    "desensitised_fields": "enterprise_status",
    "event_use": "enterprise_status",
    "link_use": "enterprise_status",
}
"""Sheets about all values or all enterprises: the sheet with their data_origin."""

NO_VALUES = {
    "build_info": "facts about the build",
    "data_dictionary": "descriptions of the tables",
    "index_periods": "calendar of the indices, no values of indicators",
    "input_warnings": "remarks on the input, no values computed from it",
    "published_claims": "published numbers of the papers, and official statistics; an explanation "
    "that names a synthetic value says so",
    "quarantined_coverage": "rejected records of the input; no other table rests on them",
    "quarantined_events": "rejected records of the input; no other table rests on them",
    "quarantined_links": "rejected records of the input; no other table rests on them",
    "quarantined_loans": "rejected records of the input; no other table rests on them",
    "quarantined_observations": "rejected records of the input; no other table rests on them",
    "unit_tiles": "a map of the units, no values of indicators",
    "unrelated_rankings": "simulated random rankings, no values of indicators",
}
"""Sheets that rest on no synthetic data, with the reason."""

SIGNIFICANT = 4
SMALLEST, LARGEST = 1e-5, 1e15
"""Sizes outside these are shown in scientific notation."""
GROUPED = ("count", "ranks")
"""Units of integers with separators of thousands, unlike years and codes."""

BOLD, TITLE = Font(bold=True), Font(bold=True, size=14)
GREY = Font(italic=True, color="555555")
SYNTHETIC = PatternFill("solid", fgColor="FBE3CC")
WRAPPED = Alignment(wrap_text=True, vertical="top")


class WorkbookError(Exception):
    """The workbook cannot be written; the message is for the user."""


def write_workbook(out: str | Path = DEFAULT_OUT, published: Path = PUBLISHED) -> Path:
    """Write the public tables of the published build as an Excel workbook.

    Args:
        out: The file; an existing one is replaced.
        published: The published build, as written by `make publish`.

    Returns:
        The file.

    Raises:
        WorkbookError: If nothing is published, a table has more rows than a sheet allows or data of
            unknown origin, or the file cannot be written.

    """
    warehouse, out = published / WAREHOUSE, Path(out)
    if not warehouse.is_file():
        raise WorkbookError(f"{warehouse} does not exist. Run make publish first.")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = _tables(connection)
        too_long = [f"{name} ({n:,} rows)" for _, name, _, n in tables if n + HEADER_ROW > ROWS]
        if too_long:
            raise WorkbookError(
                f"An Excel sheet holds at most {ROWS:,} rows, too few for {', '.join(too_long)}. "
                f"Open the Parquet files in {published / 'parquet'} instead."
            )
        unknown = [name for schema, name, *_ in tables if not _has_origin(connection, schema, name)]
        if unknown:
            raise WorkbookError(
                "It is unknown whether these tables rest on synthetic data: "
                f"{', '.join(unknown)}. If an earlier version published them, run make publish. "
                f"If they are new, add a column {ORIGIN}, or list them in {Path(__file__).name}."
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
    say(f"Wrote {out}: {len(tables)} tables of {warehouse}.")
    return out


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str, int]]:
    """List schema, name, description and number of rows of every public table."""
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
        "official: data published by an agency, read from its file.",
        "synthetic: generated by a seeded script because no data are available. Rows that rest on "
        "them are coloured; they support no statement about a real place or enterprise.",
        "user: data of the user who ran the build.",
        "Sources of all data: sheet data_sources.",
    ):
        sheet.append([_cell(sheet, line)])
    sheet.append([_cell(sheet, heading, BOLD) for heading in ("sheet", "rows", "description")])
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
    words, units = _words(connection, schema, name)
    origins, origin_line = _origins(connection, name, columns, rows)
    last = get_column_letter(len(columns))
    for number in range(1, len(columns) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 24
    sheet.row_dimensions[HEADER_ROW - 1].height = 90
    sheet.freeze_panes = f"A{HEADER_ROW + 1}"
    sheet.auto_filter.ref = f"A{HEADER_ROW}:{last}{HEADER_ROW + n_rows}"
    build = connection.execute("select build_id from marts.build_info").fetchone()[0]
    sheet.append([_cell(sheet, f"{schema}.{name}", TITLE)])
    sheet.append([_cell(sheet, description)])
    sheet.append(
        [_cell(sheet, f"Source: build {build}; for data sources see the sheet data_sources.")]
    )
    sheet.append([_cell(sheet, origin_line)])
    sheet.append([_cell(sheet, words.get(column, ""), GREY, WRAPPED) for column in columns])
    sheet.append([_cell(sheet, column, BOLD) for column in columns])
    units = [units.get(column) for column in columns]
    for row, origin in zip(rows, origins, strict=True):
        fill = SYNTHETIC if origin == "synthetic" else None
        sheet.append(
            [
                _cell(sheet, value, fill=fill, number_format=_number_format(value, unit))
                for value, unit in zip(row, units, strict=True)
            ]
        )


def _words(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str
) -> tuple[dict[str, str], dict[str, str | None]]:
    """Return the description with the unit, and the unit, of each column."""
    found = connection.execute(
        "from marts.data_dictionary where table_schema = ? and table_name = ?", [schema, name]
    )
    names = [column[0] for column in found.description]
    words, units = {}, {}
    for row in found.fetchall():
        column = dict(zip(names, row, strict=True))
        unit = units[column["column_name"]] = column.get("unit")
        words[column["column_name"]] = column["column_description"] + (
            f" Unit: {unit}." if unit and unit != "none" else ""
        )
    return words, units


def _has_origin(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    """Whether the origin of the table's data is known."""
    columns = _columns(connection, schema, name)
    if name in NO_VALUES or name in WHOLE or ORIGIN in columns:
        return True
    keys = KEYS.keys() & columns
    return bool(keys) and all(ORIGIN in _columns(connection, "marts", KEYS[key][0]) for key in keys)


def _columns(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> list[str]:
    return [c[0] for c in connection.execute(f'from "{schema}"."{name}" limit 0').description]


def _origins(
    connection: duckdb.DuckDBPyConnection, name: str, columns: list[str], rows: list[tuple]
) -> tuple[list[str | None], str]:
    """Return the origin of the data of each row, and a sentence about them for the sheet."""
    if name in NO_VALUES:
        return [None] * len(rows), f"Data: {NO_VALUES[name]}."
    if ORIGIN in columns:
        origins = [row[columns.index(ORIGIN)] for row in rows]
        source = f"column {ORIGIN}"
    elif name in WHOLE:
        every = connection.sql(f"select distinct {ORIGIN} from marts.{WHOLE[name]}").fetchall()
        found = _first(origin for (origin,) in every)
        origins = [found] * len(rows)
        source = f"column {ORIGIN} of the sheet {WHOLE[name]}"
    else:
        keys = [column for column in columns if column in KEYS]
        known = {column: _origins_by_key(connection, *KEYS[column]) for column in keys}
        origins = [
            _first(known[column].get(row[columns.index(column)]) for column in keys) for row in rows
        ]
        sheets = " and ".join(dict.fromkeys(KEYS[column][0] for column in keys))
        source = f"column {ORIGIN} of the sheet {sheets}, by {' and '.join(keys)}"
    listed = ", ".join(sorted({origin or "none" for origin in origins})) or "no rows"
    coloured = "; synthetic rows are coloured" if "synthetic" in origins else ""
    return origins, f"Data: {listed} ({source}{coloured})."


def _origins_by_key(
    connection: duckdb.DuckDBPyConnection, table: str, column: str
) -> dict[str, str | None]:
    found: dict[str, set[str]] = {}
    for key, origin in connection.sql(f"select {column}, {ORIGIN} from marts.{table}").fetchall():
        found.setdefault(key, set()).add(origin)
    return {key: _first(origins) for key, origins in found.items()}


def _first(origins: Iterable[str | None]) -> str | None:
    """Return synthetic where any data are, then user, then official; None without any."""
    found = set(origins)
    return next((origin for origin in ORIGINS if origin in found), None)


def _number_format(value: Any, unit: str | None) -> str | None:
    """Return Excel's format of a value in a unit; None for texts and truth values."""
    if isinstance(value, datetime):
        return "yyyy-mm-dd hh:mm:ss"
    if isinstance(value, date):
        return "yyyy-mm-dd"
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    percent = '" %"' if unit == "percent" else ""
    if isinstance(value, int):
        return ("#,##0" if unit in GROUPED else "0") + percent
    if value and not SMALLEST <= abs(value) < LARGEST:
        return "0.000E+00" + percent
    exponent = Decimal(f"{value:.{SIGNIFICANT}g}").normalize().as_tuple().exponent
    return "#,##0" + "." * (exponent < 0) + "0" * -exponent + percent


def _cell(
    sheet: WriteOnlyWorksheet,
    value: Any,
    font: Font | None = None,
    alignment: Alignment | None = None,
    fill: PatternFill | None = None,
    number_format: str | None = None,
) -> WriteOnlyCell:
    """Make a cell that holds a value and never a formula."""
    if isinstance(value, float) and not math.isfinite(value):
        value = str(value)  # Excel has no infinity
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
    if number_format:
        cell.number_format = number_format
    return cell
