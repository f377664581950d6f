"""Convert a folder of files into observations.

A run has six stages; a value passes each of them once:

1. read: files to sheets (`reading`, `sheets`);
2. detect the layout: sheets to reading plans (`planning`, `layouts`, `ambiguities`);
3. resolve names: labels to indicators, units and years (`series_naming`, `record_names`);
4. parse values: cells to accepted, missing and rejected values (`classification`, `values`);
5. validate: compare the accepted values with each other (`candidates`, `value_checks`);
6. report: observations and reports (`sheet_summary`, `reports`).
"""

from __future__ import annotations

from pathlib import Path

from tqdm import tqdm

from credit_indices.exports.safe_csv import csv_text
from credit_indices.ingest import fingerprints, mapping, reports
from credit_indices.ingest.candidates import Candidates
from credit_indices.ingest.catalog import Catalog, read_catalog
from credit_indices.ingest.cells import ACCEPTED, REJECTED, RunSettings, own_labels
from credit_indices.ingest.classification import classify
from credit_indices.ingest.limits import IngestError
from credit_indices.ingest.mapping import Mapping
from credit_indices.ingest.planning import plan_all
from credit_indices.ingest.reading import find_files, read_all
from credit_indices.ingest.result import FOLDER, Result
from credit_indices.ingest.sheet_summary import SheetSummary, fitting_corrections
from credit_indices.ingest.sheets import Sheet

STAMP = "written.txt"


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
    _check_folders(source, data_dir)
    catalog = read_catalog(data_dir)
    result = Result(data_dir)
    paths = find_files(source, data_dir, result)
    path = result.folder / "mapping.yml"
    mapped = _read_mapping(path, years, catalog, paths)
    known = set(mapped.plans)
    was = fingerprints.read(result.folder / fingerprints.FILE) if known else {}
    found = read_all(paths, mapped, encoding, result)
    now = plan_all(found, mapped, was, catalog, result)
    corrections = reports.read_corrections(result.folder)
    candidates = _classify_all(found, mapped, catalog, corrections, result)
    candidates.validate(mapped, catalog, result)
    _sort_rejected(found, mapped, result)
    text = mapping.write(mapped, known, path, source, catalog)
    _write(result, text, fingerprints.to_json(now), corrections)
    return result


def _read_mapping(path: Path, years: str, catalog: Catalog, paths: dict[str, Path]) -> Mapping:
    """Read the mapping; return an empty one if there is none.

    Raises:
        IngestError: it is not valid, or has other years.

    """
    wanted = mapping.parse_years(years)
    if not path.exists():
        return Mapping(wanted)
    mapped = mapping.read(path, catalog, paths)
    if years and wanted != mapped.years:
        raise IngestError(
            f"The years are {years} here, but others in {path}. Change them there (years:)."
        )
    return mapped


def _check_folders(source: Path, data_dir: Path) -> None:
    """Raise IngestError if the folders cannot be used, or observations are not ours."""
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


def _classify_all(
    found: list[Sheet],
    mapped: Mapping,
    catalog: Catalog,
    corrections: reports.Corrections,
    result: Result,
) -> Candidates:
    """Classify every cell of every sheet; return the accepted values."""
    settings = RunSettings(
        catalog,
        mapped.unit_names,
        mapped.years,
        mapped.missing,
        mapped.ignores_unknown_units,
    )
    candidates = Candidates()
    rows = sum(len(sheet.rows) for sheet in found)
    bar = tqdm(desc="classifying", total=rows, unit="row", disable=None, leave=False)
    for sheet in found:
        plan = mapped.plans[sheet.file, sheet.name]
        own = fitting_corrections(sheet, corrections.get(reports.listed_as(sheet), {}), result)
        summary = SheetSummary(sheet, plan, own)
        done = 0
        for cell in classify(sheet, plan, settings, own):
            if cell.row > done:
                bar.update(cell.row - done)
                done = cell.row
            if cell.role == ACCEPTED:
                candidates.add(sheet, cell, summary.counts)
            if cell.role == REJECTED:
                result.rejected.append((sheet, cell))
            summary.add(cell)
        summary.report(mapped, catalog, result)
        bar.update(len(sheet.rows) - done)
    bar.close()
    return candidates


def _sort_rejected(found: list[Sheet], mapped: Mapping, result: Result) -> None:
    """Sort rejected values in the order of the files, and add the labels they have there."""
    order = {id(sheet): place for place, sheet in enumerate(found)}
    for sheet, cell in result.rejected:
        cell.own = own_labels(sheet, mapped.plans[sheet.file, sheet.name], cell)
    result.rejected.sort(key=lambda it: (order[id(it[0])], it[1].row, it[1].column))


def _write(
    result: Result, mapping_text: str, fingerprints_json: str, corrections: reports.Corrections
) -> None:
    folder = result.folder
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
