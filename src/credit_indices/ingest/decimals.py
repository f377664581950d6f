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
    r"[+-]?(?:[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*|[0-9]*,(?:[0-9]{1,2}|[0-9]{4,})|0,[0-9]+"
    r"|[0-9]{4,},[0-9]+)%?"
)
_POINT = re.compile(
    r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]*|[0-9]*\.(?:[0-9]{1,2}|[0-9]{4,})|0\.[0-9]+"
    r"|[0-9]{4,}\.[0-9]+)%?"
)
_POINTS_PART = re.compile(r"[+-]?[0-9]{1,3}(?:(?:\.[0-9]{3})+,[0-9]*|(?:\.[0-9]{3}){2,})%?")
_COMMAS_PART = re.compile(r"[+-]?[0-9]{1,3}(?:(?:,[0-9]{3})+\.[0-9]*|(?:,[0-9]{3}){2,})%?")
_OPEN = re.compile(r"[+-]?[1-9][0-9]{0,2}([.,])[0-9]{3}%?")
_EITHER = (
    "may part thousands or decimals in this file. Say decimal_mark: '.' or ',' in the sheet's "
    "entry of mapping.yml, or correct the figure."
)


@dataclass
class Marks:
    """What the figures of a sheet prove.

    ``comma`` and ``point``: that it is the decimal mark of one figure; ``parting_commas`` and
    ``parting_points``: that it parts the thousands of one.
    """

    comma: bool = False
    point: bool = False
    parting_commas: bool = False
    parting_points: bool = False

    @property
    def proposed(self) -> str:
        """The comma where figures prove it as decimal mark and none speaks against it, else ''."""
        against = self.point or self.parting_commas
        return "," if (self.comma or self.parting_points) and not against else ""


def marks(sheet: Sheet, plan: Plan) -> Marks:
    """Return what the figures of a sheet prove, those included that nobody has decided yet.

    What is ignored proves nothing.
    """
    labels = {*plan.columns().values()} - {plan.value_column}
    labels |= {series.column for series in plan.series if series.indicator == IGNORE}
    return marks_of(
        text
        for cells in sheet.rows[plan.header + 1 :]
        for column, text in enumerate(cells)
        if column not in labels
    )


def marks_of(texts: Iterable[str]) -> Marks:
    """Return what cells prove."""
    found = Marks()
    for text in texts:
        if "," in text or "，" in text:
            text = narrow(text)
            found.comma = found.comma or bool(_COMMA.fullmatch(text))
            found.parting_commas = found.parting_commas or bool(_COMMAS_PART.fullmatch(text))
        if not (found.point and found.parting_points) and ("." in text or "．" in text):
            text = narrow(text)
            found.point = found.point or bool(_POINT.fullmatch(text))
            found.parting_points = found.parting_points or bool(_POINTS_PART.fullmatch(text))
    return found


def may_part_thousands(text: str) -> bool:
    """Whether a figure has one mark before three digits, as 1,234 and 1.234."""
    return bool(_OPEN.fullmatch(narrow(text)))


def why_open(text: str, found: Marks, sheet: Sheet, decimal_mark: str) -> str:
    """Return why one mark and three digits may mean two numbers in a sheet; '' where not."""
    match = _OPEN.fullmatch(narrow(text))
    if not match or decimal_mark == ".":
        return ""
    if match[1] == ",":
        is_open = decimal_mark == "" and (found.comma or found.parting_points)
        is_open |= decimal_mark == "" and sheet.delimiter == ";" and not found.parting_commas
        return f"has a comma that {_EITHER}" if is_open else ""
    if decimal_mark == ",":
        is_open = not found.parting_points
    else:
        is_open = found.comma or found.parting_points
        is_open |= sheet.delimiter == ";" and not found.point
    return f"has a point that {_EITHER}" if is_open else ""
