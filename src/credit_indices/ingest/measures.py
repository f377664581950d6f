"""Measures such as `亿元` or `10,000 km`, and the factor from one to another.

Only what is understood has a factor: for anything else the answer is None, and the user says it.
"""

import functools
import re
from decimal import Decimal

from credit_indices.ingest.words import EXACT, is_year, name_key, narrow

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
_WHOLE = {"count", "households", "persons", *_COUNTED}
_NAMED = re.compile(
    r"(?:(?:计量|金额|货币|计价)单位|计价|(?<![\u4e00-\u9fff])单位|\bunits?(?: of measure)?)"
    r"\s*+:\s*+",
    re.IGNORECASE,
)
_UP_TO_BREAK = re.compile(r"[^:;()\[\]]*+")
_WORD = re.compile(r"\S*+")
_MULTIPLE = re.compile(
    r"(?<![十百千万亿])[十百千万亿]++\s*+(?:[美欧日港]?元|吨|公?斤|克|平方|立方|公里|千米|米|[人户件个台项家次条部亩])"
    r"|(?<=[按以放])(?:大|小)?[十百千万亿]+(?=计|为|统计|倍)|(?<![0-9])[0-9]++ ?倍"
    r"|(?<![\u4e00-\u9fff])[万亿](?![\u4e00-\u9fff])"
    r"|\b(?:hundred|thousand|million|billion|trillion)s?\b(?: (?:of )?[a-z]+)?"
    r"|(?<![0-9])1(?:,?0){2,}\s+(?!cit|count|provin|region|firm|compan|enterpr)[a-z]+"
    r"|(?<![0-9.,])'?000s?\b|[x×*] ?1(?:,?0)+|\b1?0\^ ?[0-9]|10[⁰¹²³⁴-⁹]|\b1e[0-9]\b"
    r"|(?<![a-z])(?:bn|mn|mln|mio|bln|tn|mrd|mill|lakh|crore|wan)(?![a-z])"
    r"|\b[0-9]+ ?[kmb]\b|\bin [kmb]\b|\b[kmb] ?(?:rmb|cny|yuan|eur|usd)\b"
    r"|\b(?:rmb|cny|yuan)\s*[kmb]\b"
    r"|[%‰]|\b(?:per ?cent(?:age)?|pct)\b"
    r"|[美欧日港]元|英镑|港币|us\$|[$€£]|\b(?:usd|eur|euros?|gbp|jpy|hkd|dollars?)\b"
    r"|人民币|\b(?:rmb|cny|yuan)\b",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
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


def named_in(text: str) -> list[str]:
    """Return what stands after `单位：` or `Unit:` in a line, understood or not."""
    text = narrow(text)
    named = [_after_colon(text, match.end()) for match in _NAMED.finditer(text)]
    # `单位:万元 2019年`: what follows is no part of the measure.
    return [
        first if _measure(first) and is_year(rest) else whole
        for whole in filter(None, named)
        for first, _, rest in [whole.partition(" ")]
    ]


def _after_colon(text: str, start: int) -> str:
    """Return what stands from a place to a bracket, a semicolon, the end or the next `word:`."""
    found = _UP_TO_BREAK.match(text, start)[0]
    last = start + max(map(found.rfind, " \n\t\r")) + 1  # where the last word begins
    if last > start and ":" in _WORD.match(text, last)[0][1:]:
        return text[start:last].strip()
    return "" if text.startswith(":", start + len(found)) else found.strip()


def stated_in(text: str) -> list[str]:
    """Return what a title or a label says about a measure, understood or not.

    That is what `named_in` returns, else a bracket or a whole text that is a measure or a scale
    (万), else a multiple (万元, 10,000 yuan, billions), a percentage or a currency anywhere.
    """
    if named := named_in(text):
        return named
    text = narrow(text)
    parts = [*(match[1].strip() for match in _BRACKET.finditer(text)), text]
    found = [part for part in parts if _measure(part) or re.fullmatch("[十百千万亿]+", part)]
    found += re.findall("[(]([kmbKMB])[)]", text)
    return found or [match[0].strip() for match in _MULTIPLE.finditer(text)]


def is_understood(text: str) -> bool:
    """Whether a text is a measure and nothing else."""
    return _measure(text) is not None


def is_counted(measure: str) -> bool:
    """Whether figures in a measure are whole numbers."""
    found = _measure(measure)
    return found is not None and found[0] == 0 and found[1] in _WHOLE


@functools.lru_cache(maxsize=4096)
def _measure(text: str) -> tuple[int, str] | None:
    """Return a measure's power of ten and its base."""
    text = name_key(text)
    if text in _BASE_OF:
        return 0, _BASE_OF[text]
    power = 0
    if match := re.match(r"(1(?:,?0)*)(?:\s+(?=\S)|(?=[^\x00-\x7f]))", text):
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
