"""Convert a folder of files into observations: read, plan, classify, compare, write, report."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from credit_indices.ingest import (
    exports,
    fingerprints,
    limits,
    mapping,
    reports,
    sheets,
    value_checks,
)
from credit_indices.ingest.ambiguities import scope_notes
from credit_indices.ingest.assumed_encodings import encoding_ambiguities, encoding_notes
from credit_indices.ingest.catalog import Catalog, read_catalog
from credit_indices.ingest.cell_text import decimal_text, is_missing, is_whole, name_key
from credit_indices.ingest.cells import (
    ACCEPTED,
    AGGREGATE,
    IGNORED,
    PENDING,
    READ,
    REJECTED,
    UNKNOWN_UNIT,
    Cell,
    Correction,
    Reading,
    judge,
    own_labels,
)
from credit_indices.ingest.layouts import complete, propose
from credit_indices.ingest.limits import FileFault, IngestError, OtherKind, listed
from credit_indices.ingest.mapping import Mapping
from credit_indices.ingest.measurement_units import is_counted
from credit_indices.ingest.reading_plan import HEADER_WITHIN, IGNORE, READ_THEM, ReadingPlan, header
from credit_indices.ingest.sheets import Sheet, column_letters
from credit_indices.safe_csv import csv_text, printable

FOLDER = "ingest"
STAMP = "written.txt"
ONE_OF_THEM = (
    "Ignore one of the columns in mapping.yml, or write ignore as corrected_value of the wrong "
    "value."
)


Key = tuple[str, int, str]
"""Unit, year and indicator."""


@dataclass
class Found:
    """A value that may be accepted, with the counts of its sheet's cells."""

    sheet: Sheet
    cell: Cell
    counts: Counter

    def reject(self, reason: str, result: Result) -> None:
        """Reject a value that was accepted before."""
        self.cell.role, self.cell.reason = REJECTED, reason
        self.counts[ACCEPTED] -= 1
        self.counts[REJECTED] += 1
        result.rejected.append((self.sheet, self.cell))


@dataclass
class Result:
    """Result of a run. ``cells`` counts the cells of each sheet by role.

    ``pending`` lists decisions for the user; ``notes`` are warnings.
    """

    data_dir: Path
    cells: list[tuple[Sheet, ReadingPlan, Counter]] = field(default_factory=list)
    accepted: dict[Key, tuple[Sheet, Cell]] = field(default_factory=dict)
    rejected: list[tuple[Sheet, Cell]] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_changed: bool = False

    def total(self, *roles: str) -> int:
        """Return the number of cells of all sheets with one of these roles."""
        return sum(counts[role] for _, _, counts in self.cells for role in roles)


def ingest(
    source: str | Path,
    data_dir: str | Path,
    encoding: str | None = None,
    years: str = "",
) -> Result:
    """Read files and write their values as observations, with a report of every cell.

    Args:
        source: a file or a folder of files; read only.
        data_dir: the folder to write to: observations.csv and the subfolder ``ingest`` with the
            mapping and the reports. If it has units and indicators, they are the catalog.
        encoding: the encoding of all text files; detected for each if None.
        years: the years wanted, such as 2011-2020; all if ''.

    Returns:
        The cells and messages of the run.

    Raises:
        IngestError: the files, the mapping or the folder are not valid. Nothing was written then.

    """
    source, data_dir = Path(source), Path(data_dir)
    folder = data_dir / FOLDER
    _check_folders(source, data_dir)
    catalog = read_catalog(data_dir)
    result = Result(data_dir)
    paths, others = sheets.files_in(source, data_dir)
    if not paths:
        raise IngestError(
            f"FROM={source} holds no file to read. Files are read if their names end in "
            f"{', '.join(sheets.ENDINGS)}."
        )
    for name in others:
        if name.lower().endswith(sheets.OTHER_TABLES):
            result.pending.append(
                f"{name} was not read: save it as .xlsx or CSV UTF-8, or move it out of the folder."
            )
        else:
            result.notes.append(
                f"{name} was not read: it is not a table, or it is a link out of the folder."
            )
    path = folder / "mapping.yml"
    mapped = Mapping(mapping.parse_years(years))
    if path.exists():
        mapped = mapping.read(path, catalog, paths)
        if years and mapping.parse_years(years) != mapped.years:
            raise IngestError(
                f"The years are {years} here, but others in {path}. Change them there (years:)."
            )
    known = set(mapped.plans)
    was = fingerprints.read(folder / fingerprints.FILE) if known else {}
    found = _read_all(paths, mapped, encoding, result)
    now = _plan_all(found, mapped, was, catalog, result)
    corrections = reports.read_corrections(folder)
    _judge_all(found, mapped, catalog, corrections, result)
    text = mapping.write(mapped, known, path, source, catalog)
    _write(result, text, fingerprints.to_json(now), corrections)
    return result


def _check_folders(source: Path, data_dir: Path) -> None:
    if source.resolve() == data_dir.resolve():
        raise IngestError("FROM and TO are the same folder. Keep the original files in another.")
    if data_dir.exists() and not data_dir.is_dir():
        raise IngestError(f"TO={data_dir} is a file; TO names the folder to write to.")
    if (data_dir / "observations.parquet").exists():
        raise IngestError(
            f"{data_dir} has observations.parquet already. Move it away, or name another folder."
        )
    observations, stamp = data_dir / "observations.csv", data_dir / FOLDER / STAMP
    try:
        known = stamp.read_bytes()[:200].split() if stamp.exists() else []
        found = reports.digest(observations.read_bytes()) if observations.exists() else ""
    except OSError as error:
        raise IngestError(f"{error.filename} cannot be read: {error.strerror}.") from None
    if found and found.encode() not in known:
        raise IngestError(
            f"{observations} was not written by ingest, or was changed since, and was not "
            "overwritten. Move it away, or name another folder: TO=folder"
        )


def _read_all(
    paths: dict[str, Path], mapped: Mapping, encoding: str | None, result: Result
) -> list[Sheet]:
    """Read all sheets of all files; those that the mapping ignores need not be readable.

    A file of a kind that is not read, such as a page named .xls, does not prevent the others from
    being read.
    """
    found, faults, cells = [], [], 0
    for name, path in tqdm(paths.items(), "reading", unit="file", disable=None, leave=False):
        try:
            read = [exports.unpacked(sheet) for sheet in sheets.read(path, name, encoding)]
        except OtherKind as fault:
            of_file = [plan for (file, _), plan in mapped.plans.items() if file == name]
            read = [Sheet(name, "", [])] if of_file else []
            if any(plan.layout != IGNORE for plan in of_file):
                faults.append(f"{name} {fault}")
            elif not of_file:
                result.pending.append(f"{name} {fault}")
        except FileFault as fault:
            read = [Sheet(name, "", [])]
            if mapped.plans.get((name, ""), ReadingPlan("", "")).layout != IGNORE:
                faults.append(f"{name} {fault}")
        found += read
        cells += sum(len(row) for sheet in read for row in sheet.rows)
        if cells > limits.MAX_CELLS:
            raise IngestError(
                f"The files have more than {limits.MAX_CELLS:,} cells. Read them in parts, into "
                "separate folders."
            )
    if faults:
        raise IngestError(
            f"{len(faults)} file(s) cannot be read; nothing was written. Correct them, or move "
            f"them out of the folder.\n{listed(faults)}"
        )
    if not found:
        raise IngestError(f"No file could be read; nothing was written.\n{listed(result.pending)}")
    return found


def _plan_all(
    found: list[Sheet],
    mapped: Mapping,
    was: dict[tuple[str, str], fingerprints.Fingerprint],
    catalog: Catalog,
    result: Result,
) -> dict[tuple[str, str], fingerprints.Fingerprint]:
    """Propose a plan for every sheet that is not in the mapping; list the decisions for the user.

    Returns:
        The fingerprints of the sheets.

    """
    faults, now = [], {}
    for sheet in found:
        key = sheet.file, sheet.name
        is_new = key not in mapped.plans
        if is_new:
            mapped.plans[key] = propose(sheet, catalog)
        elif not mapped.plans[key].has_series:
            complete(sheet, mapped.plans[key], catalog)
        plan = mapped.plans[key]
        if is_new and plan.layout != IGNORE:
            plan.ambiguities += encoding_ambiguities(sheet, catalog)
        if plan.layout != IGNORE:
            result.notes += [f"{sheet.where}: {note}" for note in sheet.notes]
        if is_new or not plan.has_series:
            result.notes += _assumed(sheet, exports.without_explained(sheet, plan), plan, catalog)
        faults += mapping.faults_of(plan, sheet)
        if plan.layout not in ("", IGNORE) and plan.header < len(sheet.rows):
            now[key] = fingerprints.compute(sheet, plan, catalog)
            changes = (
                []
                if is_new
                else fingerprints.changes(was.get(key, {}), now[key], sheet, plan, catalog)
            )
            faults += [
                f"{sheet.where}: {change} If the change is correct, delete "
                f"{result.data_dir / FOLDER / fingerprints.FILE} and run again."
                for change in changes
            ]
        result.pending += _undecided(sheet, plan, catalog)
    result.notes += encoding_notes(found)
    gone = {key for key in mapped.plans} - {(sheet.file, sheet.name) for sheet in found}
    faults += [
        f"{file} has no sheet {name!r} (any more). Remove the entry from the mapping."
        for file, name in sorted(gone)
    ]
    if faults:
        raise IngestError(f"The mapping does not fit the files.\n{listed(faults)}")
    return now


def _undecided(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> list[str]:
    if not plan.layout and any(text.strip() for row in sheet.rows for text in row):
        why = "; ".join(plan.ambiguities) or (
            f"no header that is certain to name a unit and a year in the first {HEADER_WITHIN} rows"
        )
        return [
            f"{sheet.where}: its layout was not recognised ({why}). Set layout, header_row, "
            "unit_column, year_column (or unit_id, year); the next run proposes the indicators."
        ]
    lines = []
    if plan.ambiguities:
        lines.append(
            f"{sheet.where} is pending: {'; '.join(plan.ambiguities)}. If mapping.yml is correct, "
            "remove the doubts: lines from the sheet's entry there; else correct it or the file, "
            "or set layout: ignore."
        )
    for series in plan.series:
        if series.is_decided:
            continue
        column = f" column {column_letters(series.column)}" if series.column is not None else ""
        where = f"{sheet.where}{column} {limits.shown(series.name)}"
        if not series.indicator:
            similar = f" Similar: {'; '.join(series.suggestions)}." if series.suggestions else ""
            lines.append(f"{where}: no indicator has exactly this name.{similar}")
        else:
            measure = catalog.indicators[series.indicator].measure
            states = f" The file states {limits.shown(series.stated)}." if series.stated else ""
            lines.append(
                f"{where}: {series.indicator} is measured in {measure or '(no unit stated)'}; set "
                f"the factor from the column's unit of measurement to it.{states}"
            )
    return lines


def _assumed(sheet: Sheet, rest: Sheet, plan: ReadingPlan, catalog: Catalog) -> list[str]:
    """Return the assumptions of a proposal, for the user to confirm.

    ``rest`` is the sheet without the lines and columns that its known format explains.
    """
    lines = [
        f"{sheet.where} {limits.shown(series.name)}: the file states "
        f"{limits.shown(series.stated) if series.stated else 'no unit of measurement'}; the "
        f"values are assumed to be in the unit of {catalog.indicators[series.indicator]}."
        for series in plan.series
        if series.is_assumed
    ]
    if plan.layout not in ("", IGNORE):
        lines += [f"{sheet.where}: {line}" for line in exports.notes_of(sheet, plan)]
        lines += [f"{sheet.where}: {line}" for line in scope_notes(rest, plan, catalog)]
    if plan.period is not None:
        lines.append(f"{sheet.where}: the year {plan.period} is taken from its name.")
    if plan.decimal_mark == ",":
        lines.append(f"{sheet.where}: its values are read with decimal commas (1.234,5).")
    ignored = [series.name for series in plan.series if series.indicator == IGNORE]
    if plan.layout == "years_across":
        known = {*plan.year_columns(sheet), *plan.columns().values()}
        lines += [
            f"{sheet.where}: column {column_letters(column)} {limits.shown(name)} is ignored, "
            "since its name is not a year."
            for column, name in enumerate(header(rest, plan.header))
            if name and column not in known and column != plan.measure_column
        ]
    if plan.layout == IGNORE and sheet.rows:
        export = exports.recognise(sheet)
        about = export[1].about if export else "no value"
        lines.append(f"{sheet.where} holds {about} and is ignored.")
    elif ignored:
        names = ", ".join(limits.shown(name) for name in ignored[:10])
        lines.append(f"{sheet.where}: ignored columns with labels or without numbers: {names}.")
    return lines


def _judge_all(
    found: list[Sheet],
    mapped: Mapping,
    catalog: Catalog,
    corrections: reports.Corrections,
    result: Result,
) -> None:
    """Classify every cell; of values for one unit, year and indicator take one if all are equal.

    Equal values of several sheets are merged; a second one in the same sheet is rejected. If values
    differ, all are rejected, and the message names the two sheets.
    """
    reading = Reading(
        catalog,
        mapped.unit_names,
        mapped.years,
        mapped.missing,
        mapped.ignores_unknown_units,
    )
    firsts: dict[Key, Found] = {}
    several: dict[Key, list[Found]] = {}
    rows = sum(len(sheet.rows) for sheet in found)
    bar = tqdm(desc="classifying", total=rows, unit="row", disable=None, leave=False)
    for sheet in found:
        plan = mapped.plans[sheet.file, sheet.name]
        counts: Counter = Counter()
        own = _fitting(sheet, corrections.get(reports.listed_as(sheet), {}), result)
        done = 0
        unknown: dict[str, None] = {}
        parts: dict[str, Cell] = {}
        projections: Counter = Counter()
        ignored: dict[str, Counter] = {AGGREGATE: Counter(), UNKNOWN_UNIT: Counter()}
        for cell in judge(sheet, plan, reading, own):
            if cell.row > done:
                bar.update(cell.row - done)
                done = cell.row
            if cell.role == ACCEPTED:
                if cell.value is not None and not is_whole(cell.value):
                    parts.setdefault(cell.indicator, cell)
                key = cell.unit, cell.period, cell.indicator
                first = firsts.setdefault(key, Found(sheet, cell, counts))
                if first.cell is not cell:
                    several.setdefault(key, [first]).append(Found(sheet, cell, counts))
            if cell.role == REJECTED:
                result.rejected.append((sheet, cell))
            if cell.role == PENDING and cell.reason:
                unknown[cell.reason] = None
            if cell.role == IGNORED and cell.reason and not is_missing(cell.text):
                ignored[cell.reason][cell.unit] += 1
            counts[cell.role] += 1
            projections[cell.role] += cell.is_projection
            if cell.role in READ and not cell.text.strip():
                counts["missing_empty"] += 1
        if number := projections[PENDING]:
            result.pending.append(
                f"{sheet.where}: {number:,} value(s) are projections: their years are after the "
                "last actual year of their rows. Set projections: read or ignore in the sheet's "
                "entry."
            )
        if number := projections.total() - projections[PENDING]:
            what = "read" if plan.projections == READ_THEM else "ignored"
            result.notes.append(f"{sheet.where}: {number:,} projection(s) are {what}.")
        result.notes += _ignored_units(sheet, plan, ignored, catalog)
        result.notes += _by_country(sheet, plan, mapped, catalog)
        result.notes += [
            f"{sheet.where} {cell.where} {cell.shown}: {code} is counted, but "
            f"{decimal_text(cell.value)} is not a whole number. Is the factor correct?"
            for code, cell in parts.items()
            if cell.value is not None and is_counted(catalog.indicators[code].measure)
        ]
        result.notes += [
            f"{sheet.where}, {column_letters(column)}{row + 1} is no longer the value of {it.own} "
            "(unit, year, indicator, factor); its correction was not used."
            for (row, column), it in own.items()
            if it.is_of_another
        ]
        result.pending += [
            f"{sheet.where} {name}: is not in the mapping (new?). Add it to indicators: there, or "
            "remove the entry of the sheet: the next run proposes a new one."
            for name in unknown
        ]
        result.cells.append((sheet, plan, counts))
        bar.update(len(sheet.rows) - done)
    bar.close()
    _settle(several, result)
    _compare(firsts, mapped, catalog, result)
    result.accepted = {
        key: (first.sheet, first.cell)
        for key, first in firsts.items()
        if first.cell.role == ACCEPTED
    }
    order = {id(sheet): place for place, sheet in enumerate(found)}
    for sheet, cell in result.rejected:
        cell.own = own_labels(sheet, mapped.plans[sheet.file, sheet.name], cell)
    result.rejected.sort(key=lambda it: (order[id(it[0])], it[1].row, it[1].column))


def _compare(firsts: dict[Key, Found], mapped: Mapping, catalog: Catalog, result: Result) -> None:
    """Reject accepted values that look like missing-value codes within their indicator."""
    cells = {key: (first.sheet, first.cell) for key, first in firsts.items()}
    found = value_checks.examine(cells, mapped.plans, mapped.missing, catalog)
    for key, reason in found.rejected:
        firsts[key].reject(reason, result)
    result.notes += found.notes


def _ignored_units(
    sheet: Sheet, plan: ReadingPlan, ignored: dict[str, Counter], catalog: Catalog
) -> list[str]:
    """Return warnings that count values ignored because their labels are not units."""
    lines = []
    export = exports.export_of(sheet, plan)
    for why, labels in ignored.items():
        if not labels:
            continue
        names = export.aggregates if export and why == AGGREGATE else {}
        shown = [
            f"{label} ({name})" if (name := names.get(name_key(label), label)) != label else label
            for label in labels
        ]
        what = "aggregate(s)" if why == AGGREGATE else "label(s)"
        line = (
            f"{sheet.where}: ignored {labels.total():,} value(s) of {len(labels)} {what} that are "
            f"not units of {catalog.places['units']}: {'; '.join(shown[:8])}"
            f"{f'; and {len(shown) - 8} more' if len(shown) > 8 else ''}."
        )
        if why == UNKNOWN_UNIT:
            similar = {label: catalog.similar_units(label) for label in list(labels)[:100]}
            close = [f"{limits.shown(label)}: {it[0]}?" for label, it in similar.items() if it]
            line += f" Some look like units: {'; '.join(close[:5])}" if close else ""
        lines.append(line)
    return lines


def _by_country(sheet: Sheet, plan: ReadingPlan, mapped: Mapping, catalog: Catalog) -> list[str]:
    """Return a warning that lists labels matched to a unit because both name one country."""
    if plan.unit_column is None or plan.layout in ("", IGNORE):
        return []
    given = {name_key(name) for name in mapped.unit_names}
    rows = range(plan.header + 1, len(sheet.rows))
    labels = dict.fromkeys(sheet.label(row, plan.unit_column).strip() for row in rows)
    units, _ = catalog.find_units(label for label in labels if name_key(label) not in given)
    taken = [
        f"{label} is {unit} ({', '.join(filter(None, catalog.units[unit]))})"
        for label, unit in units.items()
        if catalog.is_by_country(label, unit)
    ]
    if not taken:
        return []
    more = f"; and {len(taken) - 5} more" if len(taken) > 5 else ""
    return [
        f"{sheet.where}: {len(taken)} label(s) are read as countries: {'; '.join(taken[:5])}{more}."
    ]


def _settle(several: dict[Key, list[Found]], result: Result) -> None:
    """Merge equal values of several sheets; reject all that differ, and name the sheets."""
    equal: Counter = Counter()
    differing: dict[tuple[str, str, str], list[str]] = {}
    for (unit, period, indicator), found in several.items():
        first = found[0]
        if len({it.cell.value for it in found}) == 1:
            sheets_so_far = {id(first.sheet)}
            for it in found[1:]:
                if id(it.sheet) in sheets_so_far:
                    it.reject(_second(first.sheet, first.cell), result)
                else:
                    equal[first.sheet.where, it.sheet.where] += 1
                sheets_so_far.add(id(it.sheet))
            continue
        for it in found:
            others = [
                f"{o.sheet.where}, {o.cell.where} {o.cell.shown}" for o in found[:6] if o is not it
            ]
            it.reject(
                "is one of several different values for this unit, year and indicator, of which "
                f"none is taken; the others: {'; '.join(others[:5])}. {ONE_OF_THEM}",
                result,
            )
        for one, other in itertools.combinations(found[:6], 2):
            if one.sheet is not other.sheet and one.cell.value != other.cell.value:
                differing.setdefault((one.sheet.where, other.sheet.where, indicator), []).append(
                    f"{unit} {period}: {one.cell.text.strip()} and {other.cell.text.strip()}"
                )
    result.notes += [
        f"{other}: {number:,} value(s) are also in {one}; each is taken once."
        for (one, other), number in equal.items()
    ]
    result.pending += [
        f"{one} and {other} differ in {len(examples):,} value(s) of {indicator}, such as "
        f"{'; '.join(examples[:3])}. None of them is taken. Write indicator: ignore for "
        f"{indicator} in one of the two in mapping.yml, or ignore as corrected_value of single "
        "values in rejected.csv."
        for (one, other, indicator), examples in differing.items()
    ]


def _second(sheet: Sheet, first: Cell) -> str:
    return (
        "is a second value for this unit, year and indicator; the first is in "
        f"{sheet.where}, {first.where} ({first.text.strip()}). {ONE_OF_THEM}"
    )


def _fitting(
    sheet: Sheet, own: dict[tuple[int, int], Correction], result: Result
) -> dict[tuple[int, int], Correction]:
    """Return the corrections whose cell still has the content that was rejected."""
    fitting = {}
    for (row, column), correction in own.items():
        now = printable(sheet.text(row, column).strip())
        was = printable(correction.was.strip())
        # A spreadsheet that opened the list may have written 1,23 as 123.
        if now == was or (correction.is_new and _letters(now) == _letters(was)):
            correction.was = now
            fitting[row, column] = correction
        else:
            result.notes.append(
                f"{sheet.where}, {column_letters(column)}{row + 1} is "
                f"{limits.shown(sheet.text(row, column))}, not {limits.shown(correction.was)} as "
                "when it was corrected; the correction was not used."
            )
    return fitting


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _write(
    result: Result, mapping_text: str, fingerprints_json: str, corrections: reports.Corrections
) -> None:
    folder = result.data_dir / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IngestError(f"{folder} cannot be made: {error.strerror}.") from None
    changed = [
        reports.write_if_changed(folder / "mapping.yml", mapping_text),
        reports.write_if_changed(folder / fingerprints.FILE, fingerprints_json),
    ]
    rows = [reports.cell_row(sheet, plan.layout, counts) for sheet, plan, counts in result.cells]
    changed.append(
        reports.write_if_changed(folder / "cells.csv", csv_text(reports.CELLS, rows), "utf-8-sig")
    )
    if corrections:
        changed.append(
            reports.write_if_changed(
                folder / "corrections.csv", reports.corrections(corrections), "utf-8-sig"
            )
        )
    changed.append(
        reports.write_if_changed(
            folder / "rejected.csv", reports.rejections(result.rejected), "utf-8-sig"
        )
    )
    if result.accepted:
        text, path = reports.observations(result.accepted), result.data_dir / "observations.csv"
        digests = [reports.digest(text.encode())]
        if path.exists():
            digests.append(reports.digest(path.read_bytes()))
        # First both digests, in case the program ends between the two writes.
        for known in (dict.fromkeys(digests), digests[:1]):
            reports.write_if_changed(folder / STAMP, "".join(f"{digest}\n" for digest in known))
            changed.append(reports.write_if_changed(path, text))
    result.is_changed = any(changed)
