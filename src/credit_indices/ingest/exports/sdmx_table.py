"""Columns of SDMX tables, and the roles of these columns."""

import re
from dataclasses import dataclass, field

from credit_indices.ingest.cell_text import name_key
from credit_indices.ingest.exports import restrictions
from credit_indices.ingest.limits import shown
from credit_indices.ingest.sheets import Sheet, column_letters

AREAS = ("ref_area", "geo", "location", "cou", "country", "reporter", "area")
TIMES = ("time_period", "time")
VALUES = ("obs_value", "value")
FLAGS = ("obs_status", "obs_flag", "flag codes", "flags", "conf_status", "obs_conf")
UNITS = ("unit_measure", "unit", "unit code")
SCALES = ("unit_mult", "powercode code", "powercode", "scale")
FREQUENCIES = ("freq", "frequency")
INDICATORS = (
    "indicator", "indicators", "measure", "na_item", "subject", "variable", "var", "series",
    "transaction", "sts_indicator",
)  # fmt: skip
DATASETS = ("dataflow", "structure_id", "dataset")
IN_WORDS = re.compile(
    r"structure(?:\[.*\])?|structure_name|action|last[ _]update|key|series_key|series_code|decimals"
    r"|obs_measure|time_format|title(?:_.*)?|comment.*|obs_com.*|note.*|source.*|embargo.*"
    r"|publication_date|update_date|full_(?:description|source.*)|short_(?:name|source.*)|doi"
)
"""Columns that do not describe the value."""
LAST_ACTUAL = ("latest_actual_annual_data",)
_CODE = re.compile(
    r"[A-Z][A-Z0-9_]*(?:\.ID)?(?:\[.*\])?|[a-z][a-z0-9_]*(?:\\[A-Za-z_]+)?|.+ [Cc]odes?"
)
_BOTH = re.compile(r"([A-Za-z0-9_.+-]+): (.+)")


@dataclass
class Columns:
    """The columns of a table in groups: a code and the labels beside it."""

    sheet: Sheet
    header: int
    groups: dict[str, tuple[int, ...]] = field(default_factory=dict)
    is_both: bool = False

    def group(self, *names: str) -> tuple[int, ...]:
        """Return the columns of the first of these names that exists."""
        return next((self.groups[name] for name in names if name in self.groups), ())

    def of(self, column: int | None) -> tuple[int, ...]:
        """Return the group of a column."""
        return next((group for group in self.groups.values() if column in group), ())

    def text(self, row: int, column: int) -> str:
        """Return the content of a cell; the code alone if it has a label too."""
        text = self.sheet.label(row, column).strip()
        return text.partition(": ")[0] if self.is_both and _BOTH.fullmatch(text) else text

    def texts(self, row: int, group: tuple[int, ...]) -> tuple[str, ...]:
        """Return the code and the labels of a group in a row."""
        found = [self.sheet.label(row, column).strip() for column in group]
        if self.is_both and found and (match := _BOTH.fullmatch(found[0])):
            return match[1], match[2], *found[1:]
        return tuple(found)

    def name(self, group: tuple[int, ...]) -> str:
        """Return a group as messages name it."""
        text = self.sheet.text(self.header, group[0]).strip()
        return f"column {column_letters(group[0])} {shown(text)}"


def group_columns(sheet: Sheet, row: int) -> Columns:
    """Group the columns of a header by the names of their codes."""
    cells = [text.strip() for text in sheet.rows[row]]
    is_both = sum(": " in text for text in cells) >= 2
    columns = Columns(sheet, row, is_both=is_both)
    last = ""
    for column, text in enumerate(cells):
        code = text.partition(": ")[0] if is_both else text
        name = re.sub(r"\\.*|\[.*\]", "", name_key(code))
        is_pair = last == f"{name}.id" or (last.endswith(" code") and last[:-5] == name)
        is_own = name in (*VALUES, *FLAGS) or bool(IN_WORDS.fullmatch(name))
        is_label = not _CODE.fullmatch(code) and not is_own
        if text[:1].isdigit() or (is_label and not last):
            last = ""
        elif (is_label or is_pair) and len(columns.groups[last]) == 1:
            columns.groups[last] += (column,)
        else:
            last = name if name not in columns.groups else f"{name} {column}"
            columns.groups[last] = (column,)
    return Columns(
        sheet, row, {k.removesuffix(".id"): v for k, v in columns.groups.items()}, is_both
    )


def distinct(columns: Columns, column: int) -> set[str]:
    """Return the texts of a column below the header."""
    rows = range(columns.header + 1, len(columns.sheet.rows))
    return {columns.text(row, column) for row in rows}


@dataclass
class Table:
    """The columns of a table by their roles."""

    columns: Columns
    units: tuple[int, ...]
    scales: tuple[int, ...]
    dimensions: dict[str, tuple[int, ...]]
    frequency: tuple[int, ...]
    flags: list[tuple[int, ...]]

    @property
    def rows(self) -> list[int]:
        """The rows with content below the header."""
        sheet, header = self.columns.sheet, self.columns.header
        return [row for row in range(header + 1, len(sheet.rows)) if any(sheet.rows[row])]

    def is_absent(self, row: int, column: int) -> bool:
        """Return whether a flag marks a value as missing."""
        if restrictions.is_missing_flag(self.columns.sheet.flags.get((row, column), "")):
            return True
        names = self.columns.groups.items()
        return any(
            restrictions.is_missing_flag(texts[0], " ".join(texts[1:]))
            for name, group in names
            if name.startswith(restrictions.STATUS) and (texts := self.columns.texts(row, group))
        )
