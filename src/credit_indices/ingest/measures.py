"""Measures such as `亿元` or `10,000 km`, and the factor from one to another.

Only what is understood has a factor: for anything else the answer is None, and the user says it.
"""

import re
from decimal import Decimal

from credit_indices.ingest.words import EXACT, name_key

_TENS = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}
_WORDS = {
    "ten": 1, "hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12,
}  # fmt: skip
_BASES = {
    "yuan": ("元", "元人民币", "人民币元", "rmb", "cny", "rmb yuan", "yuan rmb"),
    "m": ("米", "metre", "metres", "meter", "meters"),
    "percent": ("%", "百分比", "百分点", "per cent", "pct"),
    "count": ("个", "件", "项", "家", "部", "次", "种", "起", "条", "座", "台", "宗", "number"),
    "households": ("户",),
    "persons": ("人", "people"),
    "days": ("天", "日"),
    "points": ("分",),
    "per 100 persons": ("部/百人", "部/100人", "台/百人", "units per 100 persons"),
    "persons per km2": (
        "人/平方公里", "人/平方千米", "人/km2", "人/km²", "persons/km2", "persons per sq km",
    ),
}  # fmt: skip
_KILOMETRES = ("km", "公里", "kilometre", "kilometres", "kilometer", "kilometers")
_COUNTED = {
    "ports", "stations", "names", "queries", "pieces", "items", "cases", "enterprises", "types",
    "agencies", "documents", "standards", "events",
}  # fmt: skip
_BASE_OF = {spelling: base for base, all_of in _BASES.items() for spelling in (base, *all_of)}


def factor(stated: str, wanted: str) -> Decimal | None:
    """Return what a figure in one measure is multiplied by to be in another.

    Args:
        stated: the measure of the figures, such as 亿元.
        wanted: the measure of the catalogue's indicator, such as "100 million yuan".

    Returns:
        The factor; None where one of them is not understood or they measure different things.

    """
    if name_key(stated) == name_key(wanted):
        return Decimal(1)
    found, expected = _measure(stated), _measure(wanted)
    if found is None or expected is None:
        return None
    if found[1] != expected[1] and not (
        # `个` and `count` count anything; households are not persons.
        "count" in (found[1], expected[1]) and {found[1], expected[1]} <= {"count", *_COUNTED}
    ):
        return None
    return Decimal(1).scaleb(found[0] - expected[0], EXACT)


def _measure(text: str) -> tuple[int, str] | None:
    """Return a measure's power of ten and its base."""
    text = name_key(text)
    if text in _BASE_OF:
        return 0, _BASE_OF[text]
    power = 0
    if match := re.match(r"(1(?:,?0)*)\s+(?=\S)", text):
        power += match[1].count("0")
        text = text[match.end() :]
    while match := re.match(r"([a-z]+)\s+(?=\S)", text):
        if match[1] not in _WORDS:
            break
        power += _WORDS[match[1]]
        text = text[match.end() :]
    while text not in _BASE_OF and text not in _KILOMETRES and text[:1] in _TENS and text[1:]:
        power += _TENS[text[0]]
        text = text[1:]
    if text in _KILOMETRES:
        return power + 3, "m"
    if text in _COUNTED:
        return power, text
    return (power, _BASE_OF[text]) if text in _BASE_OF else None
