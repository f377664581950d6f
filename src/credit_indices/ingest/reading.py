"""Stage 1, read: all sheets of all files."""

from pathlib import Path

from tqdm import tqdm

from credit_indices.ingest import exports, limits, sheets
from credit_indices.ingest.limits import FileFault, IngestError, OtherKind, listed
from credit_indices.ingest.mapping import Mapping
from credit_indices.ingest.reading_plan import IGNORE, ReadingPlan
from credit_indices.ingest.result import Result
from credit_indices.ingest.sheets import Sheet


def find_files(source: Path, data_dir: Path, result: Result) -> dict[str, Path]:
    """Return the files to read, and report the others.

    Raises:
        IngestError: there is no file to read.

    """
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
    return paths


def read_all(
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
