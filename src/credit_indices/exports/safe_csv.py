"""Write CSV files that are safe to open in a spreadsheet.

`csv_text` writes every list and table that the project exports as CSV. It puts an apostrophe before
texts that a spreadsheet could read as formulas; `unescape_formula` removes it. Control characters
are replaced: line breaks and tabs by spaces, others by a mark. Numbers, including negative ones,
stay numbers.
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
    """Return a header and rows as CSV, with all texts escaped and without control characters.

    Floating-point numbers have the fewest digits that reproduce them exactly.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([cell(column) for column in columns])
    writer.writerows([cell(value) for value in row] for row in rows)
    return stream.getvalue()


def cell(value: object) -> object:
    """Return a value for a CSV cell: texts escaped, other values unchanged."""
    return escape_formula(printable(value)) if isinstance(value, str) else value


def escape_formula(text: str) -> str:
    """Escape a text that a spreadsheet could read as a formula; numbers are unchanged.

    Each part between semicolons is tested, since many spreadsheets split columns there.
    """
    return ";".join(f"'{part}" if _is_risky(part) else part for part in text.split(";"))


def unescape_formula(text: str) -> str:
    """Return the original text of a result of `escape_formula`."""
    return ";".join(
        part[1:] if part.startswith("'") and _is_risky(part[1:]) else part
        for part in text.split(";")
    )


def printable(text: str) -> str:
    """Return a text on one line, with a mark for each control character or surrogate."""
    if text.isprintable():
        return text
    return "".join(map(_printable, text))


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Zl", "Zp") or (category == "Cc" and character in "\t\n\v\f\r\x85"):
        return " "
    return MARK if category in ("Cc", "Cs") else character


def _is_risky(text: str) -> bool:
    """Whether a spreadsheet could run a text, or would remove an apostrophe from it.

    Spaces, quotation marks and invisible characters before a sign do not protect: some programs
    drop them. Full-width and small signs count as the usual ones.
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
