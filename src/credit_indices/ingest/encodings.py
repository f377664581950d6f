"""Detect the encoding of a text, and whether anything proves it."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import chardet

from credit_indices.ingest.limits import FileFault

BLOCK = 1024**2
SAMPLE_BYTES = 64 * 1024
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with the BOM of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_IN_LATIN = b"WEO Country"
"""Start of a World Economic Outlook file, whose Latin letters GB18030 may decode wrongly."""
_CHINESE = {"gb2312", "gbk", "gb18030", "hz"}


@dataclass(frozen=True)
class Encoding:
    """An encoding.

    ``is_assumed`` if nothing proves it; ``likelier`` is a more likely one, or ''.
    """

    name: str
    is_assumed: bool = False
    likelier: str = ""


def detect(stream: BinaryIO) -> Encoding:
    """Detect the encoding of a text: by BOM, by the positions of NUL bytes, UTF-8, or GB18030.

    The last two are decoded strictly and to the end, since the first Chinese character may be in
    the last line. GB18030 is assumed, not proved: texts in Big5, Korean, Japanese and even Latin
    encodings often decode as GB18030 too, into other characters.

    Raises:
        FileFault: it is none of them.

    """
    stream.seek(0)
    head = stream.read(SAMPLE_BYTES)
    for bom, name in BOMS:
        if head.startswith(bom):
            return Encoding(name)
    even, odd = head[::2].count(0), head[1::2].count(0)
    if even or odd:
        if min(even, odd) * 20 > max(even, odd) or (len(head) % 2 and len(head) < SAMPLE_BYTES):
            raise FileFault("is not text: it holds NUL bytes. Save it again as CSV UTF-8.")
        return Encoding("utf-16-le" if odd > even else "utf-16-be")
    if _decodes(stream, "utf-8"):
        return Encoding("utf-8")
    if head.startswith(_IN_LATIN):
        return Encoding("cp1252", True)
    likely = _likely(stream)
    if _decodes(stream, "gb18030"):
        is_other = likely and codecs.lookup(likely).name not in _CHINESE
        return Encoding("gb18030", True, likely if is_other else "")
    name = likely or "big5"
    takes = f" It looks like {name}." if likely else ""
    raise FileFault(
        f"is neither UTF-8 nor GB18030 nor UTF-16 text.{takes} Save it as CSV UTF-8, or state its "
        f"encoding: --encoding {name} (make ingest ENCODING={name})."
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


def _likely(stream: BinaryIO) -> str:
    """Return the encoding that chardet detects and the whole text decodes in, or ''."""
    stream.seek(0)
    sample = b"\n".join(_foreign_lines(stream))
    found = (chardet.detect(sample)["encoding"] or "").lower()
    try:
        return found if found and _decodes(stream, found) else ""
    except LookupError:  # chardet detects encodings that Python has no codec for
        return ""


def _foreign_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the first lines with non-ASCII bytes, up to the size of a sample."""
    size = 0
    while size < SAMPLE_BYTES and (line := stream.readline(SAMPLE_BYTES)):
        if not line.isascii():
            size += len(line)
            yield line.rstrip(b"\r\n")
