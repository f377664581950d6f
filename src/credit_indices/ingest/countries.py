"""Find the country that a label names: ISO 3166 codes, English and Chinese names, other spellings.

Codes and names are those of the Unicode CLDR, from Babel. `data/country_labels.csv` adds spellings
of the World Bank, the IMF, the OECD, the UN and others, and codes that they used before. A label
that may name two countries matches none.
"""

import csv
import functools
import re
import unicodedata
from pathlib import Path

from babel import Locale
from babel.core import get_global

from credit_indices.ingest.cell_text import narrow

LABELS = Path(__file__).parent / "data" / "country_labels.csv"
AMBIGUOUS = ("Congo", "Korea", "Guinea", "Virgin Islands", "Saint Martin", "刚果")
"""Names that sources give to different countries, or that abbreviate several."""
MOST = 300
"""An upper bound of the number of countries and territories with a code."""
_COUNTRY_CODE = re.compile("[A-Z]{2}")
_NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
"""CLDR codes of groups of countries, and codes that stand for no country."""


def country_key(text: str) -> str:
    """Return a key that is equal for all spellings of a country's name.

    Case, accents, punctuation and articles are dropped; & becomes and, St. becomes Saint.
    """
    decomposed = unicodedata.normalize("NFKD", narrow(text).casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c)).replace("&", " and ")
    words = re.sub(r"[^\w]+", " ", re.sub("['’`´]", "", plain)).split()
    return " ".join("saint" if word in ("st", "ste") else word for word in words if word != "the")


@functools.cache
def _codes() -> dict[str, str]:
    """Return ISO 3166-1 alpha-2 codes by two-letter and three-letter code."""
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
    """Return countries by the `country_key` of their names, without names of several countries."""
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
    """Return the country with this two-letter or three-letter code, in any case, or None."""
    return _codes().get(narrow(text).upper())


@functools.lru_cache(maxsize=8192)
def by_name(text: str, ambiguous: bool = False) -> str | None:
    """Return the country with this name; None if there is none, or if several are possible.

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
