"""Compare two statements of a unit of measurement if one of them is not understood.

`measurement_units.factor` converts units that it understands. A known export may state `% of GDP`
or `current US$`, which it does not. The values are then taken unchanged only if the statements
agree: one is the other with more words (`%`, `% of GDP`), and they do not contradict each other in
scale, percent, currency, rate or prices. If the name is the catalog's own, the statement is part of
it, and only another known unit (kt, Mt) contradicts.
"""

import re

from credit_indices.ingest.cell_text import narrow
from credit_indices.ingest.measurement_units import factor, is_understood

_RATE = re.compile(r"(?:\bper\b|/|每)\s*([0-9][0-9,]*|thousand|million|hundred|[千万亿百]+)?\s*\w*")
_SCALE = re.compile(
    r"hundreds?|thousands?|millions?|billions?|trillions?|\b(?:bn|mn|mln|tn)\b|[百千万亿]+"
    r"|\b1(?:,?0){2,}\b|'000"
)
_SAME_SCALE = {
    "bn": "billion", "mn": "million", "mln": "million", "tn": "trillion", "百万": "million",
    "千": "thousand", "1000": "thousand", "'000": "thousand", "1000000": "million", "万": "10000",
    "十亿": "billion", "亿": "100000000", "万亿": "trillion",
}  # fmt: skip
_PERCENT = re.compile(r"%|\bper ?cent(?:age)?\b|\bpct\b|百分")
_FRACTION = re.compile(r"\b(?:fraction|ratio|proportion|decimal|rate of 1)\b|比值|小数")
_CURRENCIES = {
    "international dollar": r"international (?:\$|dollars?)|int'?l\.? ?(?:\$|dollars?)|\bppp\b",
    "dollar": r"us ?\$|u\.s\. ?(?:\$|dollars?)|\busd\b|(?:\bus )?\bdollars?\b|美元|\$",
    "local currency": r"\blcu\b|\b(?:local|national) currency(?: units?)?\b|本币",
    "euro": r"€|\beuros?\b|\beur\b|欧元",
    "yen": r"\byen\b|\bjpy\b|日元",
    "pound": r"£|\bgbp\b|\bpounds? sterling\b|英镑",
    "yuan": r"\byuan\b|\brmb\b|\bcny\b|\brenminbi\b|人民币|元",
}
_PRICES = {
    "constant": r"\bconstant\b|\breal\b|不变价|可比价",
    "current": r"\bcurrent\b|\bnominal\b|现价|当年价",
}
_BASE_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_SCORE = {
    "score",
    "scores",
    "index",
    "index score",
    "index points",
    "points",
    "scale",
    "得分",
    "指数",
}
_GRADES = re.compile(
    r"(?:scale |index |from |scores? )*-?[0-9.]+\s*=\s*[^0-9=]+? (?:to|through)"
    r" -?[0-9.]+\s*=\s*[^0-9=]+"
)
"""A scale with two named ends: `0=low to 8=high`."""
_NO_MEASURE = re.compile(
    r"(?:(?:modell?ed|ilo|national|who|unesco|unicef|world bank|estimates?|total"
    r"|both sexes)(?:[\s,/]+|$))+"
)
"""Content of brackets that is not a unit of measurement."""
_PART = re.compile(
    r"\b(?:(?:fe)?males?|women|men|girls|boys|rural|urban|ag(?:e|es|ed)|youth|adults|growth|change)\b"
)
_BEFORE = {
    "current",
    "annual",
    "annually",
    "metric",
    "calendar",
    "the",
    "a",
    "in",
    "constant",
    "bop",
    "dod",
}
"""Words before a unit of measurement that do not change it."""
_PER_YEAR = re.compile(r"(?:\bper|\ba|/) ?(?:year|annum)\b|\bp\.a\.")
_WORDS_OF_ONE = (
    (_PERCENT, " % "),
    (re.compile(r"\b(?:people|inhabitants)\b|\bpopulation\b(?=\s*$)"), "persons"),
    (re.compile(r"\b(?:sq\.?|square) ?(?:km|kilomet(?:re|er)s?)(?!\w)|\bkm²"), "km2"),
    (re.compile(r"\btonnes?\b|\b(?:metric )?tons?\b"), "tonnes"),
)
_PHYSICAL = re.compile(
    r"[kmgtp]?t|[kmgt]?wh?|[kmg]?j|[kmcd]?m|[km]?g|[mkc]?l|ha|hectares?|(?:sq\.?|square|cubic) .+"
    r"|(?:kilo|milli|centi|mega|giga)?(?:gram|metre|meter|watt|joule|lit(?:re|er)|tonne|ton)s?"
    r"|(?:kilo|mega|giga)?watt[- ]?hours?|km2|km²|m2|m²|m3|m³"
    r"|(?:second|minute|hour|day|week|month|year)s?"
    r"|(?:metric )?tons|miles|acres|barrels|toe|ktoe|mtoe"
)
_TOKEN = re.compile(r"%|[^\W\d_]+(?:[.'][^\W\d_]+)*|[0-9]+(?:\.[0-9]+)?|[^\s\w,()]")


def are_same(stated: str, wanted: str) -> bool:
    """Return whether values in one unit of measurement are certainly in the other, unchanged.

    Args:
        stated: the unit in the file.
        wanted: the unit in the catalog; an empty text accepts any.

    """
    said, asked = (" ".join(narrow(text).casefold().split()) for text in (stated, wanted))
    if not asked or said == asked:
        return True
    if _GRADES.fullmatch(said):
        return asked in _SCORE
    prices = [
        {"constant" for _ in _BASE_YEAR.findall(text)}
        | ({"constant"} & _named(text, _PRICES))
        | {"international dollar"} & _named(text, _CURRENCIES)
        | {*_BASE_YEAR.findall(text)}
        for text in (said, asked)
    ]
    said, asked = _PER_YEAR.sub(" ", said), _PER_YEAR.sub(" ", asked)
    if contradict(said, asked) or prices[0] != prices[1] or _rates(said) != _rates(asked):
        return False
    some, others = _tokens(said), _tokens(asked)
    return sorted(some) == sorted(others) or _extends(some, others) or _extends(others, some)


def is_no_measure(stated: str) -> bool:
    """Return whether brackets hold something other than a unit of measurement: modeled estimate."""
    return bool(_NO_MEASURE.fullmatch(" ".join(narrow(stated).casefold().split())))


def says_a_part(stated: str, wanted: str) -> bool:
    """Return whether the file restricts its values to a part and the catalog does not."""
    said, asked = narrow(stated).casefold(), narrow(wanted).casefold()
    return not {*_PART.findall(said)} <= {*_PART.findall(asked)}


def are_other_units(stated: str, wanted: str) -> bool:
    """Return whether two statements are two known units of measurement: kt and Mt, mm and m."""
    times = factor(stated, wanted)
    if times is not None:
        return times != 1
    said, asked = (" ".join(narrow(text).casefold().split()) for text in (stated, wanted))
    are_physical = _PHYSICAL.fullmatch(said) and _PHYSICAL.fullmatch(asked)
    return bool(are_physical) and not are_same(stated, wanted)


def _tokens(text: str) -> list[str]:
    """Return the words of a unit of measurement, with spellings made equal."""
    text = re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", text)
    for pattern, word in _WORDS_OF_ONE:
        text = pattern.sub(word, text)
    for kind, pattern in _CURRENCIES.items():
        text = re.sub(pattern, f" {kind} ", text)
    return _TOKEN.findall(text)


def _extends(long: list[str], short: list[str]) -> bool:
    """Return whether one list of words is another plus words that do not change the unit.

    These are a few words before it (current, annual), `of ...` after it, and after `%` any.
    """
    start = 0
    while start < len(long) and long[start : start + len(short)] != short:
        is_counted = short[:1] == ["per"] and not _is_unit(long[start])
        if long[start] not in _BEFORE and not is_counted:
            return False
        start += 1
    if not short or start == len(long):
        return False
    rest = long[start + len(short) :]
    return not rest or rest[0] == "of" or short == ["%"]


def _is_unit(word: str) -> bool:
    """Return whether a word is a unit; `subscriptions` in `... per 100 people` is not."""
    return bool(_PHYSICAL.fullmatch(word)) or word in {"%", "persons", *_CURRENCIES}


def contradict(stated: str, wanted: str) -> bool:
    """Return whether values in one unit of measurement cannot be in the other, unchanged.

    Args:
        stated: the unit in the file.
        wanted: the unit in the catalog; an empty text contradicts nothing.

    """
    said, asked = narrow(stated).casefold(), narrow(wanted).casefold()
    if not asked:
        return False
    said_rates, asked_rates = _rates(said), _rates(asked)
    said_money, asked_money = _named(said, _CURRENCIES), _named(asked, _CURRENCIES)
    is_percent = bool(_PERCENT.search(said))
    return (
        bool(asked_rates and said_rates != asked_rates)
        or _scales(said) != _scales(asked)
        or bool(asked_money and not said_money & asked_money)
        or (bool(_PERCENT.search(asked)) and not is_percent)
        or (is_percent and not _PERCENT.search(asked) and _is_no_share(asked))
        or _differ(_named(said, _PRICES), _named(asked, _PRICES))
        or _differ({*_BASE_YEAR.findall(said)}, {*_BASE_YEAR.findall(asked)})
    )


def _is_no_share(asked: str) -> bool:
    return is_understood(asked) or bool(_FRACTION.search(asked))


def _differ(some: set[str], others: set[str]) -> bool:
    return bool(some and others and some != others)


def _named(text: str, kinds: dict[str, str]) -> set[str]:
    """Return the kinds that a text names; a match is removed before the next kind is tried."""
    found = set()
    for kind, pattern in kinds.items():
        text, times = re.subn(pattern, " ", text)
        if times:
            found.add(kind)
    return found


def _rates(text: str) -> set[str]:
    return {(match[1] or "1").replace(",", "") for match in _RATE.finditer(_without_percent(text))}


def _scales(text: str) -> set[str]:
    rest = _RATE.sub(" ", _without_percent(text))
    found = (match[0].replace(",", "").rstrip("s") for match in _SCALE.finditer(rest))
    return {_SAME_SCALE.get(scale, scale) for scale in found}


def _without_percent(text: str) -> str:
    return _PERCENT.sub(" ", text)
