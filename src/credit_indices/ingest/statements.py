"""Whether two statements of a unit of measurement may mean the same, where one is not understood.

`measures.factor` converts what it understands. A known export whose indicator has the code of the
catalogue's may state `% of GDP` or `current US$`, which it does not. Then the figures are taken as
they are unless the two statements contradict each other: in scale, percent, currency or prices.
"""

import re

from credit_indices.ingest.measures import is_understood
from credit_indices.ingest.words import narrow

_RATE = re.compile(r"(?:\bper|/|每)\s*([0-9][0-9,]*|thousand|million|hundred|[千万亿百]+)?\s*\w*")
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


def contradict(stated: str, wanted: str) -> bool:
    """Return whether figures in one unit of measurement cannot be in the other as they are.

    Args:
        stated: what the file says.
        wanted: what the catalogue says; an empty text contradicts nothing.

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


def says_more_of_prices(stated: str, wanted: str) -> bool:
    """Return whether a file states prices (constant, PPP) that the catalogue does not."""
    said, asked = narrow(stated).casefold(), narrow(wanted).casefold()
    is_special = "constant" in _named(said, _PRICES) or "international dollar" in _named(
        said, _CURRENCIES
    )
    return is_special and _named(said, _PRICES) != _named(asked, _PRICES)


def _is_no_share(asked: str) -> bool:
    return is_understood(asked) or bool(_FRACTION.search(asked))


def _differ(some: set[str], others: set[str]) -> bool:
    return bool(some and others and some != others)


def _named(text: str, kinds: dict[str, str]) -> set[str]:
    """Return the kinds that a text names; what one has named is taken out for the next."""
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
