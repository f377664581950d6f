"""Files as grids of text: CSV and TSV in any of the usual encodings, Excel workbooks, Parquet.

A grid holds what the file says, nothing interpreted: empty cells are '', a row ends with its last
cell. What a file is, is asked of its first bytes, not of its name.
"""

import codecs
import csv
import datetime
import io
import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from credit_indices.ingest import delimited, limits, workbooks
from credit_indices.ingest.limits import FileFault, IngestError
from credit_indices.ingest.workbooks import Place

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet")
OTHER_TABLES = (".xls", ".xlsb", ".ods", ".et", ".dta", ".sav", ".rds", ".json", ".html", ".htm")
BLOCK = 1024**2
_IN_LATIN = b"WEO Country"
"""The start of a World Economic Outlook file; GB18030 may decode its Latin letters wrongly."""
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with the BOM of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass
class Sheet:
    """One sheet of a workbook, or a whole file of another kind, whose sheet is ''.

    ``uncomputed``, ``merged``, ``across`` and ``scaled`` are those of workbooks.Grid.
    ``is_text`` where one comma too many moves the rest of a row to other columns; ``lengths`` are
    then how many cells each row has, the blank ones at its end included, and ``delimiter`` is what
    parts them. ``flags`` are marks that stood beside a value in its cell.
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
    flags: dict[Place, str] = field(default_factory=dict)

    def width(self, header: int) -> int:
        """Return how many columns have a place: in a text, as many as the header has cells."""
        named = len(self.rows[header]) if header < len(self.rows) else 0
        return named if self.is_text else max(map(len, self.rows[header:]), default=0)

    def is_too_long(self, row: int, header: int) -> bool:
        """Whether a row of a text has more cells, blank or not, than the header."""
        return max(header, row) < len(self.lengths) and self.lengths[row] > self.lengths[header]

    def text(self, row: int, column: int) -> str:
        """Return what a cell says, '' where there is none."""
        cells = self.rows[row] if row < len(self.rows) else []
        return cells[column] if column < len(cells) else ""

    def label(self, row: int, column: int) -> str:
        """Return what a cell, or the cell that it is merged with, says."""
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
        name: what the sheets call it.
        encoding: the encoding of a text file; found out where None.

    Raises:
        FileFault: it cannot be read.

    """
    try:
        if limits.size(path) == 0:
            raise FileFault("is empty (0 bytes).")
        with open(path, "rb") as stream:
            head = stream.read(8)
            if head.startswith(b"PK\x03\x04"):
                return [
                    Sheet(
                        name,
                        grid.name,
                        grid.rows,
                        grid.uncomputed,
                        grid.merged,
                        across=grid.across,
                        scaled=grid.scaled,
                    )
                    for grid in workbooks.read(stream)
                ]
            if head.startswith(b"PAR1"):
                return [Sheet(name, "", list(_parquet_rows(path)))]
            if head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
                raise FileFault(
                    "is a workbook of Excel 97-2003 (.xls) or has a password: open it in Excel "
                    "and save it as .xlsx without one."
                )
            if path.suffix.lower() in (".xlsx", ".xlsm", ".parquet"):
                raise FileFault(
                    f"is called {path.suffix} but is no such file: its first bytes are "
                    f"{head!r}. Save it anew."
                )
            encoding = encoding or detect_encoding(stream)
            sheet = Sheet(name, "", [], is_text=True)
            sheet.rows = list(_text_rows(path, encoding, sheet))
            return [sheet]
    except OSError as error:
        raise FileFault(f"cannot be read: {error.strerror or error}.") from None


def detect_encoding(stream: BinaryIO) -> str:
    """Find the encoding of a text: its BOM, where its NUL bytes are, UTF-8, or GB18030.

    The last two are tried strictly and to the end, since a text may have its first Chinese
    character in its last line.

    Raises:
        FileFault: it is none of them.

    """
    stream.seek(0)
    head = stream.read(64 * 1024)
    for bom, name in BOMS:
        if head.startswith(bom):
            return name
    even, odd = head[::2].count(0), head[1::2].count(0)
    if even or odd:
        if min(even, odd) * 20 > max(even, odd) or (len(head) % 2 and len(head) < 64 * 1024):
            raise FileFault("is no text: it holds NUL bytes. Save it anew as CSV UTF-8.")
        return "utf-16-le" if odd > even else "utf-16-be"
    if head.startswith(_IN_LATIN) and not _decodes(stream, "utf-8"):
        return "cp1252"
    for name in ("utf-8", "gb18030"):
        if _decodes(stream, name):
            return name
    raise FileFault(
        "is neither UTF-8 nor GB18030 nor UTF-16 text. Save it as CSV UTF-8, or name its "
        "encoding: --encoding big5 (make ingest ENCODING=big5)."
    )


def _decodes(stream: BinaryIO, encoding: str) -> bool:
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while block := stream.read(BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _text_rows(path: Path, encoding: str, sheet: Sheet) -> Iterator[list[str]]:
    """Yield the rows of a text; tell the sheet their lengths and what parts them."""
    try:
        with open(path, encoding=encoding, newline="") as stream:
            head = [line for line, _ in zip(_lines(stream), range(50), strict=False)]
            sheet.delimiter = delimited.delimiter(head, path.suffix.lower())
            stream.seek(0)
            if sheet.delimiter == delimited.BLANKS:
                rows = delimited.by_blanks(list(_lines(stream)))
                if rows is not None:
                    yield from _trimmed(rows, sheet.lengths)
                    return
                sheet.delimiter = ","
                stream.seek(0)
            reader = csv.reader(_lines(stream), delimiter=sheet.delimiter, strict=True)
            yield from _trimmed(reader, sheet.lengths)
    except LookupError:
        raise FileFault(f"cannot be read: no encoding is called {encoding!r}.") from None
    except UnicodeError as error:
        raise FileFault(f"is not {encoding} text ({error}).") from None
    except csv.Error as error:
        raise FileFault(
            f"is not valid CSV in line {reader.line_num}: {error}. A cell with a comma, a quote "
            'or a line break stands in double quotes, and a quote inside it is doubled ("").'
        ) from None


def _lines(stream: io.TextIOBase) -> Iterator[str]:
    """Yield lines, never more of one than a row may have."""
    for number in range(1, 2**62):
        line = stream.readline(limits.MAX_ROW_BYTES)
        if not line:
            return
        if len(line) == limits.MAX_ROW_BYTES:
            raise FileFault(
                f"has more than {limits.MAX_ROW_BYTES // 1024**2} million characters in line "
                f"{number}; that is no table."
            )
        if "\0" in line:
            raise FileFault(f"holds a NUL character in line {number}; save it anew as text.")
        yield line


def _parquet_rows(path: Path) -> Iterator[list[str]]:
    try:
        with pq.ParquetFile(path) as parquet:
            if parquet.metadata.num_rows > limits.MAX_ROWS:
                raise FileFault(
                    f"has {parquet.metadata.num_rows:,} rows; up to {limits.MAX_ROWS:,} are "
                    "read. With the columns unit_id, period, indicator_code and value it needs "
                    "no ingest: call it observations.parquet."
                )
            unpacked = sum(
                parquet.metadata.row_group(i).total_byte_size
                for i in range(parquet.metadata.num_row_groups)
            )
            if unpacked > limits.MAX_UNPACKED_BYTES:
                raise FileFault(
                    f"has {unpacked / 1024**2:,.0f} MB unpacked; up to "
                    f"{limits.MAX_UNPACKED_BYTES // 1024**2} MB are read. Split it."
                )
            names = parquet.schema_arrow.names
            batches = parquet.iter_batches(batch_size=4096)
            rows = (
                [cell_text(value) for value in row]
                for batch in batches
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
            )
            yield from _trimmed(itertools.chain([names], rows))
    except (pa.ArrowException, ValueError, OverflowError) as error:
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FileFault(f"is not a readable Parquet file: {text}") from None


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

    Their lengths with those cells are added to `lengths`.
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
                f"has more than {limits.MAX_CELLS:,} cells. Split it, or bring it as "
                "observations.parquet, which needs no ingest."
            )
        for column, cell in enumerate(row):
            if len(cell) > limits.MAX_CELL_CHARACTERS:
                raise FileFault(
                    f"has a cell of {len(cell):,} characters (row {number}, column "
                    f"{column + 1}); that is no table."
                )
        yield row


def column_letters(column: int) -> str:
    """Return the letters that spreadsheets give a column, from 0: A, B, ..., Z, AA."""
    letters = ""
    column += 1
    while column:
        column, remainder = divmod(column - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters


def column_number(letters: str) -> int:
    """Return the column, from 0, that spreadsheets give these letters."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def files_in(folder: Path, apart_from: Path) -> tuple[dict[str, Path], list[str]]:
    """Find the files to read: those with an ending of a table, in all subfolders.

    Args:
        folder: a folder, or a single file.
        apart_from: a folder not to look into.

    Returns:
        The paths by name relative to the folder, sorted, and the names of all other files: no
        tables, no plain files, links out of the folder, names that are no text.

    Raises:
        IngestError: there is no such folder or file, or it cannot be listed.

    """
    if folder.is_file() and is_text(folder.name):
        return {folder.name: folder}, []
    if not folder.is_dir():
        raise IngestError(
            f"FROM={limits.printable(str(folder))} does not exist. FROM names the file, or the "
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
                others.append(limits.printable(name))
    return dict(sorted(paths.items())), sorted(others)


def is_text(name: str) -> bool:
    """Whether a file's name can be written down: no bytes that are no UTF-8, no line breaks."""
    return limits.printable(name) == name


def _raise(error: OSError) -> None:
    raise IngestError(
        f"{limits.printable(str(error.filename))} cannot be listed: {error.strerror}."
    )
