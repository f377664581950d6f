"""Detect the decimal mark of a file from its values, and find values that stay ambiguous.

`1,234` may be 1234 or 1.234, and so may `1.234`. Only other values of the same file can decide.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from credit_indices.ingest.cell_text import narrow
from credit_indices.ingest.reading_plan import IGNORE, ReadingPlan
from credit_indices.ingest.sheets import Sheet

_COMMA = re.compile(
    r"[+-]?(?:[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*|[0-9]{1,3}(?:[ '][0-9]{3})+,[0-9]+"
    r"|[0-9]*,(?:[0-9]{1,2}|[0-9]{4,})|0,[0-9]+|[0-9]{4,},[0-9]+)%?"
)
_POINT = re.compile(
    r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]*|[0-9]{1,3}(?:[ '][0-9]{3})+\.[0-9]+"
    r"|[0-9]*\.(?:[0-9]{1,2}|[0-9]{4,})|0\.[0-9]+|[0-9]{4,}\.[0-9]+"
    r"|[0-9]*\.[0-9]+e[+-]?[0-9]+)%?",
    re.IGNORECASE,
)
_POINTS_PART = re.compile(r"[+-]?[0-9]{1,3}(?:(?:\.[0-9]{3})+,[0-9]*|(?:\.[0-9]{3}){2,})%?")
_COMMAS_PART = re.compile(r"[+-]?[0-9]{1,3}(?:(?:,[0-9]{3})+\.[0-9]*|(?:,[0-9]{3}){2,})%?")
_OTHERS_PART = re.compile(r"[+-]?[0-9]{1,3}(?:[ '][0-9]{3})+%?")
_OPEN = re.compile(r"[+-]?[1-9][0-9]{0,2}([.,])[0-9]{3}%?")
_LARGE = re.compile(r"[+-]?[0-9]{4,}%?")
_EITHER = (
    "may separate thousands or decimals in this file. Set decimal_mark: '.' or ',' in the sheet's "
    "entry of mapping.yml, or correct the value."
)


@dataclass
class Marks:
    """Evidence of the values of a file on its decimal mark and thousands separator.

    ``comma`` and ``point``: it is the decimal mark of some value. ``thousands_commas`` and
    ``thousands_points``: it separates the thousands of some value; ``other_thousands``: spaces or
    apostrophes do. ``open_commas`` and ``open_points`` count values with one such mark before three
    digits, ``large`` values from 1000 on without a mark, and ``small`` other values without a mark.
    """

    comma: bool = False
    point: bool = False
    thousands_commas: bool = False
    thousands_points: bool = False
    other_thousands: bool = False
    open_commas: int = 0
    open_points: int = 0
    large: int = 0
    small: int = 0

    def add(self, text: str) -> None:
        """Add the evidence of a cell."""
        if text.isascii() and text.isdigit():
            self.large += len(text) > 3
            self.small += len(text) <= 3
            return
        text = narrow(text)
        if "," in text:
            self.comma = self.comma or bool(_COMMA.fullmatch(text))
            self.thousands_commas = self.thousands_commas or bool(_COMMAS_PART.fullmatch(text))
        if "." in text:
            self.point = self.point or bool(_POINT.fullmatch(text))
            self.thousands_points = self.thousands_points or bool(_POINTS_PART.fullmatch(text))
        if match := _OPEN.fullmatch(text):
            self.open_commas += match[1] == ","
            self.open_points += match[1] == "."
        elif " " in text or "'" in text:
            self.other_thousands = self.other_thousands or bool(_OTHERS_PART.fullmatch(text))
        elif _LARGE.fullmatch(text):
            self.large += 1

    @property
    def proposed(self) -> str:
        """The comma if values prove it as decimal mark and none contradicts, else ''."""
        against = self.point or self.thousands_commas
        return "," if (self.comma or self.thousands_points) and not against else ""

    @property
    def proves_point(self) -> bool:
        """Whether the point is the decimal mark, or at least does not separate thousands."""
        return self.point or self.thousands_commas or self.other_thousands

    @property
    def proves_thousands_comma(self) -> bool:
        """Whether the comma separates thousands."""
        return self.point or self.thousands_commas


def marks(sheet: Sheet, plan: ReadingPlan) -> Marks:
    """Return the evidence of the values of a sheet, including series that are not decided yet.

    Ignored columns are not evidence, nor are numbers of a workbook, which have no marks.
    """
    labels = {*plan.columns().values()} - {plan.value_column}
    labels |= {series.column for series in plan.series if series.indicator == IGNORE}
    return marks_of(
        text
        for row in range(plan.header + 1, len(sheet.rows))
        for column, text in enumerate(sheet.rows[row])
        if column not in labels and sheet.is_written(row, column)
    )


def marks_of(texts: Iterable[str]) -> Marks:
    """Return the evidence of cells."""
    found = Marks()
    for text in texts:
        found.add(text)
    return found


def may_have_thousands(text: str) -> bool:
    """Return whether a value has one mark before three digits, such as 1,234 and 1.234."""
    return bool(_OPEN.fullmatch(narrow(text)))


def why_open(
    text: str, found: Marks, of_series: Marks, sheet: Sheet, decimal_mark: str, kind: str = ""
) -> str:
    """Return why a value with one mark before three digits is ambiguous, or ''.

    Args:
        text: the value.
        found: the evidence of the values of the sheet.
        of_series: the evidence of the values of the same series.
        sheet: the sheet.
        decimal_mark: the decimal mark, '' if it was neither stated nor proposed.
        kind: `counted` if the values have no decimals, `percent` if they have no thousands.

    """
    match = _OPEN.fullmatch(narrow(text))
    if not match or decimal_mark == ".":
        return ""
    if match[1] == ",":
        is_open = decimal_mark == "" and (
            found.comma
            or found.thousands_points
            or (sheet.delimiter == ";" and not found.thousands_commas)
            or (not found.proves_thousands_comma and kind != "counted" and _are_all_open(of_series))
            or (not found.thousands_commas and kind == "percent")
        )
        return f"has a comma that {_EITHER}" if is_open else ""
    if decimal_mark == ",":
        is_open = found.comma and not found.thousands_points
    else:
        is_open = found.comma or found.thousands_points
        is_open |= sheet.delimiter == ";" and not found.point
        # A count such as 1.234 is rejected later as not whole; 1.000 is whole.
        is_known = kind == "percent" or (kind == "counted" and not text.rstrip().endswith("000"))
        is_open |= not (is_known or found.proves_point or of_series.large)
    return f"has a point that {_EITHER}" if is_open else ""


def _are_all_open(of_series: Marks) -> bool:
    return not (of_series.large or of_series.small or of_series.other_thousands)


def is_open_point(text: str) -> bool:
    """Return whether a value has a point before three digits, such as 1.234."""
    match = _OPEN.fullmatch(narrow(text))
    return bool(match) and match[1] == "."
