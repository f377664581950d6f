"""Structural checks of a folder of input tables, before any row is loaded.

The input layer reads ``<table>.csv`` or ``<table>.parquet``; a table in `PARTITIONED` may also be a
folder ``<table>`` of Parquet files. For one table or for the whole folder, this module returns the
columns, the number of records and every fault of structure: a wrong encoding, a missing column, a
line with too many fields, a table in two formats, a file that is no table. The values of cells are
validated in SQL.
"""

import csv
import difflib
import functools
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from credit_indices.pipeline.ingest_hints import (
    INGESTED,
    hint_by_header,
    hint_by_name,
    ingest_command,
)

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = ("csv", "parquet")
csv.field_size_limit(16 * 1024**2)  # the limit that read_input_file sets for DuckDB
PARTITIONED = ("enterprise_events",)
"""Tables that may be a folder of Parquet files, for example one per day."""

ENTERPRISE_TABLES = ("enterprises", "enterprise_events", "enterprise_consents")
WARNING_TABLES = (*ENTERPRISE_TABLES, "public_holidays", "warning_levels", "warning_rules")
LOAN_TABLES = ("loans", "loan_features", "loan_features_wide")
COVERAGE_TABLES = ("coverage_records", "ratings")
LINK_TABLES = ("enterprise_links",)
PERSONAL_TABLES = ENTERPRISE_TABLES + LOAN_TABLES + COVERAGE_TABLES + LINK_TABLES
"""Tables about single enterprises or loans: their texts may name somebody, so none is published."""

ANY_COLUMN = "*"
"""In a list of optional columns: any column is allowed."""

PLAIN_PART = re.compile(
    r"((year|month|day|date|hour)=\d{1,4}(-\d\d){0,2}/)*(part|events)?[-_]?\d{0,5}\.parquet"
)
"""Path within the folder of a table that names nobody: dates and a number."""

MAX_FAULTS = 20
"""Faults of one kind listed for one file; the rest are counted."""


@dataclass
class Fault:
    """One violation of structure: its place, the finding, the expectation and the remedy."""

    source_file: str
    reason: str
    source_row: int | None = None
    column_name: str | None = None
    value: str | None = None
    severity: str = "error"
    table_name: str | None = None


@dataclass
class InputFile:
    """Structure of one table of the folder. ``file_format`` is None if the file is absent.

    For a folder of Parquet files, ``parts`` are their paths and ``path`` is the folder's;
    ``hidden_parts`` maps names that are not published to the names published instead.
    ``column_kinds`` are text, integer, number (floating point), instant (a moment with a time
    zone) or none (no values).
    """

    table_name: str
    source_file: str | None = None
    path: str | None = None
    file_format: str | None = None
    columns: list[str] = field(default_factory=list)
    column_kinds: dict[str, str] = field(default_factory=dict)
    records: int | None = None
    parts: list[str] = field(default_factory=list)
    hidden_parts: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_valid(self) -> bool:
        """True if the file can be read: it exists and has no fault that is an error."""
        return self.file_format is not None and all(f.severity != "error" for f in self.faults)


def inspect_table(
    data_dir: str, table_name: str, required: Sequence[str], optional: Sequence[str] = ()
) -> InputFile:
    """Inspect the file of one table.

    Args:
        data_dir: the folder.
        table_name: the table, which is the file's name without its ending.
        required: columns that must be there, in any order.
        optional: columns that may be there, or `ANY_COLUMN`.

    Returns:
        The file's structure. A CSV file is read to its end once, so ``records`` counts its records
        (without the header) and every line with a wrong number of fields is a fault.

    Raises:
        NotADirectoryError: ``data_dir`` is not a folder.

    """
    folder = existing_folder(data_dir)
    found = [folder / f"{table_name}.{ending}" for ending in FORMATS]
    found = [path for path in found if os.path.lexists(path)]
    parted = folder / table_name
    if table_name in PARTITIONED and parted.is_dir():
        if found:
            reason = "exists beside a folder of this name; keep one of them"
            return InputFile(table_name, found[0].name, faults=[Fault(found[0].name, reason)])
        return _inspect_parts(parted, tuple(required), tuple(optional))
    if not found:
        return InputFile(table_name)
    if len(found) > 1:
        reason = "exists as .csv and as .parquet; keep one of them"
        return InputFile(
            table_name, found[0].name, faults=[Fault(f"{table_name}.csv/.parquet", reason)]
        )
    if not found[0].is_file():
        return InputFile(table_name, found[0].name, faults=[Fault(found[0].name, "is not a file.")])
    stat = found[0].stat()
    return _inspect_file(
        str(found[0]), stat.st_mtime_ns, stat.st_size, table_name, tuple(required), tuple(optional)
    )


def folder_faults(data_dir: str, tables: Sequence[str]) -> list[Fault]:
    """Find faults of the folder itself: files that look like tables but are none.

    Args:
        data_dir: the folder.
        tables: the names of all input tables.

    Raises:
        NotADirectoryError: ``data_dir`` is not a folder.

    """
    faults = []
    folder = existing_folder(data_dir)
    names = sorted(entry.name for entry in folder.iterdir())
    parted = {name for name in PARTITIONED if (folder / name).is_dir()}
    if not (_stems(names) | parted) & set(tables):
        reason = (
            "holds none of the input tables, such as observations.csv. "
            f"The input tables are {', '.join(tables)}, each as .csv or .parquet."
        )
        if INGESTED & {Path(name).suffix.lower() for name in names}:
            reason += f" To convert the files in it, {ingest_command(folder)}"
        faults.append(Fault(folder.name, reason))
    for name in names:
        stem, _, ending = name.rpartition(".")
        if name.startswith((".", "~")):
            continue
        if (ending in FORMATS and stem in tables) or name in parted:
            continue
        if ending.lower() in FORMATS:
            close = difflib.get_close_matches(stem.lower(), tables, n=1, cutoff=0.6)
            hint = f" Did you mean {close[0]}.{ending.lower()}?" if close else ""
            known = ", ".join(tables)
            reason = f"is not the name of an input table.{hint} The input tables are {known}."
            faults.append(Fault(name, reason, table_name=close[0] if close else None))
        elif name.partition(".")[0] in tables:
            table = name.partition(".")[0]
            reason = f"cannot be read: save it as {table}.csv (UTF-8) or {table}.parquet."
            if hint := hint_by_name(folder / name):
                reason += f" {hint}"
            faults.append(Fault(name, reason, table_name=table))
    if "indices" in _stems(names):
        for table in ("index_nodes", "index_indicators", "observations"):
            if table not in _stems(names) and table not in {fault.table_name for fault in faults}:
                reason = (
                    f"is missing: a folder with its own indices must also hold its own {table} "
                    "(index_nodes, index_indicators and observations belong together)."
                )
                if table == "observations":
                    found = [hint for name in names if (hint := hint_by_name(folder / name))]
                    reason = " ".join([reason, *found[:MAX_FAULTS]])
                faults.append(Fault(f"{table}.csv", reason, table_name=table))
    return faults


def own_tables(data_dir: str) -> set[str]:
    """Return the names of the tables in a folder, whether or not they can be read.

    Raises:
        NotADirectoryError: ``data_dir`` is not a folder.

    """
    folder = existing_folder(data_dir)
    names = [entry.name for entry in folder.iterdir()]
    return _stems(names) | {name for name in PARTITIONED if (folder / name).is_dir()}


def as_json(value: InputFile | list[Fault]) -> str:
    """Return an inspection as JSON text, for the SQL side."""
    if isinstance(value, InputFile):
        return json.dumps({**asdict(value), "is_valid": value.is_valid}, ensure_ascii=False)
    return json.dumps([asdict(fault) for fault in value], ensure_ascii=False)


def existing_folder(data_dir: str) -> Path:
    """Return the folder's absolute path; raise NotADirectoryError if there is no such folder."""
    folder = Path(data_dir)
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise NotADirectoryError(
            f"The data folder {str(folder)!r} {what}. DATA_DIR names the folder that holds "
            "observations.csv and the other input tables."
        )
    return folder.absolute()


def _stems(names: Sequence[str]) -> set[str]:
    return {name.rpartition(".")[0] for name in names if name.rpartition(".")[2] in FORMATS}


@functools.lru_cache(maxsize=4096)
def _inspect_file(
    path: str,
    _modified: int,
    size: int,
    table_name: str,
    required: tuple[str, ...],
    optional: tuple[str, ...],
) -> InputFile:
    file = InputFile(table_name, os.path.basename(path), path)
    ending = path.rpartition(".")[2]
    if size == 0:
        reason = "is empty (0 bytes): it needs at least the header line with " + ", ".join(required)
        file.faults.append(Fault(file.source_file, reason))
    elif ending == "csv":
        _inspect_csv(file, required, optional)
    else:
        _inspect_parquet(file, required, optional)
    file.file_format = ending
    return file


def _inspect_parts(folder: Path, required: tuple[str, ...], optional: tuple[str, ...]) -> InputFile:
    """Inspect a folder of Parquet files, at any depth, as one table."""
    whole = InputFile(folder.name, folder.name, str(folder), "parquet", records=0)
    first = {}
    warned = set()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        inside = path.relative_to(folder)
        if any(part.startswith((".", "_", "~")) for part in inside.parts):
            continue
        name = f"{folder.name}/{inside.as_posix()}"
        if path.suffix != ".parquet":
            reason = "cannot be read: a folder of a table holds Parquet files (.parquet)."
            whole.faults.append(Fault(name, reason))
            continue
        stat = path.stat()
        file = _inspect_file(
            str(path), stat.st_mtime_ns, stat.st_size, folder.name, required, optional
        )
        whole.parts.append(file.path)
        whole.records += file.records or 0
        if not PLAIN_PART.fullmatch(inside.as_posix()):
            # "file 3": the third of the files in the order of their paths.
            whole.hidden_parts[name] = f"{folder.name}/file {len(whole.parts)}"
        for fault in file.faults:
            if fault.severity == "error":
                whole.faults.append(replace(fault, source_file=name))
            # Report a column that is not read only once.
            elif fault.column_name not in warned:
                public = whole.hidden_parts.get(name, name)
                whole.faults.append(replace(fault, source_file=public))
                warned.add(fault.column_name)
        for column, kind in file.column_kinds.items():
            known, where = first.setdefault(column, (kind, name))
            # A part without a number has a floating-point column; one without a value has no type.
            # DuckDB would merge moments with and without a time zone by the session's zone.
            is_mixed = {"text", "instant"} & {kind, known} and "none" not in (kind, known)
            if kind != known and is_mixed:
                reason = f"has another type than in {where}; write both with the same types"
                reason += ", with a time zone or without." if "instant" in (kind, known) else "."
                whole.faults.append(Fault(name, reason, 1, column))
            elif kind != known:
                merged = kind if known == "none" else known if kind == "none" else "number"
                first[column] = (merged, where)
    whole.columns = list(first)
    whole.column_kinds = {column: kind for column, (kind, _) in first.items()}
    if not whole.parts:
        reason = "holds no Parquet file; expected for example day=2026-01-01/events.parquet."
        whole.faults.append(Fault(folder.name, reason))
    return whole


def _inspect_csv(file: InputFile, required: Sequence[str], optional: Sequence[str]) -> None:
    """Read the whole file once, by the CSV rules of RFC 4180, and record every fault."""
    wrong_width, line_ends = [], set()
    records = 0
    try:
        with open(file.path, encoding="utf-8-sig", newline="") as stream:
            lines = _Lines(stream)
            reader = csv.reader(lines, strict=True)
            file.columns = next(reader, [])
            width = len(file.columns)
            if not file.columns:
                reason = "begins with an empty line; the first line holds the column names."
                file.faults.append(Fault(file.source_file, reason, 1))
                return
            line_ends.add(lines.line_end())
            for row in reader:
                if not row:
                    line_ends.add(lines.line_end())
                    continue
                records += 1
                line_ends.add(lines.line_end())
                if len(row) != width:
                    wrong_width.append((records + 1, len(row), ",".join(row)))
    except UnicodeDecodeError as error:
        with open(file.path, "rb") as stream:
            line = _line_of_bad_bytes(stream)
        reason = (
            f"is not UTF-8 text (the bytes {error.object[error.start : error.start + 4]!r} are "
            "not). Save it as CSV UTF-8."
        )
        file.faults.append(Fault(file.source_file, reason, line))
        return
    except csv.Error as error:
        if not file.columns and (hint := _hint_by_quoted_header(file, required)):
            file.faults.append(Fault(file.source_file, hint, 1))
            return
        reason = (
            f"is not valid CSV: {error}. A field with a comma, a quote or a line break must be in "
            'double quotes, and a quote inside it doubled ("").'
        )
        file.faults.append(Fault(file.source_file, reason, records + 2))
        return
    file.records = records
    for row, fields, text in wrong_width[:MAX_FAULTS]:
        reason = f"has {fields} fields, the header has {len(file.columns)}."
        if fields > len(file.columns):
            reason += " A value with a comma must be in double quotes."
        file.faults.append(Fault(file.source_file, reason, row, None, text[:200]))
    if len(wrong_width) > MAX_FAULTS:
        reason = f"has {len(wrong_width) - MAX_FAULTS} more rows with a wrong number of fields."
        file.faults.append(Fault(file.source_file, reason))
    if len(line_ends - {""}) > 1:
        reason = "mixes kinds of line ends (LF, CRLF, CR); save it again with one of them."
        file.faults.append(Fault(file.source_file, reason))
    if lines.has_nul:
        file.faults.append(Fault(file.source_file, "holds NUL characters; save it again as text."))
    file.column_kinds = dict.fromkeys(file.columns, "text")
    if hint := hint_by_header(Path(file.path), file.columns, required):
        # Messages about columns and lines would be wrong for another kind of file.
        file.faults = [Fault(file.source_file, hint, 1)]
        return
    _check_columns(file, required, optional)


def _hint_by_quoted_header(file: InputFile, required: Sequence[str]) -> str | None:
    """Describe a file with quoted names and no comma in its header, as from R's `write.csv2`."""
    with open(file.path, encoding="utf-8-sig") as stream:
        header = stream.readline().strip().replace('"', "")
    return hint_by_header(Path(file.path), [header], required)


def _inspect_parquet(file: InputFile, required: Sequence[str], optional: Sequence[str]) -> None:
    import pyarrow as pa  # not needed for a folder of CSV files
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file.path) as parquet:
            schema, file.records = parquet.schema_arrow, parquet.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        text = str(error).splitlines()[0]
        file.faults.append(Fault(file.source_file, f"is not a readable Parquet file: {text}"))
        return
    file.columns = schema.names
    file.column_kinds = {f.name: _kind(f.type) for f in schema}
    _check_columns(file, required, optional)


def _kind(arrow_type: "pa.DataType") -> str:
    import pyarrow as pa

    if pa.types.is_dictionary(arrow_type):
        return _kind(arrow_type.value_type)
    if pa.types.is_null(arrow_type):
        return "none"
    if pa.types.is_integer(arrow_type):
        return "integer"
    if pa.types.is_floating(arrow_type) or pa.types.is_decimal(arrow_type):
        return "number"
    if pa.types.is_timestamp(arrow_type) and arrow_type.tz is not None:
        return "instant"
    return "text"


def _check_columns(file: InputFile, required: Sequence[str], optional: Sequence[str]) -> None:
    counts = Counter(file.columns)
    for name in required:
        if name not in counts:
            have = ", ".join(file.columns)
            close = difflib.get_close_matches(name, set(counts) - {*required, *optional}, n=1)
            hint = f" If it is the column {close[0]!r}, rename that." if close else ""
            reason = f"is not among the columns, but is required. The header has {have}.{hint}"
            file.faults.append(Fault(file.source_file, reason, 1, name))
    spellings = Counter(name.lower() for name in file.columns)
    for position, (name, times) in enumerate(counts.items(), start=1):
        if not name:
            reason = "has a column without a name; name or remove it (a comma too many?)."
            file.faults.append(Fault(file.source_file, reason, 1))
        elif name == "file_row_number" and file.path.endswith(".parquet"):
            reason = "is a name that DuckDB reserves; rename the column."
            file.faults.append(Fault(file.source_file, reason, 1, name))
        elif spellings[name.lower()] > times and name not in {*required, *optional}:
            reason = "is in the header in upper and in lower case; keep one of them."
            file.faults.append(Fault(file.source_file, reason, 1, name))
        elif times > 1:
            reason = f"is {times} times in the header; keep one of these columns."
            file.faults.append(Fault(file.source_file, reason, 1, name))
        elif not {name, ANY_COLUMN} & {*required, *optional}:
            reason = "is an unknown column; it was not read."
            # Warnings are published, and the heading of a column may name an enterprise.
            shown = f"column {position}" if file.table_name in PERSONAL_TABLES else name
            file.faults.append(Fault(file.source_file, reason, 1, shown, severity="warning"))


def _line_of_bad_bytes(stream: Iterator[bytes]) -> int | None:
    for number, line in enumerate(stream, start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return number
    return None


class _Lines:
    """The lines of a text stream; records the latest line end and whether a NUL occurred."""

    def __init__(self, stream: Iterator[str]) -> None:
        self._stream = stream
        self._latest = ""
        self.has_nul = False

    def __iter__(self) -> Iterator[str]:
        for line in self._stream:
            self._latest = line
            if "\0" in line:
                self.has_nul = True
            yield line

    def line_end(self) -> str:
        if self._latest.endswith("\r\n"):
            return "\r\n"
        return self._latest[-1:] if self._latest.endswith(("\n", "\r")) else ""
