"""Our World in Data: `Entity, Code, Year` and a column per indicator.

Groups of countries have no code, or one that begins with OWID_; they are aggregates.
"""

import re

from credit_indices.ingest.cell_text import name_key
from credit_indices.ingest.exports.export import Export, headers
from credit_indices.ingest.sheets import Sheet

_BESIDE = re.compile("^(?:world regions?|continent|annotations?)\\b|annotations?$|owid_region")
_GROUPS = (
    "AFR", "ASI", "EUR", "NAM", "SAM", "OCE", "EUN", "EU27", "WRL", "HIC", "UMC", "LMC", "LIC",
    "INT", "KYOTO", "ASEAN", "CIS", "OECD", "G20",
)  # fmt: skip


def entities(sheet: Sheet) -> Export | None:
    """Recognise a table of Our World in Data."""
    for row, names in headers(sheet):
        if names[:3] != ["entity", "code", "year"] or len(names) < 4:
            continue
        aggregates = {}
        for cells in sheet.rows[row + 1 :]:
            entity, code = (cells[0].strip(), cells[1].strip()) if len(cells) > 1 else ("", "")
            if entity and (not code or code.removeprefix("OWID_") in _GROUPS):
                aggregates |= {name_key(entity): entity} | (
                    {name_key(code): entity} if code else {}
                )
        beside = frozenset(c for c, name in enumerate(names) if c > 2 and _BESIDE.search(name))
        return Export("wide", row, (1, 0), year=2, columns=beside, aggregates=aggregates)
    return None


FORMATS = {"owid": entities}
