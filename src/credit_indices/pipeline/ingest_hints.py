"""Recognise files that are no input tables, and suggest the `make ingest` command for them."""

import difflib
import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

KINDS = {
    ".dta": "a Stata file",
    ".htm": "a web page",
    ".html": "a web page",
    ".json": "a JSON file",
    ".ods": "a spreadsheet",
    ".sav": "an SPSS file",
    ".tsv": "a text file with tabs",
    ".txt": "a text file",
    ".xls": "an Excel workbook",
    ".xlsb": "an Excel workbook",
    ".xlsm": "an Excel workbook",
    ".xlsx": "an Excel workbook",
    ".zip": "a ZIP archive",
}
"""Kinds of files by their ending."""

INGESTED = frozenset(
    [".csv", ".ods", ".parquet", ".tsv", ".txt", ".xls", ".xlsb", ".xlsm", ".xlsx"]
)
"""Endings of files that `make ingest` reads."""

SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
YEAR = re.compile(r"\D{0,3}(19|20)\d\d([-_/.]?(Q[1-4]|M?\d\d))?(\D{0,3}| \[YR\d{4}\])")
"""The heading of a column of a wide table, such as 2019, FY2019, 2019Q1 or 2019 [YR2019]."""


def hint_by_name(path: Path) -> str | None:
    """Describe a file by its ending, with the command that reads it.

    Args:
        path: The file.

    Returns:
        A sentence or two; None for an unknown kind.

    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None or not path.is_file():
        return None
    if path.suffix.lower() not in INGESTED:
        return f"{path.name} is {kind}: save its table as CSV UTF-8 first."
    return f"{path.name} is {kind}: {ingest_command(path)}"


def hint_by_header(path: Path, columns: Sequence[str], required: Sequence[str]) -> str | None:
    """Describe a CSV file whose header belongs to another layout.

    Args:
        path: The file.
        columns: Its header, as split at commas.
        required: The columns that its input table needs.

    Returns:
        A clause or two, to follow the file's name; None if the header may be the table's.

    """
    if len(columns) == 1 and len(required) > 1:
        for separator, name in SEPARATORS.items():
            if separator in columns[0]:
                return (
                    f"separates its columns by {name}; commas are expected. Save it with commas, "
                    f"or {ingest_command(path)}"
                )
    if {"indicator_code", "value"} <= set(required) and "value" not in columns:
        years = [name for name in columns if YEAR.fullmatch(name.strip())]
        if len(years) > 1:
            return (
                f"is a wide table, with a column for each of {years[0]} to {years[-1]}. One row "
                "per unit, period and indicator is expected, with the columns "
                f"{', '.join(required)}: {ingest_command(path)}"
            )
        others = [name for name in columns if name not in required]
        is_misspelt = difflib.get_close_matches("indicator_code", others, n=1)
        if "indicator_code" not in columns and len(others) > 1 and not is_misspelt:
            return (
                f"is a wide table: {', '.join(others[:3])}{', ...' if len(others) > 3 else ''} "
                "are columns. One row per unit, period and indicator is expected, with the "
                f"columns {', '.join(required)}: {ingest_command(path)}"
            )
    return None


def ingest_command(path: Path) -> str:
    """Return the command that converts a file or folder to input tables, as a sentence end."""
    inside = path.is_relative_to(Path.cwd())
    named = os.path.relpath(path) if inside else str(path)
    return f"run make ingest FROM={shlex.quote(named)} TO=new_data."
