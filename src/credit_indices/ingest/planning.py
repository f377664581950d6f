"""Stage 2, detect the layout: a reading plan for every sheet, and the decisions for the user."""

from credit_indices.ingest import exports, fingerprints, limits, mapping
from credit_indices.ingest.ambiguities import scope_notes
from credit_indices.ingest.assumed_encodings import encoding_ambiguities, encoding_notes
from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.fingerprints import Fingerprint
from credit_indices.ingest.layouts import complete, propose
from credit_indices.ingest.limits import IngestError, listed
from credit_indices.ingest.mapping import Mapping
from credit_indices.ingest.reading_plan import HEADER_WITHIN, IGNORE, ReadingPlan, Series, header
from credit_indices.ingest.result import Result
from credit_indices.ingest.sheets import Sheet, column_letters

Fingerprints = dict[tuple[str, str], Fingerprint]
"""Fingerprints by file and sheet."""


def plan_all(
    found: list[Sheet], mapped: Mapping, was: Fingerprints, catalog: Catalog, result: Result
) -> Fingerprints:
    """Propose a plan for every sheet that is not in the mapping; list the decisions for the user.

    Args:
        found: the sheets.
        mapped: the mapping, to which the proposed plans are added.
        was: the fingerprints of the last run.
        catalog: the units and indicators.
        result: takes decisions and warnings.

    Returns:
        The fingerprints of the sheets.

    Raises:
        IngestError: the mapping does not fit the files.

    """
    faults, now = [], {}
    for sheet in found:
        key = sheet.file, sheet.name
        is_new = key not in mapped.plans
        plan = _plan(sheet, mapped, catalog, result)
        faults += mapping.faults_of(plan, sheet)
        if plan.layout not in ("", IGNORE) and plan.header < len(sheet.rows):
            now[key] = fingerprints.compute(sheet, plan, catalog)
            if not is_new:
                faults += _changes(was.get(key, {}), now[key], sheet, plan, catalog, result)
        result.pending += _decisions(sheet, plan, catalog)
    result.notes += encoding_notes(found)
    gone = {key for key in mapped.plans} - {(sheet.file, sheet.name) for sheet in found}
    faults += [
        f"{file} has no sheet {name!r} (any more). Remove the entry from the mapping."
        for file, name in sorted(gone)
    ]
    if faults:
        raise IngestError(f"The mapping does not fit the files.\n{listed(faults)}")
    return now


def _plan(sheet: Sheet, mapped: Mapping, catalog: Catalog, result: Result) -> ReadingPlan:
    """Return the plan of a sheet; propose it if the mapping has none, or no series for it."""
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
        result.notes += _assumptions(sheet, plan, catalog)
    return plan


def _changes(
    was: Fingerprint,
    now: Fingerprint,
    sheet: Sheet,
    plan: ReadingPlan,
    catalog: Catalog,
    result: Result,
) -> list[str]:
    """Return the changes of a file since the last run, as faults."""
    return [
        f"{sheet.where}: {change} If the change is correct, delete "
        f"{result.folder / fingerprints.FILE} and run again."
        for change in fingerprints.changes(was, now, sheet, plan, catalog)
    ]


def _decisions(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> list[str]:
    """Return the decisions on a sheet that the user has to make."""
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
    return lines + [
        _decision(sheet, series, catalog) for series in plan.series if not series.is_decided
    ]


def _decision(sheet: Sheet, series: Series, catalog: Catalog) -> str:
    """Return the decision on a series: its indicator or its factor."""
    column = f" column {column_letters(series.column)}" if series.column is not None else ""
    where = f"{sheet.where}{column} {limits.shown(series.name)}"
    if not series.indicator:
        similar = f" Similar: {'; '.join(series.suggestions)}." if series.suggestions else ""
        return f"{where}: no indicator has exactly this name.{similar}"
    measure = catalog.indicators[series.indicator].measure
    states = f" The file states {limits.shown(series.stated)}." if series.stated else ""
    return (
        f"{where}: {series.indicator} is measured in {measure or '(no unit stated)'}; set the "
        f"factor from the column's unit of measurement to it.{states}"
    )


def _assumptions(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> list[str]:
    """Return the assumptions of a proposal, for the user to confirm."""
    rest = exports.without_explained(sheet, plan)
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
