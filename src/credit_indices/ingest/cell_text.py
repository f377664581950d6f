"""Parse the text of single cells: numbers, missing marks, years, names.

Characters are made narrow one by one (`１` is 1, `（` is a bracket) and not by Unicode's NFKC,
which would read the footnote mark of `12.5①` and the exponent of `km²` as digits.
"""

import re
from decimal import Context, Decimal

from credit_indices.ingest.chinese import simplified

MISSING = {
    "", "-", "--", "---", "—", "——", "–", "…", "……", "..", "...", "......", "/", "\\", ".",
    "n/a", "n.a.", "na", "#n/a", "nan", "null", "none", "缺", "缺失", "无", "无数据", "无资料",
    "暂无", "暂无数据", "不详", "未公布", ":", "*", "**", "***", "n.d.", "not available",
}  # fmt: skip
"""Marks of missing values. `#N/A` is one in Excel too; Excel's other errors are errors."""
EXACT = Context(prec=400)
MAX_NUMBER_CHARACTERS = 100
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0x00A0: " ",
    0x2009: " ",
    0x202F: " ",
    0x2019: "'",
    0x2212: "-",
    0x3010: "[",
    0x3011: "]",
    0xFEFF: None,
    0x200B: None,
}
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,3}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+|(?:'[0-9]{3})+)|[0-9]+)?(?:\.[0-9]*)?"
    r"(?:[eE][+-]?[0-9]{1,3})?"
)
_COMMA_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,3}(?:(?:\.[0-9]{3})+|(?: [0-9]{3})+|(?:'[0-9]{3})+)|[0-9]+)?(?:,[0-9]*)?"
)
_MARKED = re.compile(r"[+-]?[0-9]*[0-9., ']*[.,][0-9., ']*(?:[eE][+-]?[0-9]{1,3})?\s*%?")
_YEAR = re.compile(
    r"([12][0-9]{3})(?:\.0+)?\s*年?度?"
    r"|(?:([12][0-9]{3})\s*\[)?YR([12][0-9]{3})(?(2)\])"  # DataBank
    r"|X([12][0-9]{3})(?:\.\.YR([12][0-9]{3})\.)?",  # the same columns as R names them
    re.IGNORECASE,
)
_DATE = re.compile(
    r"([12][0-9]{3})(?:-([01]?[0-9])-([0-3]?[0-9])|/([01]?[0-9])/([0-3]?[0-9])"
    r"|年([01]?[0-9])月([0-3]?[0-9])日|([01][0-9])([0-3][0-9]))(?:[ T]00:00(?::00(?:\.0+)?)?)?"
)


_WITHIN_YEAR = re.compile(
    r"([12][0-9]{3})(?!\.0+\s*年?$)"
    r"(?:[^0-9]{0,2}[0-9]{1,2}(?![0-9]).*|[^0-9]*[季月半].*|[0-9]{4})(?<![12][0-9]{3}年)"
)


class Unreadable(Exception):
    """A cell has no valid content for its place; the message is the reason."""


def narrow(text: str) -> str:
    """Return a text with full-width characters made narrow, without spaces around it."""
    return text.translate(_NARROW).strip()


def name_key(text: str) -> str:
    """Return a key that is equal for all spellings of a name.

    Width, case, spaces, and traditional or simplified characters make no difference.
    """
    text = simplified(" ".join(narrow(text).casefold().split()))
    # Chinese is written with spaces only to fill a column: `北 京 市`.
    return text if text.isascii() else re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", text)


def is_missing(text: str) -> bool:
    """Return whether a cell is a mark of a missing value."""
    return simplified(narrow(text)).casefold() in MISSING


def number(text: str, decimal_mark: str = ".") -> tuple[Decimal, bool]:
    """Parse a number.

    Args:
        text: the cell.
        decimal_mark: the point, or the comma; the other one separates thousands.

    Returns:
        The number exactly as written, and whether a percent sign followed it (76.1% is 76.1).

    Raises:
        Unreadable: it is not a number.

    """
    written = narrow(text)
    if len(written) > MAX_NUMBER_CHARACTERS:
        raise Unreadable(f"is not a number: it has {len(written)} characters.")
    is_percent = written.endswith("%")
    written = written.removesuffix("%").rstrip() if is_percent else written
    if decimal_mark == ",":
        if not _COMMA_NUMBER.fullmatch(written):
            raise Unreadable("is not a number with a decimal comma like the others (1.234,5).")
        written = written.replace(".", "").replace(",", ".")
    if not (_NUMBER.fullmatch(written) and re.search("[0-9]", written.lower().partition("e")[0])):
        raise Unreadable(_why_not_a_number(written))
    found = Decimal(re.sub("[, ']", "", written))
    return within_double_range(found), is_percent


def is_marked(text: str) -> bool:
    """Return whether a text is a number with a comma or a point, of any form."""
    return ("." in text or "," in text or "，" in text or "．" in text) and bool(
        _MARKED.fullmatch(narrow(text))
    )


def within_double_range(value: Decimal) -> Decimal:
    """Return a number if a double can hold it.

    Raises:
        Unreadable: it is too large or too near to zero.

    """
    if value and not -300 <= value.adjusted() <= 300:
        raise Unreadable("is too large or too small for a floating-point number.")
    return value


def is_whole(value: Decimal) -> bool:
    """Return whether a number has no decimals."""
    return value == value.to_integral_value()


def _why_not_a_number(written: str) -> str:
    if written.startswith("#") and written.endswith(("!", "?")):
        return "is an error that Excel found in a formula."
    if written.startswith("="):
        return "is a formula; formulas are not computed."
    if re.fullmatch(r"\([0-9.,]+\)", written):
        return "is in brackets: a negative number or a footnote? Write -1.5 or 1.5."
    if re.fullmatch(r"[+-]?[0-9]+(,[0-9]*)+(\.[0-9]*)?", written):
        return "has a comma that does not separate thousands (1,234,567). Is it a decimal comma?"
    if re.match(r"[+-]?[0-9]", written):
        return "is a number with other characters; write only the number."
    return "is not a number."


def decimal_text(value: Decimal) -> str:
    """Return the shortest text of exactly this number that the input layer reads."""
    if not value:
        return "0"
    value = EXACT.normalize(value)
    plain = -20 <= value.adjusted() <= 20
    return format(value, "f") if plain else str(value).lower()


def year(text: str) -> int:
    """Parse a year: `2011`, `2011年`, `2011.0`, or its first or last day.

    Raises:
        Unreadable: it is not a year.

    """
    found = narrow(text)
    if match := _YEAR.fullmatch(found):
        years = set(match.groups()) - {None}
        if len(years) == 1:
            return int(years.pop())
        raise Unreadable("names two different years.")
    if match := _DATE.fullmatch(found):
        month, day = (int(part) for part in match.groups()[1:] if part)
        if (month, day) in ((1, 1), (12, 31)):
            return int(match[1])
        raise Unreadable(
            "is a day within a year; write a year as 2011, or as its first or last day."
        )
    raise Unreadable("is not a year (expected 2011, 2011年, 2011.0 or 2011-12-31).")


def is_year(text: str) -> bool:
    """Return whether a cell is a year."""
    try:
        year(text)
    except Unreadable:
        return False
    return True


def year_of_a_part(text: str) -> int | None:
    """Return the year of a day, a month or a quarter; None for other texts."""
    match = _WITHIN_YEAR.fullmatch(narrow(text))
    return int(match[1]) if match else None


def is_period(found: int) -> bool:
    """Return whether a year is plausible for a value; 1019 and 2109 are slips of the pen."""
    return 1800 <= found <= 2100


def is_usual_year(found: int) -> bool:
    """Return whether a number is plausible as a year if nothing else marks it as one."""
    return 1900 <= found <= 2100


def is_number(text: str, decimal_mark: str = ".") -> bool:
    """Return whether a cell is a number."""
    try:
        number(text, decimal_mark)
    except Unreadable:
        return False
    return True


def is_numeric(text: str) -> bool:
    """Return whether a cell is a number, with a decimal point or a decimal comma."""
    return is_number(text) or is_number(text, ",")


def name_and_measure(header: str) -> tuple[str, str]:
    """Split `光缆线路长度(万公里)` into name and unit of measurement, '' if none is stated."""
    text = narrow(header)
    match = re.fullmatch(r"(.*\S)\s*(?:\(([^()]*)\)|\[([^\[\]]*)\])", text, re.DOTALL)
    if not match:
        return text, ""
    measure = (match[2] or match[3] or "").strip()
    return match[1], re.sub(
        r"^(?:计量|金额)?(?:单位|units?)\s*:\s*", "", measure, flags=re.IGNORECASE
    )
