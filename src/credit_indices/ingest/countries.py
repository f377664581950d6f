"""Which country a label names: ISO 3166 codes, English and Chinese names, statistical spellings.

Codes and names are those of the Unicode CLDR, by way of Babel; `data/country_labels.csv` adds how
the World Bank, the IMF, the OECD, the UN and others spell them, and codes that they used before.
A label that may name two countries names none.
"""

import csv
import functools
import re
import unicodedata
from pathlib import Path

from babel import Locale
from babel.core import get_global

from credit_indices.ingest.words import narrow

LABELS = Path(__file__).parent / "data" / "country_labels.csv"
AMBIGUOUS = ("Congo", "Korea", "Guinea", "Virgin Islands", "Saint Martin", "刚果")
"""Names that the sources give to different countries, or that shorten several."""
MOST = 300
"""More than there are countries and territories with a code."""
_COUNTRY_CODE = re.compile("[A-Z]{2}")
_NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
"""Codes of CLDR that are groups of countries or stand for none."""


def country_key(text: str) -> str:
    """Return what two spellings of a country's name have in common.

    Case, accents, punctuation and articles are left out; & is and, St. is Saint.
    """
    decomposed = unicodedata.normalize("NFKD", narrow(text).casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c)).replace("&", " and ")
    words = re.sub(r"[^\w]+", " ", re.sub("['’`´]", "", plain)).split()
    return " ".join("saint" if word in ("st", "ste") else word for word in words if word != "the")


@functools.cache
def _codes() -> dict[str, str]:
    """Return countries, as ISO 3166-1 alpha-2 codes, by their codes of two and three letters."""
    territories = Locale("en").territories
    countries = {
        code for code in territories if _COUNTRY_CODE.fullmatch(code) and code not in _NO_COUNTRIES
    }
    found = {code: code for code in countries}
    for code, meant in get_global("territory_aliases").items():
        if len(code) == 3 and code.isalpha() and len(meant) == 1 and meant[0] in countries:
            found[code] = meant[0]
    found |= {row["label"]: row["iso2"] for row in _labels() if row["kind"] == "code"}
    return found


@functools.cache
def _names() -> dict[str, str]:
    """Return countries by the `country_key` of their names, without those of several."""
    named: dict[str, set[str]] = {}
    for language in ("en", "zh"):
        for code, name in Locale(language).territories.items():
            if code in _codes():
                named.setdefault(country_key(name), set()).add(code)
    for row in _labels():
        if row["kind"] == "name":
            named.setdefault(country_key(row["label"]), set()).add(row["iso2"])
    return {name: codes.pop() for name, codes in named.items() if len(codes) == 1}


@functools.cache
def _labels() -> tuple[dict[str, str], ...]:
    with open(LABELS, encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


@functools.lru_cache(maxsize=8192)
def by_code(text: str) -> str | None:
    """Return the country with a code of two or three letters, in any case; None if none has."""
    return _codes().get(narrow(text).upper())


@functools.lru_cache(maxsize=8192)
def by_name(text: str, ambiguous: bool = False) -> str | None:
    """Return the country with a name; None if none has, or several may be meant.

    Args:
        text: the name.
        ambiguous: also take the short names that are one country's own in ISO 3166 but may mean
            another in a table: Guinea.

    """
    key = country_key(text)
    return None if key in _ambiguous() and not ambiguous else _names().get(key)


@functools.cache
def _ambiguous() -> frozenset[str]:
    return frozenset(map(country_key, AMBIGUOUS))
