"""Tables for papers from the marts: LaTeX, HTML, Markdown and CSV.

`marts` reads the data, `regressions` and `descriptives` build tables from the classes in `content`,
`formats` renders them; `write_tables` runs all steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from credit_indices.exports.tables import descriptives, formats, regressions
from credit_indices.exports.tables.content import Table
from credit_indices.exports.tables.marts import Marts, TablesError, read
from credit_indices.pipeline.build import warehouse_path
from credit_indices.pipeline.progress import say
from credit_indices.stats.panel.results import WITH_NUMBERS

__all__ = ["FORMATS", "TablesError", "write_tables"]

FORMATS = ("latex", "html", "markdown", "csv")


def write_tables(out: str, chosen: Sequence[str] = FORMATS) -> list[Path]:
    """Write the regressions of every table_code and the descriptive statistics.

    Args:
        out: the folder, created if missing; files of the same names are replaced.
        chosen: formats, out of FORMATS.

    Returns:
        The files, in the order written. None if there are no panel values to describe and no
        regressions in the catalog, or only regressions of variables without values; a line on
        standard output says so.

    Raises:
        TablesError: the warehouse is missing, not built or in use, or the folder cannot be
            written.

    """
    warehouse = warehouse_path()
    marts = read(warehouse)
    tables = [*regressions.tables(marts), *descriptives.tables(marts)]
    written: dict[str, str] = {}
    for table in tables:
        for name in chosen:
            if name in formats.WRITERS:
                suffix, write = formats.WRITERS[name]
                written[f"{table.name}.{suffix}"] = write(table)
    if "latex" in chosen and tables:
        written["all_tables.tex"] = formats.latex_document(tables)
    if "csv" in chosen:
        for name, rows in (*regressions.tidy(marts), (descriptives.NAME, descriptives.tidy(marts))):
            if rows:
                written[f"{name}.csv"] = formats.csv_text(rows)
    folder = Path(out)
    paths = [folder / name for name in written]
    try:
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(written[path.name], encoding="utf-8", newline="")
    except OSError as error:
        raise TablesError(
            f"{error.filename or folder} cannot be written: {error.strerror}."
        ) from None
    say(_summary(warehouse, folder, marts, tables, len(paths)))
    return paths


def _summary(
    warehouse: Path,
    folder: Path,
    marts: Marts,
    tables: Sequence[Table],
    n_files: int,
) -> str:
    lines = []
    if not marts.fits:
        lines.append("The catalog (panel_specs) lists no regressions: no regression tables.")
    if not marts.descriptives:
        lines.append("No panel variable has values: no descriptive statistics.")
    if n_files:
        lines.append(f"Wrote {n_files} file(s) to {folder} from {warehouse}:")
    lines += [f"  {table.name}: {table.caption}" for table in tables]
    left_out = regressions.without_data(marts)
    if left_out:
        lines.append(
            f"Left out because the data have none of their variables: {', '.join(left_out)}"
        )
    unsaid = {code for codes in left_out.values() for code in codes}
    without = [
        fit["spec_code"]
        for fit in marts.fits
        if fit["status"] not in WITH_NUMBERS and fit["spec_code"] not in unsaid
    ]
    if without:
        lines.append(f"Without estimates (see the notes for reasons): {', '.join(without)}")
    return "\n".join(lines)
