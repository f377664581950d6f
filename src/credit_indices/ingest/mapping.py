"""The mapping: a YAML file that assigns columns to indicators, for the user to correct.

The loader reads texts, lists and mappings only: `NO` is a name, `011` a code, and no tag creates an
object. Anchors and aliases are refused.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from credit_indices.ingest import exports
from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cell_text import Unreadable, name_key, narrow, number, year
from credit_indices.ingest.limits import MAX_MAPPING_BYTES, IngestError, listed, shown
from credit_indices.ingest.reading_plan import (
    IGNORE,
    LAYOUTS,
    PROJECTIONS,
    ReadingPlan,
    Series,
    header,
)
from credit_indices.ingest.sheets import Sheet, column_letters, column_number

MAX_DEPTH = 8
ABOUT = """\
# How to read the files of {source}. Correct this file and run the same command again.
#
# layout     wide (a row per unit and year, a column per indicator), long (a row per value),
#            years_across (a row per unit, a column per year), or ignore. If the layout is set
#            without indicators, the next run proposes them.
# doubts     ambiguities that keep the sheet pending; if the entry is correct, remove the lines.
# indicator  a code of {indicators}; ignore; '' = not decided yet, the values are pending.
#            Suggestions have similar names; none of them is applied.
# export     the known format of the sheet, whose notes and further columns need no decision.
# factor     multiplies a value to convert it to the catalog's unit of measurement; '' = not decided
#            yet.
# missing    codes of missing values, such as -999 or [-99, -98], here, in a sheet or an indicator;
#            none = no value is such a code.
# decimal_mark  ',' for a text file with values such as 1.234,5
# unknown_units  ignore, here or in a sheet: leave out all labels that are not units (aggregates,
#            other countries); each run counts and lists them. '' = reject them.
# units      labels that are not recognised: a unit_id of {units}, or ignore.
# projections  for a file that marks values as projections: wait (pending), read or ignore.
# years      such as 2011-2020; '' = all.
"""
KEYS = {
    "": {"years", "units", "unknown_units", "missing", "sheets"},
    "sheets": {
        "file", "sheet", "layout", "doubts", "header_row", "unit_column", "unit_id", "year_column",
        "year", "indicator_column", "measure_column", "scale_column", "value_column",
        "decimal_mark", "missing", "projections", "export", "unknown_units", "indicators",
    },
    "indicators": {"column", "name", "indicator", "factor", "missing", "suggestions"},
}  # fmt: skip


@dataclass
class Mapping:
    """Content of the mapping. ``years`` are the first and the last year wanted.

    ``ignores_unknown_units`` if all sheets ignore labels that are not units instead of rejecting
    them.
    """

    years: tuple[int, int] | None = None
    unit_names: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    ignores_unknown_units: bool = False
    plans: dict[tuple[str, str], ReadingPlan] = field(default_factory=dict)


class _Dumper(yaml.SafeDumper):
    """Writes texts without quotes where a text-only loader reads them unambiguously."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - as the base class declares it

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists."""
        super().increase_indent(flow, False)


def parse_years(text: str) -> tuple[int, int] | None:
    """Parse `2011-2020` or `2011`; None for ''.

    Raises:
        IngestError: it is neither.

    """
    first, _, last = text.partition("-")
    try:
        found = (year(first), year(last or first)) if text.strip() else None
    except Unreadable:
        found = (1, 0)
    if found and found[0] > found[1]:
        raise IngestError(
            f"The years are {shown(text)}; expected a range such as 2011-2020, or one year."
        )
    return found


def write(
    mapping: Mapping, known: set[tuple[str, str]], path: Path, source: Path, catalog: Catalog
) -> str:
    """Return the text of a mapping: the existing file, with the sheets that it lacks.

    Args:
        mapping: the content of the file, with the new sheets.
        known: the sheets in the file.
        path: the file, which need not exist.
        source: the folder of the files, for the heading.
        catalog: the catalog, for the heading.

    """
    new = [_as_dict(plan) for key, plan in mapping.plans.items() if key not in known]
    if path.exists():
        text = path.read_bytes().decode()
        for key in [key for key in known if not mapping.plans[key].has_series]:
            text = _completed(text, mapping.plans[key], path)
        if not new:
            return text
        margin = re.findall("^( *)- ", text, re.MULTILINE)
        text = text.rstrip() + "\n" + _indented(new, margin[0] if margin else "  ")
        if len(_parsed(text, path).get("sheets") or []) != len(mapping.plans):
            raise IngestError(
                f"{path}: {len(new)} new sheet(s) cannot be added, since the list sheets: is not "
                "last. Move it to the end of the file."
            )
        return text
    years = "-".join(map(str, mapping.years)) if mapping.years else ""
    head = {"years": years, "units": mapping.unit_names or {}, "unknown_units": ""}
    about = ABOUT.format(
        source=source, units=catalog.places["units"], indicators=catalog.places["indicators"]
    )
    return about + _dump(head) + "sheets:\n" + _indented(new, "  ")


def _completed(text: str, plan: ReadingPlan, path: Path) -> str:
    """Return the text of a mapping with one sheet's entry rewritten, the rest unchanged."""
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    sheets = next(value for key, value in root.value if key.value == "sheets")
    for node in sheets.value:
        entry = {key.value: value.value for key, value in node.value}
        if (entry.get("file", ""), entry.get("sheet", "")) != (plan.file, plan.sheet):
            continue
        if node.flow_style or sheets.flow_style:
            break
        lines = text.splitlines(keepends=True)
        first, end = node.start_mark.line, node.end_mark.line
        end += node.end_mark.column > 0 and node.end_mark.index >= len(text)
        while end > first + 1 and lines[end - 1].strip()[:1] in ("", "#"):
            end -= 1
        margin = " " * (node.start_mark.column - 2)
        return "".join([*lines[:first], _indented([_as_dict(plan)], margin), *lines[end:]])
    raise IngestError(
        f"{path}: the indicators of {shown(plan.file)} cannot be added to its entry. Write it in "
        "the form of the others, or remove it: the next run proposes it again."
    )


def _dump(value: object) -> str:
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


def _indented(entries: list[dict], margin: str) -> str:
    return "".join(f"{margin}{line}\n" for line in _dump(entries).splitlines())


def _as_dict(plan: ReadingPlan) -> dict[str, object]:
    entry: dict[str, object] = {"file": plan.file, "sheet": plan.sheet, "layout": plan.layout}
    if plan.layout in ("", IGNORE):
        return entry
    if plan.ambiguities:
        entry["doubts"] = plan.ambiguities
    entry |= {key: text for key, text in plan.settings().items() if key != "layout"}
    entry |= {"missing": plan.missing} if plan.missing else {}
    if plan.ignores_unknown_units:
        entry["unknown_units"] = IGNORE
    entry["indicators"] = [
        ({"column": column_letters(series.column)} if series.column is not None else {})
        | {"name": series.name, "indicator": series.indicator}
        | (
            {}
            if series.indicator == IGNORE
            else {"factor": "" if series.factor is None else f"{series.factor:f}"}
        )
        | ({"missing": series.missing} if series.missing else {})
        | ({"suggestions": series.suggestions} if series.suggestions else {})
        for series in plan.series
    ]
    return entry


def read(path: Path, catalog: Catalog, files: Iterable[str]) -> Mapping:
    """Read a mapping.

    Args:
        path: the file.
        catalog: the units and indicators that it may name.
        files: the files that it may name.

    Raises:
        IngestError: it is not valid, names an unknown file, unit or indicator, or cannot be read.

    """
    content = _load(path)
    faults: list[str] = []
    _check_keys(content, "", "the mapping", faults)
    mapping = Mapping(parse_years(_text(content.get("years"))))
    units = content.get("units") or {}
    if not isinstance(units, dict):
        faults.append("units: must be pairs such as Peking: '11'")
        units = {}
    for name, unit in units.items():
        found = catalog.candidates(_text(unit))
        mapping.unit_names[name] = found.pop() if len(found) == 1 else _text(unit)
        if mapping.unit_names[name] not in {*catalog.units, IGNORE, ""}:
            faults.append(
                f"units: {shown(name)} is mapped to {shown(_text(unit))}, which is not a unit_id "
                f"of {catalog.places['units']}."
            )
    mapping.missing = _codes(content, "the mapping", faults)
    mapping.ignores_unknown_units = _ignores_unknown_units(content, "the mapping", faults)
    known = set(files)
    entries = content.get("sheets") or []
    if not isinstance(entries, list):
        faults.append("sheets: must be a list of sheets.")
        entries = []
    for position, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            faults.append(f"sheets: entry {position} is not a sheet.")
            continue
        plan = _plan(entry, catalog, faults)
        if plan.file not in known:
            faults.append(
                f"sheets: {shown(plan.file)} is not a file in FROM. Remove the entry, or add the "
                "file."
            )
        if (plan.file, plan.sheet) in mapping.plans:
            faults.append(f"sheets: {shown(plan.file)} {shown(plan.sheet)} is listed twice.")
        mapping.plans[plan.file, plan.sheet] = plan
    if faults:
        raise IngestError(f"{path} is not valid; nothing was written.\n{listed(faults)}")
    return mapping


def _ignores_unknown_units(entry: dict, where: str, faults: list[str]) -> bool:
    text = _text(entry.get("unknown_units"))
    if text not in (IGNORE, ""):
        faults.append(
            f"{where}: unknown_units {shown(text)} is neither ignore nor empty. Map or ignore "
            "single labels in units:."
        )
    return text == IGNORE


def _load(path: Path) -> dict:
    try:
        if path.stat().st_size > MAX_MAPPING_BYTES:
            raise IngestError(f"{path} has more than {MAX_MAPPING_BYTES // 1024**2} MB.")
        return _parsed(path.read_text(encoding="utf-8-sig"), path)
    except UnicodeDecodeError:
        raise IngestError(f"{path} is not UTF-8 text; save it as UTF-8.") from None
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror}.") from None


def _parsed(text: str, path: Path) -> dict:
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.BaseLoader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise IngestError(f"{path} uses a YAML anchor or alias; write the text in full.")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise IngestError(f"{path} is nested more than {MAX_DEPTH} levels deep.")
        content = yaml.load(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError) as error:
        raise IngestError(
            f"{path} is not valid YAML: {' '.join(str(error).split())}\n"
            "Correct it, or delete it: the next run proposes a new one."
        ) from None
    if not isinstance(content, dict):
        raise IngestError(f"{path} is not a mapping. Delete it: the next run proposes a new one.")
    return content


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _codes(entry: dict, where: str, faults: list[str]) -> list[str]:
    """Return the missing-value codes of an entry: one or a list."""
    given = entry.get("missing") or []
    codes = [given] if isinstance(given, str) else given
    if isinstance(codes, list) and all(isinstance(code, str) and code.strip() for code in codes):
        return [code.strip() for code in codes]
    faults.append(f"{where}: missing is neither a code such as -999 nor a list of codes.")
    return []


def _check_keys(entry: dict, kind: str, where: str, faults: list[str]) -> None:
    unknown = [key for key in entry if key not in KEYS[kind]]
    if unknown:
        faults.append(
            f"{where}: {shown(str(unknown[0]))} is not a known key. The keys are "
            f"{', '.join(sorted(KEYS[kind]))}."
        )


def _plan(entry: dict, catalog: Catalog, faults: list[str]) -> ReadingPlan:
    """Return the plan of a sheet's entry; add its faults to the list."""
    file, sheet = (
        entry.get(key) if isinstance(entry.get(key), str) else "" for key in ("file", "sheet")
    )
    where = f"sheets: {shown(' '.join((file, sheet)).strip())}"
    _check_keys(entry, "sheets", where, faults)
    plan = ReadingPlan(file, sheet, _text(entry.get("layout")))
    if plan.layout not in {*LAYOUTS, ""}:
        faults.append(f"{where}: layout {shown(plan.layout)} is not one of {', '.join(LAYOUTS)}.")
    if plan.layout not in LAYOUTS or plan.layout == IGNORE:
        return plan
    _read_places(entry, plan, where, faults)
    _read_options(entry, plan, where, catalog, faults)
    faults += [f"{where}: layout {plan.layout} needs {key}." for key in _missing_keys(plan)]
    plan.has_series = bool(entry.get("indicators"))
    series = entry.get("indicators") or []
    for item in series if isinstance(series, list) else []:
        if isinstance(item, dict):
            plan.series.append(_series(item, plan, where, catalog, faults))
        else:
            faults.append(f"{where}: an entry of indicators is not an indicator.")
    return plan


def _read_places(entry: dict, plan: ReadingPlan, where: str, faults: list[str]) -> None:
    """Read the ambiguities, the row of the header and the columns of an entry."""
    given = entry.get("doubts") or []
    plan.ambiguities = [text for text in given if _text(text)] if isinstance(given, list) else []
    if not isinstance(given, list):
        faults.append(f"{where}: doubts is not a list; keep its lines as they were, or remove it.")
    row = _text(entry.get("header_row")) or "1"
    if row.isascii() and row.isdigit() and 1 <= int(row[:8]) <= 10**7:
        plan.header = int(row) - 1
    else:
        faults.append(f"{where}: header_row {shown(row)} is not a row number.")
    for key in plan.columns():
        letters = _text(entry.get(key))
        if letters and not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
            faults.append(f"{where}: {key} {shown(letters)} is not a column such as A.")
        elif letters:
            setattr(plan, key, column_number(letters))


def _read_options(
    entry: dict, plan: ReadingPlan, where: str, catalog: Catalog, faults: list[str]
) -> None:
    """Read the other keys of an entry, but the indicators."""
    plan.ignores_unknown_units = _ignores_unknown_units(entry, where, faults)
    plan.export = _text(entry.get("export"))
    if plan.export not in {*exports.FORMATS, ""}:
        faults.append(
            f"{where}: export {shown(plan.export)} is not one of {', '.join(exports.FORMATS)}."
        )
        plan.export = ""
    plan.unit_id = _text(entry.get("unit_id"))
    if plan.unit_id and plan.unit_id not in catalog.units:
        faults.append(f"{where}: unit_id {shown(plan.unit_id)} is unknown.")
    plan.decimal_mark = _text(entry.get("decimal_mark"))
    if plan.decimal_mark not in ("", ".", ","):
        faults.append(f"{where}: decimal_mark {shown(plan.decimal_mark)} is neither '.' nor ','.")
    plan.missing = _codes(entry, where, faults)
    plan.projections = _text(entry.get("projections"))
    if plan.projections not in {*PROJECTIONS, ""}:
        faults.append(
            f"{where}: projections {shown(plan.projections)} is not one of "
            f"{', '.join(PROJECTIONS)}."
        )
    if _text(entry.get("year")):
        try:
            plan.period = year(_text(entry["year"]))
        except Unreadable as error:
            faults.append(f"{where}: year {shown(_text(entry['year']))} {error}")


def _missing_keys(plan: ReadingPlan) -> list[str]:
    """Return the keys that the layout of a plan needs and that are missing."""
    given = {
        "unit_column (or unit_id)": plan.unit_column is not None or plan.unit_id,
        "year_column (or year)": plan.layout == "years_across"
        or plan.ambiguities
        or plan.year_column is not None
        or plan.period is not None,
        "indicator_column": plan.layout != "long" or plan.indicator_column is not None,
        "value_column": plan.layout != "long" or plan.value_column is not None,
    }
    return [key for key, is_given in given.items() if not is_given]


def _series(
    item: dict, plan: ReadingPlan, where: str, catalog: Catalog, faults: list[str]
) -> Series:
    name = item.get("name") if isinstance(item.get("name"), str) else ""
    where = f"{where}, {shown(name)}"
    _check_keys(item, "indicators", where, faults)
    series = Series(name, indicator=_text(item.get("indicator")))
    letters = _text(item.get("column"))
    if plan.layout == "wide":
        if letters.isascii() and letters.isalpha() and len(letters) <= 3:
            series.column = column_number(letters)
        else:
            faults.append(f"{where}: column {shown(letters)} is not a column such as A.")
    if found := catalog.indicator(series.indicator):
        series.indicator = found.code
    if series.indicator not in {*catalog.indicators, IGNORE, ""}:
        similar = catalog.similar_indicators(series.indicator)
        hint = f" Is it {', or '.join(similar)}?" if similar else ""
        faults.append(
            f"{where}: indicator {shown(series.indicator)} is not in "
            f"{catalog.places['indicators']}.{hint} To add an indicator, add a row to "
            "indicators.csv in the data folder."
        )
    series.missing = _codes(item, where, faults)
    text = _text(item.get("factor"))
    if text:
        try:
            series.factor, is_percentage = number(text)
            if is_percentage or "," in narrow(text):
                raise Unreadable("has a comma or a percent sign; write it as 0.01.")
        except Unreadable as error:
            faults.append(f"{where}: factor {shown(text)} {error}")
    if series.factor is not None and series.factor <= 0:
        faults.append(f"{where}: factor {shown(text)} must be above 0.")
    return series


def faults_of(plan: ReadingPlan, sheet: Sheet) -> list[str]:
    """Return the faults of a plan that no longer fits its sheet, as after a column was inserted."""
    if plan.layout in ("", IGNORE):
        return []
    names = header(sheet, plan.header)
    again = (
        "Correct its entry in the mapping, or remove indicators: or the whole entry: the next run "
        "proposes it again."
    )
    if why := exports.why_another(sheet, plan):
        return [f"{sheet.where}: {why} {again}"]
    if not names:
        return [f"{sheet.where}: row {plan.header + 1}, the header, is empty or absent. {again}"]
    faults = []
    if plan.decimal_mark == "," and not (sheet.is_text or sheet.written):
        faults.append(
            f"{sheet.where}: decimal_mark applies to text files and numbers stored as text; this "
            "sheet holds numbers."
        )
    if plan.layout == "wide":
        for series in plan.series:
            found = names[series.column] if series.column < len(names) else ""
            if name_key(found) != name_key(series.name):
                faults.append(
                    f"{sheet.where}: column {column_letters(series.column)} was "
                    f"{shown(series.name)} and is {shown(found)} now. {again}"
                )
    return faults
