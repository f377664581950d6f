"""COINr's iData: `uName, uCode, Time`, columns of groups, and a column per indicator."""

import re

from credit_indices.ingest.cell_text import is_numeric, name_key
from credit_indices.ingest.exports.export import Export
from credit_indices.ingest.sheets import Sheet

_GROUP = re.compile("^group_|_group$|^group$|^region$")


def indicator_data(sheet: Sheet) -> Export | None:
    """Recognise iData. Without a column Time it is pending until the user states its year."""
    names = [name_key(text) for text in sheet.rows[0]] if sheet.rows else []
    if "ucode" not in names or not {"uname", "time"} & {*names}:
        return None
    groups = frozenset(
        column
        for column, name in enumerate(names)
        if _GROUP.search(name)
        and not any(is_numeric(sheet.text(row, column)) for row in range(1, len(sheet.rows)))
    )
    units = tuple(names.index(name) for name in ("ucode", "uname") if name in names)
    year = names.index("time") if "time" in names else None
    return Export("wide", 0, units, year=year, columns=groups)


FORMATS = {"coinr": indicator_data}
