r"""Eurostat's TSV: comma-separated keys in the first cell, values with flags beside them.

The download of a dataset as TSV, `freq,unit,geo\TIME_PERIOD<tab>2019 <tab>2020`, and the older one
of the bulk facility, `unit,geo\time`. A cell is `12.3`, `12.3 b`, `12.3 bu`, `:` or `: c`.
"""

import re

from credit_indices.ingest.sheets import Sheet

_KEYS = re.compile(r"\s*[A-Za-z][A-Za-z0-9_]*(?:\s*,\s*[A-Za-z][A-Za-z0-9_]*)*\\[A-Za-z_]+\s*")
_FLAGGED = re.compile(r"\s*(:|[+-]?[0-9][0-9.,]*(?:[eE][+-]?[0-9]+)?)\s*([a-z]{1,4})\s*")


def unpacked(sheet: Sheet) -> Sheet:
    r"""Return a sheet with a column per key, and with its flags apart; other sheets unchanged.

    The column of the units keeps its name, `geo\TIME_PERIOD`. A row whose number of keys differs
    from the header's keeps them in its first cell, so that its unit is missing.
    """
    head = sheet.text(0, 0)
    is_plain = not (
        sheet.uncomputed or sheet.merged or sheet.scaled or sheet.across or sheet.blocks
    )
    if not (_KEYS.fullmatch(head) and is_plain):
        return sheet
    number = head.count(",") + 1
    for row, cells in enumerate(sheet.rows):
        if not cells:
            continue
        keys = [key.strip() for key in cells[0].split(",")]
        if len(keys) != number:
            keys = [cells[0], *[""] * (number - 1)]
        for column, text in enumerate(cells[1:], start=number):
            if row and (match := _FLAGGED.fullmatch(text)):
                cells[column - number + 1] = match[1]
                sheet.flags[row, column] = match[2]
        sheet.rows[row] = [*keys, *cells[1:]]
    sheet.lengths = [length + number - 1 for length in sheet.lengths]
    return sheet
