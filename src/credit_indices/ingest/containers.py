"""Check the ZIP container of a workbook before parsing anything in it.

Every part is decompressed once, without keeping it, to measure it. Parts with faults are refused
when they are opened, since a workbook may carry parts that no reader opens, such as those of Power
Query.
"""

import codecs
import re
import struct
import zipfile
import zlib
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

from openpyxl.utils.exceptions import InvalidFileException

from credit_indices.ingest import limits
from credit_indices.ingest.limits import FileFault

BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    NotImplementedError,
    OSError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""Exceptions that readers raise on broken workbooks, since none of them checks all its input."""
BLOCK = 256 * 1024
MB = 1024**2
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"'>]{1,40})""")
_ROWS = (b"<row", b":row", b"<si", b":si", b"-row", b"<text:p")


class Container(zipfile.ZipFile):
    """A ZIP file whose parts were inspected; a part with a fault cannot be opened."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self.faults: dict[str, str] = {}
        parts = self.infolist()
        if len(parts) > limits.MAX_MEMBERS:
            raise FileFault(
                f"has {len(parts):,} parts; a workbook has at most {limits.MAX_MEMBERS:,}."
            )
        check_size(sum(part.file_size for part in parts), "declares")
        self._unpacked = self._tags = 0
        for part in parts:
            self._inspect(part)

    def open(self, name, mode="r", pwd=None, *, force_zip64=False):  # type: ignore[no-untyped-def] # signature of zipfile
        """Open a part; raise FileFault if it has a fault."""
        called = name if isinstance(name, str) else name.filename
        if fault := self.faults.get(called):
            raise FileFault(fault)
        return super().open(name, mode, pwd, force_zip64=force_zip64)

    def raw(self, name: str) -> bytes:
        """Return the bytes of a part without parsing it, whatever its faults."""
        with super().open(name) as stream:
            return stream.read()

    def _inspect(self, part: zipfile.ZipInfo) -> None:
        """Decompress a part without keeping it, to measure it and check that it is plain XML."""
        if part.flag_bits & 1:
            raise FileFault("has a password: save it without one.")
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FileFault(f"is packed in a way that Excel does not use ({part.filename}).")
        is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml"))
        check = _XmlCheck(part.filename) if is_xml else None
        with super().open(part) as stream:
            while block := stream.read(BLOCK):
                self._unpacked += len(block)
                check_size(self._unpacked, "has")
                if check is None:
                    continue
                self._tags += check.read(block)
                if self._tags > limits.MAX_TAGS:
                    raise FileFault(_too_much(part.filename))
        if check and check.fault:
            self.faults[part.filename] = check.fault


class _XmlCheck:
    """Reads an XML part block by block and detects content that no workbook has."""

    def __init__(self, name: str) -> None:
        self.name, self.fault = name, ""
        self._tail, self._since_row = b"", 0
        self._decoder: codecs.IncrementalDecoder | None = None
        self._is_first = True

    def read(self, block: bytes) -> int:
        """Check a block; return the number of tags in it."""
        if self._is_first:
            self._begin(block)
        if self._decoder and not self.fault:
            try:
                block = self._decoder.decode(block).encode("utf-8", "surrogatepass")
            except UnicodeError:
                self.fault = f"has a part that is not text: {self.name}."
        text = self._tail + block
        if b"<!" in text and re.search(rb"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
            self.fault = f"defines XML entities in {self.name}; no workbook does."
        if b"\0" in block:
            self.fault = self.fault or f"holds NUL bytes in {self.name}; no workbook does."
        rows = max(text.rfind(mark) for mark in _ROWS)
        self._since_row = len(text) - rows if rows >= 0 else self._since_row + len(block)
        if self._since_row > limits.MAX_ROW_BYTES:
            self.fault = self.fault or _too_much(self.name)
        self._tail = text[-16:]
        return block.count(b"<")

    def _begin(self, block: bytes) -> None:
        """Detect the encoding of a part from its first bytes."""
        self._is_first = False
        if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._decoder = codecs.getincrementaldecoder("utf-16")()
        elif block.startswith((b"<\0", b"\0<")):
            order = "utf-16-le" if block.startswith(b"<") else "utf-16-be"
            self._decoder = codecs.getincrementaldecoder(order)()
        elif declared := _DECLARED.search(block[:400]):
            name = declared[1].decode("latin-1")
            try:
                is_plain = "<!DOCTYPE".encode(name) == b"<!DOCTYPE"
            except (LookupError, UnicodeError):
                is_plain = False
            if not is_plain:
                self.fault = f"has a part in the encoding {name!r}, which is not read: {self.name}."


def _too_much(name: str) -> str:
    return f"has more XML in {name} than a table has. Copy the values into a new workbook."


def check_size(size: int, verb: str) -> None:
    """Raise FileFault if the parts exceed the limit for an unpacked workbook."""
    if size > limits.MAX_UNPACKED_BYTES:
        raise FileFault(
            f"{verb} more than {limits.MAX_UNPACKED_BYTES // MB} MB unpacked. If this is correct, "
            "split it or save it as CSV."
        )
