"""CSV files that a spreadsheet opens without running anything.

Every list and table that the project writes as CSV is written by `csv_text`. A text that a
spreadsheet could take for a formula gets an apostrophe before it; `as_was` takes it
away again. No control character is written: line breaks and tabs become spaces, others a mark.
Numbers stay numbers, negative ones too.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable

MARK = "\N{REPLACEMENT CHARACTER}"
_SIGNS = ("=", "+", "-", "@")
_ALWAYS = ("\t", "\r", "'")
_QUOTES = frozenset("\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb")
_NUMBER = re.compile(r"[+-](?=[.,]*[0-9])[0-9.,]+(?:[eE][+-]?[0-9]+)?%?")


def csv_text(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a header and rows as CSV, every text harmless and without control characters.

    Floating-point numbers are written in the fewest digits that give them back exactly.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([cell(column) for column in columns])
    writer.writerows([cell(value) for value in row] for row in rows)
    return stream.getvalue()


def cell(value: object) -> object:
    """Return a value as a cell of a CSV file may hold it; what is no text stays as it is."""
    return harmless(printable(value)) if isinstance(value, str) else value


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; numbers stay as they are.

    Each part between semicolons is looked at, since many spreadsheets part columns at them.
    """
    return ";".join(f"'{part}" if _is_risky(part) else part for part in text.split(";"))


def as_was(text: str) -> str:
    """Return the text that `harmless` was given."""
    return ";".join(
        part[1:] if part.startswith("'") and _is_risky(part[1:]) else part
        for part in text.split(";")
    )


def printable(text: str) -> str:
    """Return a text on one line, with a mark for each control character or surrogate in it."""
    if text.isprintable():
        return text
    return "".join(map(_printable, text))


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Zl", "Zp") or (category == "Cc" and character in "\t\n\v\f\r\x85"):
        return " "
    return MARK if category in ("Cc", "Cs") else character


def _is_risky(text: str) -> bool:
    """Whether a spreadsheet could run a text, or would take an apostrophe from it.

    Spaces, quotation marks and invisible characters before a sign are no protection: some
    programs drop them. Full-width and small signs count as the usual ones.
    """
    if not text or text[0].isalnum():
        return False
    if text.startswith(_ALWAYS):
        return True
    start = next((place for place, sign in enumerate(text) if not _is_dropped(sign)), None)
    if start is None or not unicodedata.normalize("NFKC", text[start]).startswith(_SIGNS):
        return False
    return not _NUMBER.fullmatch(text[start:].rstrip())


def _is_dropped(character: str) -> bool:
    return (
        character.isspace()
        or character in _QUOTES
        or unicodedata.category(character) in ("Cc", "Cf")
    )
