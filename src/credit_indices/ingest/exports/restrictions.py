"""SDMX dimensions whose only value restricts the series to a part or to another quantity.

A file with `SEX F` in all rows covers women only, one with `PRICE_BASE L` volumes. Only totals, and
restrictions that the indicator's own name states, are values of the indicator.
"""

import functools
import re

from credit_indices.ingest.cell_text import name_key

STATUS = ("obs_status", "obs_flag", "flag codes", "flags")
_TOTALS = {
    "", "_t", "t", "tot", "total", "totals", "_z", "all", "_o_t", "not applicable", "na", "n/a",
    "nap", "none", "_na", "all ages", "all values",
}  # fmt: skip
_KINDS = {
    "sex": r"sex|gender|sexe|sex_.*|.*_sex",
    "age": r"age|ages|age_?(?:group|class|cat).*|age_.*|classif_?[0-9]?_?age",
    "place": (
        r"deg_?urb|(?:de)?urbani[sz]ation.*|residence.*|location_type|urban_rural|rural_urban"
        r"|terrtypo|area_type|settlement.*"
    ),
    "education": r"isced.*|educ.*|edu_.*",
    "prices": r"price_?base|prices?|price_type",
    "base": (r"base_?per(?:iod)?|base_?year|ref(?:erence)?_?period(?:_code)?|ref_year_price"),
    "adjustment": r"adjustment|s_?adj|seasonal_?adj.*|adjust.*",
    "change": r".*transform.*",
    "other": (
        r"citizen.*|c_birth|nationality|isco.*|occupation.*|nace.*|isic.*|activity|econ.*_activity"
        r"|ind_type|.*quantile.*|.*quintile.*|quant_.*|disab.*|lev_limit|hhtyp|hhcomp|marital.*"
        r"|marsta|size_?emp.*|sizeclas|composite_breakdown|breakdown.*|wstatus|worktime"
    ),
}
_OWN_TOTALS = {
    "sex": {
        "b",
        "mf",
        "bth",
        "btsx",
        "sex_btsx",
        "both",
        "both sexes",
        "sex_t",
        "mw",
        "persons",
        "t",
    },
    "age": {"y_ge0", "y_ge15", "y15t", "y0t", "ages_tot", "age_total", "y_tot"},
    "place": {"rt", "national", "all areas"},
    "prices": {"v", "cp", "current prices", "current", "_v"},
    "adjustment": {"n", "nsa", "y0", "neither", "unadjusted", "_n"},
    "change": {"n", "la", "lr", "level", "levels"},
    "other": {"ind_total", "_t"},
}
_TOTAL_LABEL = re.compile(
    r"(?:total|all|both sexes|all ages.*|current prices|not applicable|neither .*adjusted.*"
    r"|(?:not|un)[ -]?(?:seasonally )?adjusted.*|non[- ]?seasonally adjusted.*"
    r"|all (?:individuals|persons)|men ?(?:and|\+) ?women)"
    r"|total\b(?! (?:excl|without|less|except))[^0-9]*"
)
_SAID = {
    "sex": {
        "f": r"\b(?:females?|women|girls)\b|女", "w": r"\b(?:females?|women|girls)\b|女",
        "m": r"\b(?:males?|men|boys)\b|男", "female": r"\bwomen\b|女", "male": r"\bmen\b|男",
    },
    "place": {"u": r"\burban\b|城", "r": r"\brural\b|农村|乡村"},
}  # fmt: skip
_CONSTANT = re.compile(
    r"\b(?:constant|real|volumes?|chain(?:ed)?|deflated)\b|不变价|可比价", re.IGNORECASE
)
_ADJUSTED = re.compile(r"\badjusted\b|季节", re.IGNORECASE)
_MISSING = {"m", "l", "o", "q", "h"}
"""Codes of CL_OBS_STATUS for missing values: cannot exist, not collected, suppressed, holiday."""
_MISSING_LABEL = re.compile(r"\bmissing\b|\bnot (?:available|applicable|collected)\b|缺失")


def kind_of(name: str) -> str:
    """Return the kind of part that the name of a dimension indicates, or ''."""
    name = re.sub(r" [0-9]+$", "", name_key(name)).replace(" ", "_")
    return next((kind for kind, words in _KINDS.items() if re.fullmatch(words, name)), "")


def is_part(dimension: str, code: str, label: str, own: str) -> bool:
    """Return whether a value of a dimension restricts to a part, or makes another quantity.

    Args:
        dimension: the name of the dimension.
        code: the value.
        label: the value in words, '' if the file has none.
        own: the names of the indicator and its unit of measurement, which may state the same.

    """
    kind = kind_of(dimension)
    code, label, own = name_key(code), name_key(label), name_key(own).replace("_", " ")
    if not kind or code in _TOTALS | _OWN_TOTALS.get(kind, set()):
        return False
    if _TOTAL_LABEL.fullmatch(label or code):
        return False
    if kind == "base" and not re.search("[0-9]{4}|=", f"{code} {label}"):
        return False  # no base stated
    return not _is_said(kind, code, label, own)


def _is_said(kind: str, code: str, label: str, own: str) -> bool:
    """Return whether the name of an indicator states the value of a dimension."""
    if any(re.search(rf"(?<!\w){re.escape(it)}(?!\w)", own) for it in (label, code) if it[1:]):
        return True
    if word := _SAID.get(kind, {}).get(code.removeprefix("sex_")):
        return bool(re.search(word, own))
    if kind == "base" and _CONSTANT.search(own) and not re.search("(?:19|20)[0-9]{2}", own):
        return True  # constant prices without a year
    if kind in ("age", "base", "education"):
        numbers = re.findall("[0-9]+", code)
        return bool(numbers) and {*numbers} <= {*re.findall("[0-9]+", own)}
    if kind == "prices":
        return bool(_CONSTANT.search(own))
    return kind == "adjustment" and bool(_ADJUSTED.search(own))


@functools.lru_cache(maxsize=4096)
def is_missing_flag(code: str, label: str = "") -> bool:
    """Return whether a flag marks a value as missing; its label takes precedence over its code."""
    if label.strip():
        return bool(_MISSING_LABEL.search(name_key(label)))
    return name_key(code) in _MISSING or bool(_MISSING_LABEL.search(name_key(code)))
