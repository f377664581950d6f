"""Cell formats that make the displayed value differ from the stored one.

Number formats may show 0.761 as 76.1% and 13.2 as 132,000; parts of a text may be superscripts or
struck out.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from openpyxl.styles.numbers import BUILTIN_FORMATS

from credit_indices.ingest.cell_text import is_missing, is_numeric
from credit_indices.ingest.measurement_units import is_counted

_SCALES = re.compile(r"[0#?],+(?=[^0#?,]|$)|[!\\]\.")
"""In a number format, a comma after the last digit divides by 1,000; `!.` is a literal point."""
_MULTIPLES = re.compile("[十百千万亿‰]")
_LITERALS = re.compile(r'"([^"]*)"|[\\!](.)|\[\$([^\]-]*)[^\]]*\]|([$€£₹₽₺₩₴₫฿₱₦₪₵₸₼])')
_CURRENCY = "$€£₹₽₺₩₴₫฿₱₦₪₵₸₼"
"""Currency signs. ¥ is left out: it is the yuan's in Chinese files."""
_MINUS = re.compile(r"[^0#?;]*[-–−][^0#?;]*[0#?]")
_FOOTNOTE = re.compile(r"[\s0-9A-Za-z*†‡§#()（）\[\],，;；注①-⑳⑴-⒇]+")
_POWER = re.compile(r"[+−-]?[0-9]+")
_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_BEFORE_POWER = re.compile("[0-9mM米里]$")

MAX_FORMAT_CHARACTERS = 255
"""Excel's own limit; the effect of a longer format is unknown."""


@dataclass(frozen=True)
class NumberFormat:
    """A number format: shows a percentage, another number, or nothing."""

    text: str
    is_percentage: bool
    is_scaled: bool
    is_invisible: bool


def number_format(text: str) -> NumberFormat:
    """Return the effect of an Excel number format on a number."""
    if len(text) > MAX_FORMAT_CHARACTERS:
        return NumberFormat(text, False, True, False)
    bare = _bare(text)
    is_scaled = bool(
        _SCALES.search(bare)
        or _MULTIPLES.search(text)
        or _MINUS.match(re.sub(r"_.|\*.|\[[^\]]*\]", "", text))
        or _says_measure(text)
    )
    is_invisible = bool(re.fullmatch(r"\s*;\s*;[\s;]*", text))
    return NumberFormat(text, "%" in bare, is_scaled, is_invisible)


def _says_measure(text: str) -> bool:
    """Return whether a format adds digits, a unit of measurement or a currency to a number.

    Words for counted things do not count. Nor do Excel's built-in formats, which show the currency
    of the local country.
    """
    if text in BUILTIN_FORMATS.values():
        return False
    literals = ("".join(match.groups("")).strip() for match in _LITERALS.finditer(text))
    return any(
        re.search(rf"[^\W_]|[{_CURRENCY}]", literal) and not is_counted(literal)
        for literal in literals
    )


def _bare(text: str) -> str:
    """Return a number format without its literal characters, except points."""
    return re.sub(r'"[^"]*"|\\[^.]|_.|\*.|\[[^\]]*\]', "", text)


def number_text(value: int | float, form: NumberFormat) -> str:
    """Return a number as displayed: a share shown as 76.1% is 76.1%."""
    if form.is_percentage:
        return f"{(Decimal(repr(value)) * 100).normalize():f}%"
    return repr(value)


@dataclass(frozen=True)
class Run:
    """A part of a text in one font; `is_raised` for a superscript or a subscript."""

    text: str
    is_struck: bool = False
    is_raised: bool = False
    is_super: bool = False


@dataclass(frozen=True)
class RichText:
    """The text of a cell as read, and the parts that were left out of it."""

    text: str
    struck: str = ""
    raised: str = ""
    is_all_struck: bool = False


def joined(parts: Iterable[Run]) -> RichText:
    """Join the parts of a text as a person reads them.

    Struck-out parts are left out, unless all is struck out. Superscripts and subscripts at the ends
    of a number are footnotes and are left out. Those of other texts are left out unless they are
    powers: `km²` and `10⁴` stay, as characters that cannot be read as digits. A number with a
    possible power of ten, or with a raised part inside it, is not parsed as a number.
    """
    runs = [run for run in parts if run.text]
    kept = [run for run in runs if not run.is_struck]
    if not any(run.text.strip() for run in kept):
        text = "".join(run.text for run in runs)
        return RichText(text, is_all_struck=bool(text.strip()))
    struck = "".join(run.text for run in runs if run.is_struck).strip()
    if all(run.is_raised for run in kept if run.text.strip()):
        return RichText("".join(run.text for run in kept), struck)
    first = next(i for i, run in enumerate(kept) if not run.is_raised)
    last = max(i for i, run in enumerate(kept) if not run.is_raised)
    plain = "".join(run.text for run in kept if not run.is_raised)
    is_number = (is_numeric(plain) or is_missing(plain)) and bool(plain.strip())
    raised_runs = [run.text.strip() for run in kept if run.is_raised]
    is_footnoted = (
        is_number
        and not any(run.is_raised for run in kept[first : last + 1])
        and not (plain.strip() == "10" and all(map(_POWER.fullmatch, raised_runs)))
    )
    text, raised = "", []
    for run in kept:
        if not run.is_raised:
            text += run.text
        elif (
            _POWER.fullmatch(run.text.strip())
            and not is_footnoted
            and (is_number or (run.is_super and _BEFORE_POWER.search(text)))
        ):
            text += run.text.strip().translate(_RAISED)
        elif _FOOTNOTE.fullmatch(run.text) and (is_footnoted or (run.is_super and not is_number)):
            raised.append(run.text.strip())
        else:
            text += run.text
    return RichText(text, struck, " ".join(filter(None, raised)))
