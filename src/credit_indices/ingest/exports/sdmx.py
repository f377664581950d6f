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
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath

from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cell_text import is_missing, is_number, is_year, name_key, number
from credit_indices.ingest.exports import restrictions
from credit_indices.ingest.exports.export import Export, Named, headers
from credit_indices.ingest.exports.statistics import power_of
from credit_indices.ingest.limits import shown
from credit_indices.ingest.reading_plan import IGNORE, ReadingPlan
from credit_indices.ingest.sheets import Sheet, column_letters

AREAS = ("ref_area", "geo", "location", "cou", "country", "reporter", "area")
TIMES = ("time_period", "time")
VALUES = ("obs_value", "value")
FLAGS = ("obs_status", "obs_flag", "flag codes", "flags", "conf_status", "obs_conf")
UNITS = ("unit_measure", "unit", "unit code")
SCALES = ("unit_mult", "powercode code", "powercode", "scale")
FREQUENCIES = ("freq", "frequency")
ANNUAL = {"a", "a1", "p1y", "annual", "annually", "yearly"}
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
_AS_THEY_ARE = {"", "n", "_z", "_t", "la", "lr"}
_CHANGED = re.compile(
    r"\b(?:growth|changes?|per (?:capita|head|person|inhabitant))\b|增长|同比|人均", re.IGNORECASE
)
LAST_ACTUAL = ("latest_actual_annual_data",)
COARSER = ("country", "region", "continent", "territorial_level", "tl")
_CODE = re.compile(
    r"[A-Z][A-Z0-9_]*(?:\.ID)?(?:\[.*\])?|[a-z][a-z0-9_]*(?:\\[A-Za-z_]+)?|.+ [Cc]odes?"
)
_BOTH = re.compile(r"([A-Za-z0-9_.+-]+): (.+)")
_DATAFLOW = re.compile(r"(?:.*:)?([^:()]+?)(?:\([0-9.+]*\))?")
MISSING_STATUS = {"", "a", "normal value", "normal"}


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


def _columns(sheet: Sheet, row: int) -> Columns:
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


def table(sheet: Sheet) -> Export | None:
    """Recognise a table of SDMX, long or with the years across."""
    for row, names in headers(sheet):
        if not _may_be(names):
            continue
        columns = _columns(sheet, row)
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


def _export(
    columns: Columns, areas: tuple[int, ...], times: tuple[int, ...], values: tuple[int, ...]
) -> Export:
    header = columns.header
    scales = columns.group(*SCALES)
    if scales and not all(power_of(text) is not None for text in _distinct(columns, scales[0])):
        is_scale = any(name in columns.groups for name in SCALES[:3])
        scales = scales if is_scale else ()  # SCALE of a survey is a dimension
    units = columns.group(*UNITS)
    known = {*areas, *times, *values, *scales, *units}
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
    datasets = [dimensions[name] for name in DATASETS if name in dimensions]
    usual = [dimensions[name] for name in INDICATORS if name in dimensions]
    usual += [g for name, g in dimensions.items() if name.startswith("indic") and g not in usual]
    others = [g for g in dimensions.values() if g not in [*datasets, *usual]]
    ordered = [*usual, *others, *datasets]
    measure = dimensions.get("measure", ())
    reader = _Reader(columns, units, scales, dimensions, frequency, flags)
    common = {
        "units": areas,
        "lines": frozenset(),
        "columns": frozenset(column for group in columns.groups.values() for column in group)
        - {*times[:1], *values[:1]},
        "scale": scales[0] if scales else None,
        "measure": units[0] if units else None,
        "of_row": reader.named,
        "find_ambiguities": reader.find_ambiguities,
        "beside": columns.of,
        "is_absent": reader.is_absent,
        "notes": reader.notes,
        "aggregates": _aggregates(columns, areas),
        "last_actual": reader.last_actual(columns.group(*LAST_ACTUAL)),
    }
    if not ordered:
        common |= {"measure": None, "scale": None, "is_named_by_file": True, "of_row": None}
        named = reader.of_file()
        if not values:
            return Export("years_across", header, series={None: named} if named else {}, **common)
        return Export(
            "wide", header, year=times[0], series={values[0]: named} if named else {}, **common
        )
    common |= {
        "indicators": tuple(column for group in ordered for column in group),
        "default_indicator": ordered[0][0],
        "measure_if_free": measure if not units and len(usual) > 1 else (),
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


def _distinct(columns: Columns, column: int) -> set[str]:
    rows = range(columns.header + 1, len(columns.sheet.rows))
    return {columns.text(row, column) for row in rows}


@dataclass
class _Reader:
    """Reads and checks the rows of a table for a plan."""

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

    def named(self, row: int, column: int) -> Named:
        """Return the description of a row's series if this column names the indicator."""
        group = self.columns.of(column)
        texts = self.columns.texts(row, group)
        if group in [self.dimensions.get(name) for name in DATASETS] and texts:
            code = _DATAFLOW.fullmatch(texts[0])
            texts = (*texts, *((code[1], code[1].rpartition("@")[2]) if code else ()))
        return self._named(row, tuple(filter(None, dict.fromkeys(texts))), group)

    def _named(self, row: int, names: tuple[str, ...], group: tuple[int, ...]) -> Named:
        units = self.units
        if not units and (measure := self.dimensions.get("measure")) and measure != group:
            units = measure if self._has_another(group) else ()
        power = power_of(self.columns.text(row, self.scales[0])) if self.scales else 0
        stated = tuple(filter(None, self.columns.texts(row, units))) if units else ()
        stated = tuple(text for text in stated if name_key(text) not in ("_z", "not applicable"))
        return Named(names, "", stated, power, is_in_name=False)

    def _has_another(self, group: tuple[int, ...]) -> bool:
        return any(self.dimensions.get(name) == group for name in INDICATORS if name != "measure")

    def of_file(self) -> Named | None:
        """Return the description of the only series of a table without dimensions."""
        rows = self.rows
        sheet = self.columns.sheet
        names = tuple(filter(None, (sheet.name, PurePosixPath(sheet.file).stem)))
        return self._named(rows[0], names, ()) if rows else None

    def find_ambiguities(self, plan: ReadingPlan, catalog: Catalog) -> Iterator[str]:
        """Yield dimensions with several values for one indicator, or whose only value is a part."""
        columns, sheet = self.columns, self.columns.sheet
        decided = {name_key(s.name): s.indicator for s in plan.series}
        by_column = {s.column: s.indicator for s in plan.series if s.column is not None}
        own = columns.of(plan.indicator_column)
        frequencies = {
            text
            for row in self.rows
            for text in columns.texts(row, self.frequency)[:1]
            if name_key(text) not in ANNUAL | {""}
        }
        if frequencies:
            yield (
                f"{columns.name(self.frequency)} is {_listed(frequencies)}, but one value a year "
                "is due"
            )
        yield from self._other_values(plan)
        yield from self._transformed(plan)
        yield from self._parts(plan, catalog)
        keys: dict[int, tuple[str, str, str]] = {}
        for row in self.rows:
            if plan.layout == "wide":
                code = next(iter(by_column.values()), "")
            elif plan.indicator_column is None:
                code = plan.series[0].indicator if plan.series else ""
            else:
                code = decided.get(name_key(plan.series_name(sheet, row)), "")
            unit = sheet.label(row, plan.unit_column) if plan.unit_column is not None else ""
            period = sheet.label(row, plan.year_column) if plan.year_column is not None else ""
            if code not in ("", IGNORE):
                keys[row] = (code, unit.strip(), period.strip())
        actions = columns.group("action")
        if actions and not _distinct(columns, actions[0]) <= {"", "I", "A", "R", "M"}:
            yield f"{columns.name(actions)} marks rows for deletion"
        groups = {name: group for name, group in self.dimensions.items() if group != own}
        is_read = {plan.measure_column, plan.scale_column}
        for group in (self.units, self.scales):
            if group and group[0] not in is_read:
                groups[columns.name(group)] = group
        for name, group in groups.items():
            if group[0] in is_read:
                continue
            yield from self._varying(name, group, keys)

    def _other_values(self, plan: ReadingPlan) -> Iterator[str]:
        """Yield an ambiguity if a column of labels beside the values holds other values."""
        sheet = self.columns.sheet
        for column in self.columns.of(plan.value_column)[1:]:
            for row in self.rows:
                text, own = sheet.text(row, column), sheet.text(row, plan.value_column or 0)
                if is_number(text) and is_number(own) and number(text)[0] != number(own)[0]:
                    yield (
                        f"row {row + 1} has {shown(own)} and {shown(text)} as its value, in two "
                        "columns"
                    )
                    return

    def _transformed(self, plan: ReadingPlan) -> Iterator[str]:
        """Yield dimensions that mark all values as growth, or per head."""
        own = self.columns.of(plan.indicator_column)
        for name, group in self.dimensions.items():
            if group == own or group[0] == plan.measure_column:
                continue
            for row in self.rows:
                texts = self.columns.texts(row, group)
                code, label = texts[0], " ".join(texts[1:] or texts)
                is_other = name.startswith("transform") and name_key(code) not in _AS_THEY_ARE
                if is_other or _CHANGED.search(label):
                    said = f"{code} ({label})" if len(texts) > 1 and label else code
                    yield f"{self.columns.name(group)} marks the values as {shown(said)}"
                    break

    def _parts(self, plan: ReadingPlan, catalog: Catalog) -> Iterator[str]:
        """Yield dimensions whose only value restricts the values of an indicator to a part."""
        columns, own = self.columns, self.columns.of(plan.indicator_column)
        decided = {name_key(s.name): s for s in plan.series if s.indicator not in ("", IGNORE)}
        is_named = plan.layout != "wide" and plan.indicator_column is not None
        by_name: dict[str, list[int]] = defaultdict(list)
        for row in self.rows:
            by_name[plan.series_name(columns.sheet, row) if is_named else ""].append(row)
        first = next(iter(decided.values()), None)
        for name, group in self.dimensions.items():
            if group == own or group[0] in (plan.measure_column, plan.scale_column):
                continue
            reported = set()
            for called, rows in by_name.items():
                series = decided.get(name_key(called)) if is_named else first
                if decided and series is None:
                    continue  # this series is pending, others are read
                texts = {columns.texts(row, group) for row in rows}
                if len({it[0] for it in texts if it}) != 1:
                    continue  # several, see _varying
                said = max(texts, key=len)
                indicator = catalog.indicators[series.indicator] if series else None
                names = (*indicator.names, indicator.measure) if indicator else (called,)
                is_part = restrictions.is_part(name, said[0], " ".join(said[1:]), " ".join(names))
                if not is_part or said in reported:
                    continue
                reported.add(said)
                label = f"{said[0]} ({said[1]})" if len(said) > 1 and said[1] else said[0]
                such = f" (such as {shown(called, 40)})" if called else ""
                yield (
                    f"{columns.name(group)} with {shown(label)} in all rows of an indicator{such} "
                    "may mean that its values cover only a part, or another quantity"
                )

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

    def _varying(
        self, name: str, group: tuple[int, ...], keys: dict[int, tuple[str, str, str]]
    ) -> Iterator[str]:
        """Yield an ambiguity if a dimension has several values for one indicator."""
        by_code: dict[str, set[str]] = defaultdict(set)
        by_unit: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row, (code, unit, _) in keys.items():
            text = self.columns.text(row, group[0])
            by_code[code].add(text)
            by_unit[code, unit].add(text)
        code = next((code for code, texts in by_code.items() if len(texts) > 1), None)
        if code is None:
            return
        is_within = any(len(texts) > 1 for (c, _), texts in by_unit.items() if c == code)
        if not is_within and name in COARSER:
            return
        texts = _listed(by_code[code])
        where = "one unit" if is_within else "different units"
        yield (
            f"{self.columns.name(group)} has {len(by_code[code])} values in the rows of {code}, "
            f"for {where}: {texts}. Keep the rows of one of them"
        )

    def notes(self, plan: ReadingPlan) -> Iterator[str]:
        """Yield the dimensions with one value, and the flags with their counts."""
        columns, sheet = self.columns, self.columns.sheet
        rows = self.rows
        constant = []
        for group in [*self.dimensions.values(), self.frequency]:
            if not group or group == columns.of(plan.indicator_column):
                continue
            found = {columns.texts(row, group) for row in rows}
            if len(found) == 1 and any(texts := next(iter(found))):
                name = sheet.text(columns.header, group[0]).strip()
                label = f" ({texts[1]})" if len(texts) > 1 and texts[1] else ""
                constant.append(f"{name} {texts[0]}{label}")
        if constant:
            yield f"all rows have {', '.join(constant)}."
        counts: dict[str, Counter] = defaultdict(Counter)
        absent = 0
        for row in rows:
            column = plan.value_column
            if column is not None and is_missing(sheet.text(row, column)):
                continue
            if column is not None and self.is_absent(row, column):
                absent += 1
                continue
            for group in self.flags:
                texts = columns.texts(row, group)
                if texts and name_key(texts[0]) not in MISSING_STATUS:
                    label = f" ({texts[1]})" if len(texts) > 1 and texts[1] else ""
                    counts[sheet.text(columns.header, group[0]).strip()][texts[0] + label] += 1
        for place, flag in sheet.flags.items():
            if is_missing(sheet.text(*place)):
                continue
            if restrictions.is_missing_flag(flag):
                absent += 1
            else:
                counts["flag"][flag] += 1
        if absent:
            yield f"{absent} value(s) are flagged as missing and treated as missing."
        for name, found in counts.items():
            said = ", ".join(f"{flag}: {n} value(s)" for flag, n in sorted(found.items()))
            yield f"{name}: {said}. The values are read unchanged."

    def last_actual(self, group: tuple[int, ...]) -> Callable[[int], int | None] | None:
        """Return a function from row to the last year that is not a projection."""
        return partial(self._last_actual, group[0]) if group else None

    def _last_actual(self, column: int, row: int) -> int | None:
        return last_actual(self.columns.text(row, column))


def last_actual(text: str) -> int | None:
    """Return the last actual year: `2023`, `FY2023/24` is 2023; None if none is stated."""
    match = re.search(r"(?:19|20)[0-9]{2}", text)
    return int(match[0]) if match else None


def _listed(texts: set[str]) -> str:
    found = sorted(shown(text, 30) for text in texts)
    return ", ".join(found[:4]) + (" ..." if len(found) > 4 else "")


FORMATS = {"sdmx": table}
