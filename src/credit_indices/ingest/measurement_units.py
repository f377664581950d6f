"""Units of measurement such as `亿元` or `10,000 km`, and the factor from one to another.

Only units of measurement that are understood have a factor; for others the user states it.
"""

import functools
import re
from decimal import Decimal

from credit_indices.ingest import bases
from credit_indices.ingest.cell_text import EXACT, is_year, name_key, narrow
from credit_indices.ingest.chinese import simplified
from credit_indices.ingest.languages import scales_in

_TENS = {
    "十": 1, "百": 2, "千": 3, "万": 4, "亿": 8,
    "십": 1, "백": 2, "천": 3, "만": 4, "억": 8, "조": 12,
}  # fmt: skip
"""兆 is left out: 10^12 in Japan and Taiwan, 10^6 in the People's Republic."""
_WORDS = {
    "ten": 1, "hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12,
}  # fmt: skip
_BASES = {
    "yuan": ("元", "元人民币", "人民币元", "rmb", "cny", "rmb yuan", "yuan rmb"),
    "yen": ("円", "日元", "日圆", "jpy", "japanese yen"),
    "won": ("원", "韩元", "韩圆", "krw", "korean won"),
    "us dollars": ("美元", "usd", "us$", "us dollar", "u.s. dollars"),
    "euros": ("欧元", "eur", "euro", "€"),
    "m": ("米", "metre", "metres", "meter", "meters"),
    "percent": ("%", "百分比", "per cent", "pct"),
    "count": (
        "个", "件", "项", "家", "部", "次", "种", "起", "条", "座", "台", "宗", "건", "개",
        "number",
    ),
    "households": ("户", "가구"),
    "persons": ("人", "명", "people"),
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
    r"(?:(?:计量|金额|货币|计价)单位|计价|(?<![\u4e00-\u9fff])单位|단위"
    r"|\bunits?(?: of measure(?:ment)?)?)\s*+:\s*+",
    re.IGNORECASE,
)
_UP_TO_BREAK = re.compile(r"[^:;()\[\]]*+")
_WORD = re.compile(r"\S*+")
_MULTIPLE = re.compile(
    r"(?<![十百千万亿兆])[十百千万亿兆]++\s*+(?:[美欧日港韩]?元|円|吨|公?斤|克|平方|立方|公里|千米|米"
    r"|[人户件个台项家次条部亩])"
    r"|(?<=[按以放])(?:大|小)?[十百千万亿]+(?=计|为|统计|倍)|(?<![0-9])[0-9]++ ?倍"
    r"|(?<![\u4e00-\u9fff])[万亿兆](?![\u4e00-\u9fff])"
    r"|(?<![십백천만억조])[십백천만억조]++\s*+(?:원|명|건|개|톤|가구)"
    r"|\b(?:hundred|thousand|million|billion|trillion)s?\b(?: (?:of )?[a-z]+)?"
    r"|(?<![0-9])1(?:,?0){2,}\s+(?!cit|count|provin|region|firm|compan|enterpr)[a-z]+"
    r"|(?<![0-9.,])'?000s?\b|[x×*] ?1(?:,?0)+|\b1?0\^ ?[0-9]|10[⁰¹²³⁴-⁹]|\b1e[0-9]\b"
    r"|(?<![a-z])(?:bn|mn|mln|mio|bln|tn|mrd|mill|lakh|crore|wan)(?![a-z])"
    r"|\b[0-9]+ ?[kmb]\b|\bin [kmb]\b|\b[kmb] ?(?:rmb|cny|yuan|eur|usd)\b"
    r"|\b(?:rmb|cny|yuan)\s*[kmb]\b"
    r"|[%‰]|\b(?:per ?cent(?:age)?|pct|per ?mille|basis points?)\b|百分点|千分比|基点"
    r"|[美欧日港韩]元|新台币|[日韩]圆|円|英镑|港币|卢布|卢比|法郎|泰铢|[越印]\w{0,2}盾"
    r"|us\$|[$€£₽₹₩₫₺₴฿₪₦₱]"
    r"|\b(?:usd|eur|euros?|gbp|jpy|hkd|dollars?)\b|人民币|\b(?:rmb|cny|yuan)\b"
    r"|\b(?:in|thousands? of) (?:acres|hectares|square \w+|sq\.? \w+|(?:metric )?tons|tonnes"
    r"|kg|kilograms|lit(?:er|re)s|gallons|barrels|pounds|mu|kwh|mwh|gwh|miles|feet|yards|hours|minutes|dozens"
    r"|hundreds|tens|percentage points)\b",
    re.IGNORECASE,
)
_CURRENCY = re.compile(
    r"(?<![A-Za-z])(?:AUD|BDT|BRL|CAD|CHF|CLP|CZK|DKK|EGP|GHS|HUF|IDR|ILS|INR|KES|KRW|KZT|MXN|MYR"
    r"|NGN|NOK|NTD|NT\$|NZD|PHP|PKR|PLN|RUB|SEK|SGD|THB|TRY|TWD|UAH|VND|ZAR)(?![A-Za-z])"
)
"""Currency codes, in capitals only."""
_UNIT_ALONE = re.compile(
    r"[百千万亿]*(?:亩|公?顷|吨|千克|公?斤|克|升|立方米|平方(?:公里|千米|米)|千瓦时|千瓦|吨标准煤|人次"
    r"|倍|小时|分钟|辆|艘|架|头|只|册|套|间|张|元/[^/]+|[^/]+/[^/]*[人户])"
    r"|acres|hectares|ha|(?:square|sq\.?) (?:km|kilomet(?:er|re)s|met(?:er|re)s|miles)"
    r"|km2|km²|m2|m²"
    r"|(?:metric )?tons|tonnes|kg|kilograms|lit(?:er|re)s|gallons|barrels|pounds|mu|[kmg]wh|tce|toe"
    r"|hours|minutes|ppm|basis points|bps?|pp|percentage points|dozens|ratio|fraction|share",
    re.IGNORECASE,
)
"""Units of measurement that are recognised, but not converted."""
_BRACKET = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_BASE_OF = {spelling: base for base, all_of in _BASES.items() for spelling in (base, *all_of)}


def factor(stated: str, wanted: str) -> Decimal | None:
    """Return the factor that converts values from one unit of measurement to another.

    Args:
        stated: the unit of measurement of the values, such as 亿元.
        wanted: that of the catalog's indicator, such as "100 million yuan".

    Returns:
        The factor; None if one of them is not understood or they measure different things.

    """
    if name_key(stated) == name_key(wanted):
        return Decimal(1)
    if (of_stated := bases.stated_in(stated)) and of_stated.keys() == bases.stated_in(
        wanted
    ).keys():
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
    """Return the texts after `单位：` or `Unit:` in a line, understood or not."""
    text = simplified(narrow(text))
    named = [_after_colon(text, match.end()) for match in _NAMED.finditer(text)]
    # `单位:万元 2019年`: the year is not part of the unit.
    return [
        first if _measure(first) and is_year(rest) else whole
        for whole in filter(None, named)
        for first, _, rest in [whole.partition(" ")]
    ]


def _after_colon(text: str, start: int) -> str:
    """Return the text from a position to a bracket, a semicolon, the end or the next `word:`."""
    found = _UP_TO_BREAK.match(text, start)[0]
    last = start + max(map(found.rfind, " \n\t\r")) + 1  # where the last word begins
    if last > start and ":" in _WORD.match(text, last)[0][1:]:
        return text[start:last].strip()
    return "" if text.startswith(":", start + len(found)) else found.strip()


def stated_in(text: str) -> list[str]:
    """Return the unit of measurement that a title or a label states, understood or not.

    This is the result of `named_in`; else a bracket or a whole text that is a unit of measurement
    or a scale (万); else a multiple (万元, 10,000 yuan, billions), a percentage or a currency
    anywhere; and a scale of another language (tys., млн) or a currency code.
    """
    if named := named_in(text):
        return named
    text = simplified(narrow(text)).replace("_", " ")
    brackets = [match[1].strip() for match in _BRACKET.finditer(text)]
    found = [part for part in brackets if _UNIT_ALONE.fullmatch(part)]
    for part in [*brackets, text]:
        if part not in found and (_measure(part) or re.fullmatch("[十百千万亿兆]+", part)):
            found.append(part)
    found += re.findall("[(]([kmbKMB])[)]", text)
    found = found or [match[0].strip() for match in _MULTIPLE.finditer(text)]
    others = [*scales_in(text), *_CURRENCY.findall(text)]
    return found + [
        word for word in others if not any(word.casefold() in name_key(it) for it in found)
    ]


def is_understood(text: str) -> bool:
    """Return whether a text is a unit of measurement and nothing else."""
    return _measure(text) is not None


def is_counted(measure: str) -> bool:
    """Return whether values in a unit of measurement are whole numbers."""
    found = _measure(measure)
    return found is not None and found[0] == 0 and found[1] in _WHOLE


@functools.lru_cache(maxsize=4096)
def _measure(text: str) -> tuple[int, str] | None:
    """Return the power of ten and the base of a unit of measurement."""
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
