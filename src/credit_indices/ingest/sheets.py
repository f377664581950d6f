"""Read files as grids of text: CSV and TSV in the usual encodings, workbooks, Parquet.

A grid holds the texts of the file without interpretation: empty cells are '', a row ends with its
last cell. The kind of a file is detected from its first bytes, not from its name.
"""

import csv
import datetime
import io
import itertools
import os
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from credit_indices.exports.safe_csv import printable
from credit_indices.ingest import (
    binary_workbooks,
    delimited,
    encodings,
    file_kinds,
    limits,
    ods,
    workbooks,
    xls,
)
from credit_indices.ingest.cell_text import is_marked
from credit_indices.ingest.encodings import Encoding
from credit_indices.ingest.grids import Block, Grid, Place, column_letters
from credit_indices.ingest.limits import FileFault, IngestError, OtherKind

__all__ = ["Sheet", "column_letters", "column_number", "files_in", "read"]
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
ENDINGS = (".csv", ".tsv", ".txt", *WORKBOOKS, ".parquet")
OTHER_TABLES = (".et", ".dta", ".sav", ".rds", ".json", ".html", ".htm", ".mht", ".mhtml", ".fods")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BLOCK_OF_EXCEL = 16
"""Excel writes rows of a text in blocks of this size, each as wide as its longest row."""


@dataclass
class Sheet:
    """One sheet of a workbook, or a whole file of another kind, whose sheet name is ''.

    ``uncomputed``, ``merged``, ``across``, ``scaled``, ``written``, ``blocks`` and ``notes`` are
    those of grids.Grid. ``encoding`` is that of a text, None if the user named it. ``is_text`` if
    an extra comma shifts the rest of a row to other columns; ``lengths`` are then the numbers of
    cells by row, blank ones at the end included, and ``delimiter`` separates them. ``flags`` are
    marks beside a value in its cell.
    """

    file: str
    name: str
    rows: list[list[str]]
    uncomputed: set[Place] = field(default_factory=set)
    merged: dict[Place, str] = field(default_factory=dict)
    is_text: bool = False
    lengths: list[int] = field(default_factory=list)
    delimiter: str = ""
    across: list[tuple[int, int, int, int]] = field(default_factory=list)
    scaled: dict[Place, str] = field(default_factory=dict)
    written: set[Place] = field(default_factory=set)
    flags: dict[Place, str] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    encoding: Encoding | None = None
    _excel_blocks: bool | None = None

    def is_written(self, row: int, column: int) -> bool:
        """Return whether a number is text, so that its comma or point may be a foreign mark."""
        return self.is_text or (row, column) in self.written

    def width(self, header: int) -> int:
        """Return the number of columns: in a text, the number of cells of the header."""
        named = len(self.rows[header]) if header < len(self.rows) else 0
        return named if self.is_text else max(map(len, self.rows[header:]), default=0)

    def is_too_long(self, row: int, header: int) -> bool:
        """Return whether a row of a text has more cells, blank or not, than the header."""
        return max(header, row) < len(self.lengths) and self.lengths[row] > self.lengths[header]

    def is_too_short(self, row: int, header: int) -> bool:
        """Return whether a row of a text has fewer cells, blank ones included, than the header.

        Rows that Excel saved without the blank cells at their ends are not too short.
        """
        if not self.is_text or max(header, row) >= len(self.lengths):
            return False
        return self.lengths[row] < len(self.rows[header]) and not self._is_cut_by_excel(row)

    def _is_cut_by_excel(self, row: int) -> bool:
        """Return whether blank cells were left out in the way in which Excel saves a text.

        Excel writes 16 rows at a time, all of one length: up to the last column with content in one
        of them. So a shorter row is one of a block of equally short rows, after the first block. A
        few rows at the end are not evidence.
        """
        if self._excel_blocks is None:
            starts = range(0, len(self.lengths), BLOCK_OF_EXCEL)
            blocks = [self.lengths[start : start + BLOCK_OF_EXCEL] for start in starts]
            self._excel_blocks = (
                all(
                    len(set(block)) == 1
                    and (len(block) >= BLOCK_OF_EXCEL // 2 or block[0] == blocks[0][0])
                    and max(map(len, self.rows[start : start + len(block)])) == block[0]
                    for start, block in list(zip(starts, blocks, strict=True))[1:]
                )
                and len(set(blocks[0])) == 1
            )
        return self._excel_blocks and row >= BLOCK_OF_EXCEL

    def text(self, row: int, column: int) -> str:
        """Return the content of a cell, '' if there is none."""
        cells = self.rows[row] if row < len(self.rows) else []
        return cells[column] if column < len(cells) else ""

    def label(self, row: int, column: int) -> str:
        """Return the content of a cell, or of the cell that it is merged with."""
        return self.text(row, column) or self.merged.get((row, column), "")

    @property
    def where(self) -> str:
        """The sheet as messages name it."""
        return f"{self.file}, sheet {self.name}" if self.name else self.file

    @property
    def source(self) -> str:
        """The sheet as the column `source` of the observations names it."""
        return f"{self.file}!{self.name}" if self.name else self.file


def read(path: Path, name: str, encoding: str | None = None) -> list[Sheet]:
    """Read all sheets of a file.

    Args:
        path: the file.
        name: the name of the file in the sheets.
        encoding: the encoding of a text file; detected if None.

    Raises:
        FileFault: it cannot be read.

    """
    try:
        if limits.size(path) == 0:
            raise FileFault("is empty (0 bytes).")
        with open(path, "rb") as stream:
            head = stream.read(8)
            if head.startswith(b"PK\x03\x04"):
                return [_of_grid(name, grid) for grid in _of_archive(stream)]
            if head.startswith(b"PAR1"):
                sheet = Sheet(name, "", [])
                sheet.rows = list(_parquet_rows(path, sheet.written))
                return [sheet]
            if head == OLE or head.startswith(xls.BARE):
                return [_of_grid(name, grid) for grid in xls.read(stream)]
            return [_of_text(stream, path, name, encoding)]
    except OSError as error:
        raise FileFault(f"cannot be read: {error.strerror or error}.") from None


def _of_grid(name: str, grid: Grid) -> Sheet:
    return Sheet(
        name,
        grid.name,
        grid.rows,
        grid.uncomputed,
        grid.merged,
        across=grid.across,
        scaled=grid.scaled,
        written=grid.written,
        blocks=grid.blocks,
        notes=grid.notes,
    )


def _of_archive(stream: BinaryIO) -> list[Grid]:
    """Read a workbook from a ZIP archive."""
    try:
        with zipfile.ZipFile(stream) as archive:
            kind = file_kinds.of_archive(archive.namelist(), archive)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError):
        kind = "xlsx"  # its reader reports the fault
    stream.seek(0)
    if kind == "ods":
        return ods.read(stream)
    if kind == "xlsb":
        return binary_workbooks.read(stream)
    if kind == "xlsx":
        return workbooks.read(stream)
    raise OtherKind("is a ZIP archive, not a workbook. Unpack it into the folder.")


def _of_text(stream: BinaryIO, path: Path, name: str, encoding: str | None) -> Sheet:
    """Read a text, whatever its name."""
    ending = path.suffix.lower()
    stream.seek(0)
    head = stream.read(file_kinds.HEAD_BYTES)
    if why := file_kinds.why_no_table(head, ending):
        raise OtherKind(why)
    is_called_workbook = ending in WORKBOOKS
    no_such_file = FileFault(
        f"is named {ending} but is not such a file: its first bytes are {head[:8]!r}. Save it "
        "again."
    )
    if ending == ".parquet" or (is_called_workbook and not file_kinds.is_text(head)):
        raise no_such_file
    found = None if encoding else encodings.detect(stream)
    sheet = Sheet(name, "", [], is_text=True, encoding=found)
    sheet.rows = list(_text_rows(path, encoding or found.name, sheet))
    if is_called_workbook:
        if max(sheet.lengths, default=0) < 2:
            raise no_such_file
        sheet.notes.append(f"is a text named {ending}, and read as a text.")
    return sheet


def _text_rows(path: Path, encoding: str, sheet: Sheet) -> Iterator[list[str]]:
    """Yield the rows of a text; set the lengths and the delimiter of the sheet."""
    try:
        with open(path, encoding=encoding, newline="") as stream:
            head = [line for line, _ in zip(_lines(stream), range(50), strict=False)]
            sheet.delimiter = delimited.delimiter(head, path.suffix.lower())
            stream.seek(0)
            if sheet.delimiter == delimited.BLANKS:
                rows = delimited.split_at_blanks(list(_lines(stream)))
                if rows is not None:
                    yield from _trimmed(rows, sheet.lengths)
                    return
                sheet.delimiter = ","
                stream.seek(0)
            reader = csv.reader(_lines(stream), delimiter=sheet.delimiter, strict=True)
            yield from _trimmed(reader, sheet.lengths)
    except LookupError:
        raise FileFault(f"cannot be read: there is no encoding {encoding!r}.") from None
    except UnicodeError as error:
        raise FileFault(f"is not {encoding} text ({error}).") from None
    except csv.Error as error:
        raise FileFault(
            f"is not valid CSV in line {reader.line_num}: {error}. Put cells with a comma, a quote "
            'or a line break in double quotes, and double the quotes inside them ("").'
        ) from None


def _lines(stream: io.TextIOBase) -> Iterator[str]:
    """Yield lines, up to the limit of a row."""
    for number in range(1, 2**62):
        line = stream.readline(limits.MAX_ROW_BYTES)
        if not line:
            return
        if len(line) == limits.MAX_ROW_BYTES:
            raise FileFault(
                f"has more than {limits.MAX_ROW_BYTES // 1024**2} million characters in line "
                f"{number}; it is not a table."
            )
        if "\0" in line:
            raise FileFault(f"holds a NUL character in line {number}; save it again as text.")
        yield line


def _parquet_rows(path: Path, written: set[Place]) -> Iterator[list[str]]:
    """Yield the rows of a Parquet file; add the places of numbers stored as text to `written`."""
    try:
        with pq.ParquetFile(path) as parquet:
            if parquet.metadata.num_rows > limits.MAX_ROWS:
                raise FileFault(
                    f"has {parquet.metadata.num_rows:,} rows; the limit is {limits.MAX_ROWS:,}. "
                    "With the columns unit_id, period, indicator_code and value it needs no "
                    "ingest: name it observations.parquet."
                )
            unpacked = sum(
                parquet.metadata.row_group(i).total_byte_size
                for i in range(parquet.metadata.num_row_groups)
            )
            if unpacked > limits.MAX_UNPACKED_BYTES:
                raise FileFault(
                    f"has {unpacked / 1024**2:,.0f} MB unpacked; the limit is "
                    f"{limits.MAX_UNPACKED_BYTES // 1024**2} MB. Split it."
                )
            names = parquet.schema_arrow.names
            batches = parquet.iter_batches(batch_size=4096)
            rows = (
                row
                for batch in batches
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
            )
            texts = (
                [_noted(value, (number, column), written) for column, value in enumerate(row)]
                for number, row in enumerate(rows, start=1)
            )
            yield from _trimmed(itertools.chain([names], texts))
    except (pa.ArrowException, ValueError, OverflowError) as error:
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FileFault(f"is not a readable Parquet file: {text}") from None


def _noted(value: object, place: Place, written: set[Place]) -> str:
    text = cell_text(value)
    if isinstance(value, str) and is_marked(text):
        written.add(place)
    return text


def cell_text(value: object) -> str:
    """Return a typed cell as text; numbers in their shortest exact form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)


def _trimmed(rows: Iterable[list[str]], lengths: list[int] | None = None) -> Iterator[list[str]]:
    """Yield rows without blank cells at their ends, within the limits of a sheet.

    The lengths before trimming are appended to `lengths`.
    """
    content = 0
    for number, row in enumerate(rows, start=1):
        if lengths is not None:
            lengths.append(len(row))
        while row and not row[-1].strip():
            row.pop()
        if number > limits.MAX_ROWS or len(row) > limits.MAX_COLUMNS:
            raise FileFault(
                f"has more than {limits.MAX_ROWS:,} rows or {limits.MAX_COLUMNS:,} columns."
            )
        content += len(row)
        if content > limits.MAX_CELLS:
            raise FileFault(
                f"has more than {limits.MAX_CELLS:,} cells. Split it, or provide it as "
                "observations.parquet, which needs no ingest."
            )
        for column, cell in enumerate(row):
            if len(cell) > limits.MAX_CELL_CHARACTERS:
                raise FileFault(
                    f"has a cell of {len(cell):,} characters (row {number}, column "
                    f"{column + 1}); it is not a table."
                )
        yield row


def column_number(letters: str) -> int:
    """Return the column, from 0, with these letters."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def files_in(folder: Path, apart_from: Path) -> tuple[dict[str, Path], list[str]]:
    """Find the files to read: those with an ending of a table, in all subfolders.

    Args:
        folder: a folder, or a single file.
        apart_from: a folder to skip.

    Returns:
        The paths by name relative to the folder, sorted, and the names of all other files: other
        kinds, special files, links out of the folder, names that are not text.

    Raises:
        IngestError: the folder or file does not exist or cannot be listed.

    """
    if folder.is_file() and is_text(folder.name):
        return {folder.name: folder}, []
    if not folder.is_dir():
        raise IngestError(
            f"FROM={printable(str(folder))} does not exist. FROM names the file, or the "
            "folder of files, to read."
        )
    root, apart = os.path.realpath(folder), os.path.realpath(apart_from)
    paths, others = {}, []
    for where, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and os.path.realpath(os.path.join(where, name)) != apart
        )
        for file in names:
            path = Path(where) / file
            name = path.relative_to(folder).as_posix()
            if file.startswith((".", "~$")):
                continue
            is_inside = Path(os.path.realpath(path)).is_relative_to(root)
            if path.suffix.lower() in ENDINGS and is_inside and path.is_file() and is_text(name):
                paths[name] = path
            else:
                others.append(printable(name))
    return dict(sorted(paths.items())), sorted(others)


def is_text(name: str) -> bool:
    """Return whether a file's name can be written: valid UTF-8, no line breaks."""
    return printable(name) == name


def _raise(error: OSError) -> None:
    raise IngestError(f"{printable(str(error.filename))} cannot be listed: {error.strerror}.")
