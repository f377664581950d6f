"""Detect texts that are neither English nor Chinese, the languages whose units ingest reads.

A line in another language may state a unit of measurement, a scale or a scope: `млн. руб.`, `em
milhares`, `w tys. zł`. It cannot be read, so it must not be treated as a line that states nothing.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable
from importlib import resources

from spellchecker import SpellChecker

from credit_indices.ingest.cell_text import narrow
from credit_indices.ingest.chinese import simplified

_HAN = re.compile(r"[\u3005\u3400-\u4dbf\u4e00-\u9fff円]")
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0970-\u0dff\u0e31-\u0e4e"
    "\u0eb1-\u0ecd\u0f35-\u0fbc\u102b-\u1059\u17b4-\u17d3"
)
"""Vowel signs and accents, which `re` does not count as letters."""
_WORD = re.compile(rf"(?:[^\W\d_]|[{_MARKS}])+(?:['\u2019][^\W\d_]+)*")
_WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
"""Thai, Lao, Burmese and Khmer."""
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\S+")
_CODE = re.compile(r"\b[A-Z0-9]{2,}(?:[._][A-Z0-9]{2,})+\b")
_SOURCE = re.compile(
    r"(?:data )?sources?\s*:|(?:compiled|prepared|provided|downloaded) (?:by|from)\b"
)
_ENGLISH = {
    "a", "i", "gdp", "gnp", "gni", "gva", "ict", "sme", "smes", "npl", "npls", "rd", "fdi", "cpi",
    "ppi", "ppp", "csv", "xlsx", "id", "iso", "nuts", "yoy", "dataset", "datasets", "timeseries",
    "dataframe", "metadata", "subnational", "interprovincial", "ecommerce", "fintech", "bigdata",
    "covid", "eu", "us", "usa", "uk", "un", "prc", "sar", "oecd", "imf", "wdi", "nbs", "sep",
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "oct", "nov", "dec", "vs", "incl",
    "excl", "approx", "no", "nos", "fig", "eg", "ie", "etc", "per", "capita", "km", "rmb", "cny",
    "grp", "eps", "ceic", "csmar", "pboc", "esg", "sdg", "wto", "adb", "unctad",
    "yuan", "renminbi", "mn", "bn", "mln", "mio", "mrd", "pct", "rural", "households", "unitid",
}  # fmt: skip
"""Words of English tables that the dictionary lacks, and units that `measurement_units` reads."""
_OTHERS = {
    "au", "aux", "av", "bez", "bin", "da", "dan", "das", "de", "del", "della", "dem", "den", "der",
    "des", "di", "die", "do", "du", "ed", "ein", "el", "em", "en", "es", "et", "fra", "het", "im",
    "ja", "la", "las", "le", "les", "los", "med", "mil", "mille", "na", "och", "od", "og", "om",
    "ou", "par", "por", "pour", "pro", "som", "sur", "te", "ti", "til", "tis", "tys", "un", "una",
    "und", "une", "uno", "van", "ve", "vi", "von", "za", "zu", "tl", "kr", "ft", "lei", "rub",
    "won", "dong", "baht", "real", "reais", "rand", "rupee", "rupees", "peso", "pesos", "lira",
}  # fmt: skip
"""Words of other languages, and currencies, that an English dictionary has too."""
_KOREAN = re.compile("단위|[십백천만억조]*(?:원|명|건|개|가구)?")
"""Korean units that `measurement_units` reads."""
MAX_CHARACTERS = 500
"""Of a longer text, only these first characters are searched."""


@functools.lru_cache(maxsize=1)
def _dictionary() -> SpellChecker:
    return SpellChecker(language="en")


@functools.lru_cache(maxsize=1)
def _scales() -> tuple[frozenset[str], tuple[str, ...]]:
    text = (resources.files(__package__) / "scale_words.txt").read_text(encoding="utf-8")
    words = [word for word in text.splitlines() if not word.startswith("#")]
    return frozenset(words), tuple(word for word in words if len(word) > 4)


def words_of(names: Iterable[str]) -> frozenset[str]:
    """Return the known words of names, such as those of the catalog."""
    texts = (narrow(name).replace("_", " ").casefold() for name in names)
    return frozenset(word for text in texts for word in _WORD.findall(text))


def foreign_word(text: str, known: frozenset[str] = frozenset()) -> str:
    """Return the first word of a text that is neither English nor Chinese, '' if there is none.

    Args:
        text: a line of a table.
        known: further words that are known, such as those of names of units.

    """
    text = _CODE.sub(" ", _ADDRESS.sub(" ", narrow(text[:MAX_CHARACTERS]).replace("_", " ")))
    text = unicodedata.normalize("NFC", text)
    is_source = bool(_SOURCE.match(text.casefold()))
    has_small = text != text.upper()
    for match in _WORD.finditer(text):
        for word in _runs(match[0]):
            is_proper = is_source and word[:1].isupper()
            is_acronym = has_small and word.isupper() and len(word) > 2 and word.isascii()
            if not (is_proper or is_acronym or _is_known_word(word, known)):
                return word
    return ""


def _runs(word: str) -> list[str]:
    """Return the parts of a word outside Chinese characters; none for `指标`."""
    return [part for part in _HAN.split(simplified(word)) if part]


def _is_known_word(word: str, known: frozenset[str]) -> bool:
    key = word.casefold().replace("\u2019", "'")
    key = key.removesuffix("'s").strip("'")
    if len(key) < 2 and key.isascii():
        return True
    if key in known or key in _ENGLISH or _KOREAN.fullmatch(key):
        return True
    if not key.isascii() or key in _OTHERS:
        return False
    return key in _dictionary()


def scales_in(text: str) -> list[str]:
    """Return the words of a text that mean thousands, millions ... in another language."""
    text = unicodedata.normalize("NFC", narrow(text[:MAX_CHARACTERS])).casefold().replace("_", " ")
    if text.isascii() and not any(map(str.isalpha, text)):
        return []
    words, stems = _scales()
    return [
        word
        for word in _WORD.findall(text)
        if not _HAN.search(word)
        and (
            word in words
            or word.startswith(stems)
            or (_WITHOUT_SPACES.match(word) and any(scale in word for scale in words))
        )
    ]
