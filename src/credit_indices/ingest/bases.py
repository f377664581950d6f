"""Index numbers: the base that a text states, such as `1978=100`, `上年＝100`, `以2010年为100`."""

import re

from credit_indices.ingest.cell_text import narrow
from credit_indices.ingest.chinese import simplified

_YEAR_BEFORE = (
    r"(?:the )?(?:preceding|previous|prior|last) (?:year|period|month|quarter)"
    r"|(?:the )?year (?:before|earlier)"
    r"|(?:same|corresponding) period (?:of )?(?:last|the previous) year"
    r"|上(?:一)?年(?:同期|同月|度)?|去年(?:同期)?|前一?年"
)
_SCALE = r"10{0,4}(?:\.0+)?(?![0-9.,]*[0-9%])"
_YEAR = r"(?:fy ?)?(?:1[89]|20)[0-9]{2}(?:[-/][0-9]{2,4})?(?:年|q[1-4])?"
_PATTERNS = [
    rf"(?P<base>{_YEAR_BEFORE})\s*(?:[=:≡]|is|as|equals?|equal to|at|为|是|等于|作为?)?\s*{_SCALE}",
    rf"(?P<base>{_YEAR})\s*(?:[=≡]|is|as|equals?|equal to|at|为|是|等于|作为?)\s*{_SCALE}",
    r"(?P<base>[^\s=()\[\],;:]+(?: [^\s=()\[\],;:]+){0,2})\s*[=≡]\s*100(?![0-9.,]*[0-9%])",
    rf"(?<![0-9.,])100\s*(?:[=≡:]|in|for)\s*(?P<base>{_YEAR}|{_YEAR_BEFORE})",
    rf"\bbase(?:d)?(?: (?:year|period))?\s*(?:on|in|[:=])?\s*(?P<base>{_YEAR})",
    rf"(?P<base>{_YEAR})(?: |-)?(?:base(?: year| period)?\b|[作为]*基[期年])",
    rf"(?:基期|基年|定基)\D{{0,4}}(?P<base>{_YEAR})",
    rf"(?:relative|compared|normali[sz]ed|scaled|indexed|rebased) to (?P<base>{_YEAR}|100)",
    r"(?P<base>定基|环比|基期|基年|\bbase (?:year|period)\b|\bindex(?:ed)? (?:numbers?|to)\b|"
    r"\b(?:volume|price|quantity|chain|fixed[ -]base|growth|development) ind(?:ex|ices)\b|"
    r"\bindices of\b|\bindex of\b|发展速度)",
]
_BASE = re.compile("|".join(f"(?:{p.replace('?P<base>', '')})" for p in _PATTERNS), re.IGNORECASE)
_EACH = [re.compile(pattern, re.IGNORECASE) for pattern in _PATTERNS]
_MAY_STATE = re.compile(
    r"[=≡]|10{1,4}(?![0-9])|base|ind[ei]|基|指数|环比|速度|normali|relative|compared|scaled",
    re.IGNORECASE,
)
"""Occurs in every text that states a base and in few other cells; checked first, for speed."""
_ALONE = re.compile(r"[(\[]?(?:ind(?:ex|ices)(?: (?:numbers?|points?))?|指数)[)\]]?", re.IGNORECASE)
_BRACKET = re.compile(
    r"[(\[]\s*(?:ind(?:ex|ices)(?: (?:numbers?|points?))?|指数)\s*[)\]]", re.IGNORECASE
)
MAX_CHARACTERS = 500
"""Of a longer text, only these first characters are searched."""


def stated_in(text: str) -> dict[str, str]:
    """Return the bases of index numbers that a text states, as it writes them.

    Returns:
        By base: a year as 2010, the year before as `preceding year`, else as the text names it;
        the words that state it.

    """
    text = _plain(text)
    if not _MAY_STATE.search(text):
        return {}
    if not _BASE.search(text):
        match = _ALONE.fullmatch(text) or _BRACKET.search(text)
        return {"index": match[0]} if match else {}
    found: dict[str, str] = {}
    for pattern in _EACH:
        for match in pattern.finditer(text):
            base = _canonical(match["base"]) + _other_level(match[0])
            is_covered = any(it in match[0] or match[0] in it for it in found.values())
            if base and not is_covered:
                found.setdefault(base, match[0])
    return found


def is_index_of(text: str, name: str) -> bool:
    """Return whether a text calls its values an index of an indicator: `工业增加值指数`."""
    if not (name := re.escape(_plain(name))):
        return False
    words = rf"{name}\s*(?:指数|ind(?:ex|ices)\b)|\bind(?:ex|ices) (?:of|for) (?:the )?{name}"
    return bool(re.search(words, _plain(text), re.IGNORECASE))


def _plain(text: str) -> str:
    text = simplified(narrow(text[:MAX_CHARACTERS])).replace("_", " ")
    return " ".join(text.split())


def _other_level(words: str) -> str:
    """Return a level other than 100, as in `2010=1`."""
    match = re.search(r"(?<![0-9])(10*)(?:\.0+)?$", words)
    return f"={match[1]}" if match and match[1] != "100" else ""


def _canonical(base: str) -> str:
    base = base.casefold().strip(" 以按")
    if re.fullmatch(_YEAR_BEFORE, base):
        return "preceding year"
    if match := re.fullmatch(rf"(?:index|指数)?\s*({_YEAR})", base):
        return match[1].removeprefix("fy").strip().removesuffix("年")
    return base
