"""Units and indicators of the catalog, found by code or name."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq
from rapidfuzz import fuzz, process

from credit_indices.ingest import countries
from credit_indices.ingest.cell_text import name_key, narrow
from credit_indices.ingest.limits import IngestError, listed, shown
from credit_indices.pipeline import input_files

SEEDS = Path(__file__).parents[3] / "seeds" / "catalog"
COLUMNS = {
    "units": ("unit_id", "name_en", "name_zh"),
    "indicators": ("indicator_code", "name_en", "name_zh", "unit"),
}
MAX_SUGGESTED = 100
"""Limit of unknown labels of a table for which similar names are sought."""
_SHORT = re.compile(r"(.{2,}?)(?:(?:壮族|回族|维吾尔)?自治区|特别行政区|省|市)")
_SHORT_EN = re.compile(
    r"(.+?) (province|municipality|city|(?:(?:zhuang|hui|uyg?hur) )?autonomous region)"
)
_KINDS = {"province": "省", "municipality": "市", "city": "市"}
_OTHER_NAMES = {"nei mongol": "inner mongolia", "neimenggu": "inner mongolia", "xizang": "tibet"}
"""GB/T 2260 names in Latin letters that differ from the usual English names."""


@dataclass
class Indicator:
    """An indicator of the catalog."""

    code: str
    name_en: str
    name_zh: str
    measure: str

    @property
    def names(self) -> list[str]:
        """The code and the names."""
        return [name for name in (self.code, self.name_zh, self.name_en) if name]

    def __str__(self) -> str:
        """Return the code with its names and its unit of measurement, for messages."""
        names = " / ".join(self.names[1:])
        return f"{self.code} ({names}; {self.measure})" if names else self.code


@dataclass
class Catalog:
    """Units and indicators, and the files they were read from."""

    indicators: dict[str, Indicator]
    units: dict[str, tuple[str, str]]
    places: dict[str, str]
    _by_name: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_full_name: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_short_name: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_bare_code: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_folded_id: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_country: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for code, indicator in self.indicators.items():
            self._by_bare_code[_bare_code(code)].add(code)
            for name in indicator.names:
                if name_key(name):
                    self._by_name[name_key(name)].add(code)
        for unit, country in _countries(self.units).items():
            self._by_country[country].add(unit)
        for unit, names in self.units.items():
            self._by_folded_id[unit.casefold()].add(unit)
            for name in filter(None, map(name_key, names)):
                self._by_full_name[name].add(unit)
                if short := _SHORT.fullmatch(name):
                    self._by_short_name[short[1]].add(unit)

    def indicator(self, name: str) -> Indicator | None:
        """Return the only indicator with this code or name, ignoring differences of spelling.

        In codes, points, hyphens and underscores are equal: statistical programs write
        ic_crd_prvt_zs for IC.CRD.PRVT.ZS.
        """
        found = self._by_name.get(name_key(name), set())
        if not found and re.fullmatch(r"[\w.-]+", name_key(name)):
            found = self._by_bare_code.get(_bare_code(name), set())
        return self.indicators[next(iter(found))] if len(found) == 1 else None

    def similar_indicators(self, name: str) -> list[str]:
        """Return up to three indicators with similar names, as suggestions for the user."""
        found = _similar(name, self._by_name, 55)
        return [str(self.indicators[code]) for code in list(dict.fromkeys(found))[:3]]

    def similar_units(self, name: str) -> list[str]:
        """Return up to three units with similar names, as suggestions for the user."""
        found = list(dict.fromkeys(_similar(name, self._by_full_name, 70)))[:3]
        return [f"{unit} ({', '.join(filter(None, self.units[unit]))})" for unit in found]

    def find_units(self, texts: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Find the units that the labels of one table name.

        A label may be a code (also with the zeros of GB/T 2260, or in other letter case), a full
        name, a Chinese name without its 省, 市 or 自治区, or an English one with Province,
        Municipality and the like. If it names several units (吉林 is a province and a city), the
        unit is chosen whose code is as long as the codes of all unambiguous labels, since a table
        lists units of one level. If the units are countries, the label may also be a code or
        another name of a country. Two-letter codes count only if all such labels are country codes,
        since codes of states look alike.

        Args:
            texts: the labels.

        Returns:
            The unit_id by label, and by every other label the reason why it has none.

        """
        candidates = self.candidates_of_labels(texts)
        lengths = {len(next(iter(found))) for found in candidates.values() if len(found) == 1}
        units, reasons = {}, {}
        for text, found in candidates.items():
            if len(found) > 1 and len(lengths) == 1:
                found = {unit for unit in found if len(unit) in lengths} or found
            if len(found) == 1:
                units[text] = next(iter(found))
            else:
                is_unknown = not found and bool(text.strip())
                is_suggested = is_unknown and len(reasons) < MAX_SUGGESTED
                similar = self.similar_units(text) if is_suggested else []
                reasons[text] = _why_no_unit(text, found, similar, self.places["units"])
        return units, reasons

    def candidates_of_labels(self, texts: Iterable[str]) -> dict[str, set[str]]:
        """Return, by label, all units that the labels of one table may name.

        These are `label_candidates`, and countries by their two-letter codes.
        """
        found = {text: self.label_candidates(text) for text in dict.fromkeys(texts)}
        short = [text for text in found if re.fullmatch("[A-Za-z]{2}", narrow(text))]
        if all(found[text] or countries.by_code(text) for text in short):
            for text in short:
                found[text] |= self._by_country.get(countries.by_code(text) or "", set())
        return found

    def label_candidates(self, text: str) -> set[str]:
        """Return all units that a label in a column of units may name.

        In addition to `candidates`: a unit_id in other letter case, and three-letter country codes.
        """
        if found := self.candidates(text):
            return found
        found = self._by_folded_id.get(narrow(text).casefold(), set())
        if len(found) == 1:
            return set(found)
        if re.fullmatch("[A-Za-z]{3}", narrow(text)):
            return set(self._by_country.get(countries.by_code(text) or "", ()))
        return set()

    def is_by_country(self, label: str, unit: str) -> bool:
        """Return whether a label matches a unit only because both name one country."""
        return (
            unit not in self.candidates_by_own_names(label)
            and narrow(label).casefold() != unit.casefold()
        )

    def candidates(self, text: str) -> set[str]:
        """Return all units that a text, such as a label or a title, may name."""
        if found := self.candidates_by_own_names(text):
            return found
        return set(self._by_country.get(countries.by_name(text) or "", ()))

    def candidates_by_own_names(self, text: str) -> set[str]:
        """Return the units whose code or name in the catalog is in the text."""
        code = narrow(text).removesuffix(".0")
        if code in self.units:
            return {code}
        if re.fullmatch("[0-9]{6}", code):  # GB/T 2260: 130000 is 13, 130100 is 1301
            code = re.sub("(?:00){1,2}$", "", code)
            return {code} & self.units.keys()
        key = name_key(text)
        name = _OTHER_NAMES.get(key, key)
        if found := self._by_full_name.get(name) or self._by_short_name.get(name):
            return found
        if match := _SHORT_EN.fullmatch(key):  # Jilin Province is not a city
            name, kind = _OTHER_NAMES.get(match[1], match[1]), _KINDS.get(match[2], "自治区")
            found = self._by_full_name.get(name, set())
            return {unit for unit in found if self.units[unit][1].endswith(kind)}
        if match := re.fullmatch(r"([^\x00-\x7f]+)[ /]*([a-z][\x00-\x7f]*)", key):  # 北京 Beijing
            return self.candidates(match[1]) & self.candidates(match[2])
        if match := re.fullmatch(r"([A-Za-z0-9_]+): (\S.*)", narrow(text)):  # DEU: Germany
            found, named = self.candidates(match[1]), self.candidates(match[2])
            return found & named if found and named else found
        return set()


def _why_no_unit(text: str, found: set[str], similar: list[str], place: str) -> str:
    """Return why a label names no unit, or none of several."""
    if found:
        return (
            f"{shown(text)} is the name of several units: {', '.join(sorted(found))}. State which "
            "in units: of mapping.yml."
        )
    if not text.strip():
        return "the unit is missing."
    hint = f" Is it {', or '.join(similar)}?" if similar else ""
    return (
        f"{shown(text)} is not a unit of {place}.{hint} Map it to a unit_id or to ignore in units: "
        "of mapping.yml; unknown_units: ignore there ignores all labels that are not units."
    )


def _bare_code(code: str) -> str:
    return re.sub("[.-]", "_", name_key(code))


def _countries(units: dict[str, tuple[str, str]]) -> dict[str, str]:
    """Return the country of each unit; empty if most units are not countries.

    A unit is the country of its name or of its three-letter code, unless the two differ. Two-letter
    codes are not evidence: CA is California in a list of states.
    """
    found: dict[str, str] = {}
    if len(units) > 2 * countries.MOST:
        return found
    for unit, names in units.items():
        of_names = {countries.by_name(name, ambiguous=True) for name in names if name} - {None}
        of_code = countries.by_code(unit) if len(unit) == 3 else None
        meant = of_names | ({of_code} - {None})
        if len(meant) == 1:
            found[unit] = meant.pop()
    return found if 2 * len(found) >= len(units) else {}


def _similar(name: str, known: dict[str, set[str]], cutoff: int) -> Iterable[str]:
    """Yield the codes of the most similar names, best first; ties in the order of the names."""
    found = process.extract(
        name_key(name)[:200], sorted(known), scorer=fuzz.WRatio, limit=8, score_cutoff=cutoff
    )
    return (code for key, _, _ in found for code in sorted(known[key]))


def read_catalog(data_dir: Path) -> Catalog:
    """Read units and indicators from the data folder, or from the project if the folder has none.

    Raises:
        IngestError: a table in the folder is faulty.

    """
    tables, places = {}, {}
    for table, columns in COLUMNS.items():
        found = input_files.InputFile(table)
        if data_dir.is_dir():
            found = input_files.inspect_table(str(data_dir), table, columns)
        places[table] = str(data_dir / (found.source_file or ""))
        if found.file_format is None and not found.faults:
            found = input_files.inspect_table(str(SEEDS), table, columns)
            places[table] = "the project's catalog"
        faults = [
            f"{places[table]}: {fault.column_name or ''} {fault.reason}"
            for fault in found.faults
            if fault.severity == "error"
        ]
        if faults:
            raise IngestError(f"The catalog is not valid; nothing was read.\n{listed(faults)}")
        tables[table] = _read(found, columns)
        repeated = [key for key, n in Counter(row[0] for row in tables[table]).items() if n > 1]
        if repeated:
            raise IngestError(
                f"{places[table]} has {COLUMNS[table][0]} {shown(repeated[0])} twice; nothing was "
                "read. Keep one of the rows."
            )
    return Catalog(
        {row[0]: Indicator(*row) for row in tables["indicators"]},
        {unit: (name_en, name_zh) for unit, name_en, name_zh in tables["units"]},
        places,
    )


def _read(file: input_files.InputFile, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    if file.file_format == "parquet":
        table = pq.read_table(file.path, columns=list(columns)).to_pylist()
    else:
        with open(file.path, encoding="utf-8-sig", newline="") as stream:
            table = [row for row in csv.DictReader(stream)]
    return [tuple("" if row[c] is None else str(row[c]) for c in columns) for row in table]
