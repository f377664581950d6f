"""Which mark is the decimal one in a file: what its figures prove, and which of them stay open.

`1,234` is 1234 or 1.234, and `1.234` too; other figures of the same file tell, or nothing does.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from credit_indices.ingest.plans import IGNORE, Plan
from credit_indices.ingest.sheets import Sheet
from credit_indices.ingest.words import narrow

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
    "may part thousands or decimals in this file. Say decimal_mark: '.' or ',' in the sheet's "
    "entry of mapping.yml, or correct the figure."
)


@dataclass
class Marks:
    """What figures prove.

    ``comma`` and ``point``: that it is the decimal mark of one figure; ``parting_commas`` and
    ``parting_points``: that it parts the thousands of one; ``other_parting`` that spaces or
    apostrophes do. ``open_commas`` and ``open_points`` count figures with one of them before three
    digits, ``large`` those from 1000 on and ``small`` other ones without any mark.
    """

    comma: bool = False
    point: bool = False
    parting_commas: bool = False
    parting_points: bool = False
    other_parting: bool = False
    open_commas: int = 0
    open_points: int = 0
    large: int = 0
    small: int = 0

    def add(self, text: str) -> None:
        """Take a cell into account."""
        if text.isascii() and text.isdigit():
            self.large += len(text) > 3
            self.small += len(text) <= 3
            return
        text = narrow(text)
        if "," in text:
            self.comma = self.comma or bool(_COMMA.fullmatch(text))
            self.parting_commas = self.parting_commas or bool(_COMMAS_PART.fullmatch(text))
        if "." in text:
            self.point = self.point or bool(_POINT.fullmatch(text))
            self.parting_points = self.parting_points or bool(_POINTS_PART.fullmatch(text))
        if match := _OPEN.fullmatch(text):
            self.open_commas += match[1] == ","
            self.open_points += match[1] == "."
        elif " " in text or "'" in text:
            self.other_parting = self.other_parting or bool(_OTHERS_PART.fullmatch(text))
        elif _LARGE.fullmatch(text):
            self.large += 1

    @property
    def proposed(self) -> str:
        """The comma where figures prove it as decimal mark and none speaks against it, else ''."""
        against = self.point or self.parting_commas
        return "," if (self.comma or self.parting_points) and not against else ""

    @property
    def proves_point(self) -> bool:
        """Whether the point is the decimal mark, or at least parts no thousands."""
        return self.point or self.parting_commas or self.other_parting

    @property
    def proves_parting_comma(self) -> bool:
        """Whether the comma parts thousands."""
        return self.point or self.parting_commas


def marks(sheet: Sheet, plan: Plan) -> Marks:
    """Return what the figures of a sheet prove, those included that nobody has decided yet.

    What is ignored proves nothing, nor do numbers of a workbook, which have no marks.
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
    """Return what cells prove."""
    found = Marks()
    for text in texts:
        found.add(text)
    return found


def may_part_thousands(text: str) -> bool:
    """Whether a figure has one mark before three digits, as 1,234 and 1.234."""
    return bool(_OPEN.fullmatch(narrow(text)))


def why_open(
    text: str, found: Marks, of_series: Marks, sheet: Sheet, decimal_mark: str, kind: str = ""
) -> str:
    """Return why one mark and three digits may mean two numbers in a sheet; '' where not.

    Args:
        text: the figure.
        found: what the figures of the sheet prove.
        of_series: what those of the figure's series prove.
        sheet: the sheet.
        decimal_mark: the decimal mark, '' where nobody has said or proposed one.
        kind: `counted` where the figures have no decimals, `percent` where they part no thousands.

    """
    match = _OPEN.fullmatch(narrow(text))
    if not match or decimal_mark == ".":
        return ""
    if match[1] == ",":
        is_open = decimal_mark == "" and (
            found.comma
            or found.parting_points
            or (sheet.delimiter == ";" and not found.parting_commas)
            or (not found.proves_parting_comma and kind != "counted" and _are_all_open(of_series))
            or (not found.parting_commas and kind == "percent")
        )
        return f"has a comma that {_EITHER}" if is_open else ""
    if decimal_mark == ",":
        is_open = found.comma and not found.parting_points
    else:
        is_open = found.comma or found.parting_points
        is_open |= sheet.delimiter == ";" and not found.point
        # A count such as 1.234 is no whole number and is rejected as such; 1.000 looks like one.
        is_told = kind == "percent" or (kind == "counted" and not text.rstrip().endswith("000"))
        is_open |= not (is_told or found.proves_point or of_series.large)
    return f"has a point that {_EITHER}" if is_open else ""


def _are_all_open(of_series: Marks) -> bool:
    return not (of_series.large or of_series.small or of_series.other_parting)


def is_open_point(text: str) -> bool:
    """Whether a figure has a point before three digits, as 1.234."""
    match = _OPEN.fullmatch(narrow(text))
    return bool(match) and match[1] == "."
