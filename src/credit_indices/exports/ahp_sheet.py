"""The questions of an AHP survey as a CSV sheet; the filled-in sheet is an input table.

The columns are those of the input table ``ahp_judgements``, with its optional column ``question``:
a filled-in sheet is accepted unchanged, and an empty judgement is a missing comparison.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import duckdb

from credit_indices.exports.safe_csv import cell, csv_text
from credit_indices.pipeline import input_files
from credit_indices.pipeline.progress import say
from credit_indices.stats import ahp

CATALOG = Path(__file__).parents[3] / "seeds" / "catalog"
SHEET_COLUMNS = (
    "index_code",
    "parent_code",
    "expert_id",
    "item_a",
    "item_b",
    "judgement",
    "question",
)
DEFAULT_EXPERT = "expert_1"
TABLES = {
    "indices": ("index_code", "name_en", "weighting"),
    "index_nodes": ("index_code", "node_code", "parent_code", "name_en"),
    "index_indicators": ("index_code", "indicator_code", "node_code"),
    "indicators": ("indicator_code", "name_en"),
}
"""The columns that a sheet needs, by table."""

Rows = list[dict[str, str]]


class SheetError(Exception):
    """The sheet cannot be made; the message is for the user."""


def write_sheet(
    index: str, data_dir: str | None = None, expert: str | None = None, out: str | None = None
) -> Path:
    """Write the sheet of an index and print instructions for it.

    Args:
        index: the index_code.
        data_dir: the folder of the user's input tables. Tables that it lacks, or all if it is None,
            are taken from the project's catalog.
        expert: the expert_id in every row.
        out: the file to write; None for ``ahp_sheet_<index>.csv`` in the current folder.

    Returns:
        The file.

    Raises:
        SheetError: the index is unknown or has nothing to compare, the folder or one of its tables
            is faulty, or the file exists already or cannot be written.

    """
    expert = expert or DEFAULT_EXPERT
    if expert == ahp.GROUP:
        raise SheetError(
            f"EXPERT cannot be {ahp.GROUP!r}: the name is reserved for all experts together."
        )
    tables = _read_tables(data_dir)
    known = {row["index_code"]: row for row in tables["indices"]}
    if index not in known:
        what = f"The index {index!r} is unknown." if index else "INDEX is missing."
        raise SheetError(f"{what} The indices are {', '.join(known)}.")
    blocks = list(_blocks(index, tables))
    if not blocks:
        raise SheetError(
            f"The index {index} has no pairs to compare: none of its nodes has two children."
        )
    names = _names(index, tables)
    rows = [
        (index, parent, expert, item_a, item_b, "", _question(names, parent, item_a, item_b))
        for parent, children in blocks
        for item_a, item_b in combinations(children, 2)
    ]
    _require_safe_codes(rows)
    sheet = Path(out or f"ahp_sheet_{index}.csv")
    try:
        with open(sheet, "x", newline="", encoding="utf-8") as stream:
            stream.write(csv_text(SHEET_COLUMNS, rows))
    except FileExistsError:
        raise SheetError(
            f"{sheet} exists already and was not overwritten: it may be filled in. Move it away, "
            "or name another file: OUT=other.csv"
        ) from None
    except OSError as error:
        raise SheetError(f"{sheet} cannot be written: {error.strerror}.") from None
    say(
        f"Wrote {sheet}: {len(rows)} question(s) in {len(blocks)} block(s), for {expert}.\n"
        "Next: fill in the column judgement; leave it empty if you cannot judge.\n"
        f"Put the sheet into {data_dir or 'a data folder'} as ahp_judgements.csv, or append its "
        "rows without the header to the one there,\n"
        f"and run: make build DATA_DIR={data_dir or 'folder'}\n"
        "Each further expert needs a sheet with their own EXPERT."
    )
    if known[index]["weighting"] != "ahp":
        say(
            f"Warning: {index} has the weighting {known[index]['weighting'] or '(empty)'} in the "
            "table indices; judgements are used only under ahp."
        )
    return sheet


def _require_safe_codes(rows: Sequence[tuple[str, ...]]) -> None:
    """Refuse codes that a spreadsheet would run as formulas: the build could not match escapes."""
    *codes, _judgement, _question = SHEET_COLUMNS
    found = dict.fromkeys(
        f"  - {name} {code!r}"
        for row in rows
        for name, code in zip(codes, row, strict=False)
        if cell(code) != code
    )
    if found:
        raise SheetError(
            "No sheet was written: a spreadsheet would read these codes as formulas, or they hold "
            "control characters. Codes must begin with a letter or digit, in all tables.\n"
            + "\n".join(found)
        )


def _read_tables(data_dir: str | None) -> dict[str, Rows]:
    """Read every table from the folder, or from the catalog if the folder lacks it.

    A folder with its own indices must also hold their nodes and indicators.
    """
    files = {}
    try:
        for table, columns in TABLES.items():
            own = input_files.inspect_table(data_dir, table, columns) if data_dir else None
            if own is None or not _is_there(own):
                own = input_files.inspect_table(str(CATALOG), table, columns)
            files[table] = own
    except NotADirectoryError as error:
        raise SheetError(str(error)) from None
    faults = [
        f"{fault.source_file}{f' row {fault.source_row}' if fault.source_row else ''}: "
        f"{f'{fault.column_name} ' if fault.column_name else ''}{fault.reason}"
        for file in files.values()
        for fault in file.faults
        if fault.severity == "error"
    ]
    faults += [
        f"{table}.csv: is missing: a folder with its own indices must also hold its own {table}."
        for table in ("index_nodes", "index_indicators")
        if _is_of_catalog(files[table]) and not _is_of_catalog(files["indices"])
    ]
    if faults:
        raise SheetError(
            f"The input is not valid: {len(faults)} fault(s). No sheet was written.\n"
            + "\n".join(f"  - {fault}" for fault in faults)
        )
    return {table: _read(files[table], TABLES[table]) for table in TABLES}


def _is_there(file: input_files.InputFile) -> bool:
    return file.file_format is not None or bool(file.faults)


def _is_of_catalog(file: input_files.InputFile) -> bool:
    return file.path is not None and Path(file.path).parent == CATALOG


def _read(file: input_files.InputFile, columns: tuple[str, ...]) -> Rows:
    """Read some columns of a valid file as text, an empty cell as ''."""
    path = re.sub(r"([\[*?{])", r"[\1]", file.path)  # '[x]' is a literal x to DuckDB
    names = ", ".join(f'"{column}"' for column in columns)
    if file.file_format == "csv":
        source = (
            "read_csv($path, auto_detect = false, hive_partitioning = false, header = true, "
            "delim = ',', quote = '\"', escape = '\"', strict_mode = true, "
            "max_line_size = 16777216, columns = $columns)"
        )
        parameters = {"path": path, "columns": dict.fromkeys(file.columns, "VARCHAR")}
    else:
        source, parameters = "read_parquet($path, hive_partitioning = false)", {"path": path}
    with duckdb.connect() as connection:
        found = connection.execute(f"select {names} from {source}", parameters).fetchall()
    return [dict(zip(columns, map(_text, row), strict=True)) for row in found]


def _text(value: object) -> str:
    """Return a cell as text; pandas stores whole numbers in columns with gaps as floats."""
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _blocks(index: str, tables: dict[str, Rows]) -> Iterator[tuple[str, list[str]]]:
    """Yield the parents with two children at least, root first, level by level."""
    children: dict[str, list[str]] = {}
    for table, item, parent in (
        ("index_nodes", "node_code", "parent_code"),
        ("index_indicators", "indicator_code", "node_code"),
    ):
        for row in tables[table]:
            if row["index_code"] == index:
                children.setdefault(row[parent], []).append(row[item])
    waiting = children.pop("", [])
    while waiting:
        parent = waiting.pop(0)
        items = list(dict.fromkeys(children.pop(parent, [])))
        waiting += items
        if len(items) > 1:
            yield parent, items


def _names(index: str, tables: dict[str, Rows]) -> dict[str, str]:
    """Return the English names of indicators and of the index's nodes by code, where they exist."""
    names = {row["indicator_code"]: row["name_en"] for row in tables["indicators"]}
    names |= {
        row["node_code"]: row["name_en"]
        for row in tables["index_nodes"]
        if row["index_code"] == index
    }
    return {code: name for code, name in names.items() if name}


def _question(names: dict[str, str], parent: str, item_a: str, item_b: str) -> str:
    parent, a, b = (names.get(code, code) for code in (parent, item_a, item_b))
    return (
        f"For '{parent}': how many times as important is '{a}' as '{b}'? (1 = equally, 3 = "
        "moderately more, 5 = strongly, 7 = very strongly, 9 = extremely; below 1 where "
        f"'{b}' is more important, such as 0.2)"
    )
