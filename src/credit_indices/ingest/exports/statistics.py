"""Units of measurement and powers of ten as statistical offices state them: codes and labels."""

import re
from decimal import Decimal

from credit_indices.ingest.cell_text import EXACT, name_key
from credit_indices.ingest.exports.export import Named
from credit_indices.ingest.measurement_units import factor

_POWERS = {
    "": 0, "unit": 0, "units": 0, "one": 0, "ones": 0, "ten": 1, "tens": 1, "hundred": 2,
    "hundreds": 2, "thousand": 3, "thousands": 3, "million": 6, "millions": 6, "billion": 9,
    "billions": 9, "trillion": 12, "trillions": 12,
}  # fmt: skip
_CODES = {
    "pc": "percent", "pt": "percent", "nr": "number", "ps": "persons", "per": "persons",
    "pers": "persons", "ths": "thousand", "ths_per": "thousand persons",
    "ths_pers": "thousand persons", "mio_per": "million persons", "eur": "euro",
    "ths_eur": "thousand euro", "mio_eur": "million euro", "cp_meur": "million euro",
    "usd": "us dollar", "mln_usd": "million us dollar", "mio_usd": "million us dollar",
    "cny": "yuan", "ix": "index",
}  # fmt: skip
_SAME = {
    "%": "percent", "percentage": "percent", "per cent": "percent", "pct": "percent",
    "number": "count", "euros": "euro", "eur": "euro", "us dollars": "us dollar",
    "u.s. dollar": "us dollar", "u.s. dollars": "us dollar", "us$": "us dollar",
    "current us$": "us dollar", "usd": "us dollar", "person": "persons", "people": "persons",
    "yuan": "yuan", "rmb": "yuan", "cny": "yuan", "yuan renminbi": "yuan", "元": "yuan",
    "人": "persons", "index number": "index", "index": "index",
}  # fmt: skip
NO_UNIT = "没有单位"
"""CSMAR's text for values without a unit of measurement."""
NO_ROW_OF_UNITS = "no row of units; CSMAR gives yuan, and ratios as fractions"
"""Unit of measurement of a CSMAR table that was saved without its row of units."""
_WITHOUT = {"", "ratio", "index", "score", "none", "dimensionless", "倍", "比率", "指数"}
_PERCENT_OF = re.compile(r"(?:percent|percentage|per cent|%)(?= of | change)")


def power_of(text: str) -> int | None:
    """Return the power of ten that a scale states: `6`, `6: Millions`, `Billions`; '' is 0.

    None if it is not understood.
    """
    text = name_key(text).partition(":")[0].strip()
    if re.fullmatch("[+-]?[0-9]{1,2}", text):
        return int(text)
    return _POWERS.get(text)


def factor_to(named: Named, wanted: str) -> Decimal | None:
    """Return the factor that converts values of a series to the catalog's unit.

    A series without a unit and without a power is assumed to be in the catalog's. A power beside a
    unit with a power of its own (million euro, in millions) is not understood.
    """
    if named.power is None:
        return None
    stated = [text for text in (named.measure, *named.measures) if text.strip()]
    if not stated:
        return Decimal(1) if named.power == 0 else None
    power, base = _unit(wanted)
    if stated in ([NO_UNIT], [NO_ROW_OF_UNITS]):
        in_yuan = factor("元", wanted) if stated == [NO_ROW_OF_UNITS] else None
        return Decimal(1) if base in _WITHOUT else in_yuan
    for text in stated:
        own, found = _unit(text)
        if own and named.power:
            continue
        is_same = found == base or (base == "percent" and found.startswith("percent "))
        if is_same and base:
            return Decimal(1).scaleb(own + named.power - power, EXACT)
        direct = factor(text, wanted)
        if direct is not None:
            return direct.scaleb(named.power, EXACT)
    return None


def _unit(text: str) -> tuple[int, str]:
    """Return a unit's power of ten and its base, as far as both are known."""
    key = name_key(text).removeprefix("current prices, ")
    key = _CODES.get(key, key)
    if re.fullmatch(r"p[ct]_[a-z0-9_]+", key):
        key = f"percent of {key[3:]}"
    key = _PERCENT_OF.sub("percent", key, count=1)
    power = 0
    if match := re.fullmatch(r"(.+), (thousands|millions|billions|trillions)", key):
        key, power = match[1], _POWERS[match[2]]
    while (match := re.match(r"([a-z]+) (?=\S)", key)) and _POWERS.get(match[1]):
        power += _POWERS[match[1]]
        key = key[match.end() :]
    return power, _SAME.get(key, key)
