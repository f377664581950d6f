r"""SDMX tables of OECD, Eurostat, IMF, ECB and others.

SDMX-CSV 1.0 and 2.0 (`DATAFLOW` or `STRUCTURE,STRUCTURE_ID,ACTION`, a column per dimension,
`TIME_PERIOD`, `OBS_VALUE`, attributes), without labels, with a column of labels beside each code
(`REF_AREA,Reference area`), or with both in one (`REF_AREA: Reference area`, `AUS: Australia`); the
older CSV of OECD.Stat (`LOCATION,Country,...,TIME,Value,Flag Codes`); Eurostat's TSV as
`eurostat.unpacked` leaves it; the IMF's data portal (`DATASET,SERIES_CODE,...`), long or with the
years across. After the SDMX-CSV field guide (sdmx-twg/sdmx-csv) and files of these sites.

A column is a dimension unless it is known to be something else. One dimension names the indicator;
every other one must have one value per series.
"""

import re
from collections.abc import Callable
from functools import partial
from pathlib import PurePosixPath

from credit_indices.ingest.cell_text import is_year, name_key
from credit_indices.ingest.exports import sdmx_ambiguities
from credit_indices.ingest.exports.export import Export, Named, headers
from credit_indices.ingest.exports.sdmx_table import (
    AREAS,
    DATASETS,
    FLAGS,
    FREQUENCIES,
    IN_WORDS,
    INDICATORS,
    LAST_ACTUAL,
    SCALES,
    TIMES,
    UNITS,
    VALUES,
    Columns,
    Table,
    distinct,
    group_columns,
)
from credit_indices.ingest.exports.statistics import power_of
from credit_indices.ingest.sheets import Sheet

AGGREGATES = {
    "eu": "European Union", "ea": "Euro area", "euu": "European Union", "emu": "Euro area",
    "eea": "European Economic Area", "efta": "EFTA", "oecd": "OECD", "oecde": "OECD - Europe",
    "oecdso": "OECD - South-East Europe", "g7": "G7", "g20": "G20", "w": "World", "wld": "World",
    "world": "World", "eurozone": "Euro area", "euro area": "Euro area",
    "european union": "European Union", "wxoecd": "Non-OECD economies",
}  # fmt: skip
_AGGREGATE = re.compile(
    r"(?:eu|ea|eea|eec|efta)(?:[0-9]{1,2})?(?:_[a-z0-9_]+)?|g[0-9]{2,3}|a[0-9]+m"
)
"""Codes of groups of countries: EU27_2020, EA19, EEA30_2007; G001 of the IMF; A5M of OECD."""
_DATAFLOW = re.compile(r"(?:.*:)?([^:()]+?)(?:\([0-9.+]*\))?")


def table(sheet: Sheet) -> Export | None:
    """Recognise a table of SDMX, long or with the years across."""
    for row, names in headers(sheet):
        if not _may_be(names):
            continue
        columns = group_columns(sheet, row)
        areas, times = columns.group(*AREAS), columns.group(*TIMES)
        values = columns.group(*VALUES)
        has_years = any(is_year(text) for text in sheet.rows[row])
        if areas and bool(times) != has_years and (has_years or values):
            return _export(columns, areas, times, values)
    return None


def _may_be(names: list[str]) -> bool:
    """Return whether cells are a header of SDMX, of OECD.Stat or of the IMF's portal."""
    first = {name.partition(": ")[0] for name in names}
    return (
        {"time_period", "obs_value"} <= first
        or any("\\time" in name for name in names)
        or {"dataset", "series_code"} <= first
        or ({"time", "value"} <= first and bool({"flag codes", "flags"} & first))
    )


def _scales(columns: Columns) -> tuple[int, ...]:
    """Return the columns of powers of ten."""
    scales = columns.group(*SCALES)
    if scales and not all(power_of(text) is not None for text in distinct(columns, scales[0])):
        is_scale = any(name in columns.groups for name in SCALES[:3])
        return scales if is_scale else ()  # SCALE of a survey is a dimension
    return scales


def _table(columns: Columns, known: set[int], scales: tuple[int, ...]) -> Table:
    """Return the roles of the columns; `known` are those of units, years and values."""
    units = columns.group(*UNITS)
    known = known | {*scales, *units}
    beside = {
        name: group
        for name, group in columns.groups.items()
        if not known & {*group} and not IN_WORDS.fullmatch(name)
    }
    flags = [group for name, group in beside.items() if name.startswith(FLAGS)]
    frequency = next((beside[name] for name in FREQUENCIES if name in beside), ())
    dimensions = {
        name: group
        for name, group in beside.items()
        if group not in flags and group != frequency and name not in LAST_ACTUAL
    }
    return Table(columns, units, scales, dimensions, frequency, flags)


def _indicator_groups(
    dimensions: dict[str, tuple[int, ...]],
) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """Return the dimensions that may name the indicator, likely ones first; and the usual ones."""
    datasets = [dimensions[name] for name in DATASETS if name in dimensions]
    usual = [dimensions[name] for name in INDICATORS if name in dimensions]
    usual += [g for name, g in dimensions.items() if name.startswith("indic") and g not in usual]
    others = [g for g in dimensions.values() if g not in [*datasets, *usual]]
    return [*usual, *others, *datasets], usual


def _export(
    columns: Columns, areas: tuple[int, ...], times: tuple[int, ...], values: tuple[int, ...]
) -> Export:
    """Return the export of a table whose columns of units, years and values are known."""
    header = columns.header
    table = _table(columns, {*areas, *times, *values}, _scales(columns))
    ordered, usual = _indicator_groups(table.dimensions)
    series = _Series(table)
    common = {
        "units": areas,
        "lines": frozenset(),
        "columns": frozenset(column for group in columns.groups.values() for column in group)
        - {*times[:1], *values[:1]},
        "scale": table.scales[0] if table.scales else None,
        "measure": table.units[0] if table.units else None,
        "of_row": series.named,
        "find_ambiguities": partial(sdmx_ambiguities.find, table),
        "beside": columns.of,
        "is_absent": table.is_absent,
        "notes": partial(sdmx_ambiguities.notes, table),
        "aggregates": _aggregates(columns, areas),
        "last_actual": _last_actual_of(columns),
    }
    if not ordered:
        common |= {"measure": None, "scale": None, "is_named_by_file": True, "of_row": None}
        named = series.of_file()
        if not values:
            return Export("years_across", header, series={None: named} if named else {}, **common)
        return Export(
            "wide", header, year=times[0], series={values[0]: named} if named else {}, **common
        )
    measure = table.dimensions.get("measure", ())
    common |= {
        "indicators": tuple(column for group in ordered for column in group),
        "default_indicator": ordered[0][0],
        "measure_if_free": measure if not table.units and len(usual) > 1 else (),
    }
    if not values:
        return Export("years_across", header, **common)
    return Export("long", header, year=times[0], value=values[0], **common)


def _aggregates(columns: Columns, areas: tuple[int, ...]) -> dict[str, str]:
    """Return the labels of a table that are codes or names of groups of countries."""
    found = {}
    for row in range(columns.header + 1, len(columns.sheet.rows)):
        texts = columns.texts(row, areas)
        code = name_key(texts[0])
        if code in AGGREGATES or _AGGREGATE.fullmatch(code):
            name = AGGREGATES.get(code, texts[1] if len(texts) > 1 else texts[0])
            found |= {name_key(columns.sheet.label(row, c)): name for c in areas}
    return found


def _last_actual_of(columns: Columns) -> Callable[[int], int | None] | None:
    """Return a function from row to the last year that is not a projection; None without one."""
    group = columns.group(*LAST_ACTUAL)
    return partial(_last_actual, columns, group[0]) if group else None


def _last_actual(columns: Columns, column: int, row: int) -> int | None:
    return last_actual(columns.text(row, column))


class _Series:
    """Describes the series of a table."""

    def __init__(self, table: Table) -> None:
        self._columns, self._table = table.columns, table

    def named(self, row: int, column: int) -> Named:
        """Return the description of a row's series if this column names the indicator."""
        group = self._columns.of(column)
        texts = self._columns.texts(row, group)
        if group in [self._table.dimensions.get(name) for name in DATASETS] and texts:
            code = _DATAFLOW.fullmatch(texts[0])
            texts = (*texts, *((code[1], code[1].rpartition("@")[2]) if code else ()))
        return self._named(row, tuple(filter(None, dict.fromkeys(texts))), group)

    def _named(self, row: int, names: tuple[str, ...], group: tuple[int, ...]) -> Named:
        units = self._table.units
        if not units and (measure := self._table.dimensions.get("measure")) and measure != group:
            units = measure if self._has_another(group) else ()
        power = (
            power_of(self._columns.text(row, self._table.scales[0])) if self._table.scales else 0
        )
        stated = tuple(filter(None, self._columns.texts(row, units))) if units else ()
        stated = tuple(text for text in stated if name_key(text) not in ("_z", "not applicable"))
        return Named(names, "", stated, power, is_in_name=False)

    def _has_another(self, group: tuple[int, ...]) -> bool:
        return any(
            self._table.dimensions.get(name) == group for name in INDICATORS if name != "measure"
        )

    def of_file(self) -> Named | None:
        """Return the description of the only series of a table without dimensions."""
        rows = self._table.rows
        sheet = self._columns.sheet
        names = tuple(filter(None, (sheet.name, PurePosixPath(sheet.file).stem)))
        return self._named(rows[0], names, ()) if rows else None


def last_actual(text: str) -> int | None:
    """Return the last actual year: `2023`, `FY2023/24` is 2023; None if none is stated."""
    match = re.search(r"(?:19|20)[0-9]{2}", text)
    return int(match[0]) if match else None


FORMATS = {"sdmx": table}
