"""Warn about texts whose encoding was assumed: nothing proves that they are GB18030."""

from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cell_text import is_year, name_and_measure, name_key
from credit_indices.ingest.column_names import (
    INDICATOR_WORDS,
    MEASURE_WORDS,
    UNIT_WORDS,
    YEAR_WORDS,
)
from credit_indices.ingest.sheets import Sheet

MOST_CELLS = 100_000
_WORDS = UNIT_WORDS | YEAR_WORDS | INDICATOR_WORDS | MEASURE_WORDS


def encoding_notes(found: list[Sheet]) -> list[str]:
    """Return one line for all texts that were read as GB18030 without a proof."""
    names = [it.file for it in found if it.encoding and it.encoding.is_assumed]
    if not names:
        return []
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return [
        f"{', '.join(names[:5])}{more}: read as gb18030. This encoding is assumed, since the text "
        "is not UTF-8. If names look wrong, state the encoding: --encoding big5 (make ingest "
        "ENCODING=big5)."
    ]


def encoding_ambiguities(sheet: Sheet, catalog: Catalog) -> list[str]:
    """Return an ambiguity if a text may be in another encoding and no Chinese name in it is known.

    Big5, Korean, Japanese and Latin texts often decode as GB18030, into other characters.
    """
    it = sheet.encoding
    if not it or not it.likelier or _has_known_names(sheet, catalog):
        return []
    return [
        f"the text was read as {it.name}, but looks like {it.likelier}: --encoding {it.likelier} "
        f"(make ingest ENCODING={it.likelier}), or save it as CSV UTF-8"
    ]


def _has_known_names(sheet: Sheet, catalog: Catalog) -> bool:
    """Return whether a non-ASCII text is a known name of a unit, an indicator or a column."""
    texts: dict[str, None] = {}
    cells = 0
    for row in sheet.rows:
        cells += len(row)
        texts |= dict.fromkeys(text for text in row if not text.isascii())
        if cells > MOST_CELLS:
            break
    for text in texts:
        name, _ = name_and_measure(text)
        if (
            name_key(name) in _WORDS
            or is_year(text)
            or catalog.candidates(text)
            or catalog.indicator(name)
            or catalog.indicator(text)
        ):
            return True
    return False
