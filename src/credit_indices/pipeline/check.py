"""Check input tables for every fault that would stop a build at its gate, without a build.

The runner instead of dbt builds the models that the input gate reads. The messages are those of a
build.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from credit_indices.pipeline import input_files, parts
from credit_indices.pipeline.progress import say, stage
from credit_indices.pipeline.runner.project import ParseError, Project, load_project
from credit_indices.pipeline.runner.render import CompilationError
from credit_indices.pipeline.runner.run import Run, ancestors, message_of
from credit_indices.pipeline.threads import for_input

GATE = "model.credit_indices.int_input__gate"
"""The input gate: stops a build and lists the violations of all input tables."""

GATES_OF_PARTS = {
    "coverage": "model.credit_indices.int_coverage__gate",
    "credit_models": "model.credit_indices.int_credit__gate",
}
"""Gates of parts with input tables of their own (`parts.BY_NAME`)."""

QUARANTINED_RECORDS = {
    "coverage": ("coverage or ratings", "model.credit_indices.int_coverage__quarantined"),
    "credit_models": ("loans or features", "model.credit_indices.int_credit__quarantined"),
    "neighbours": ("links", "model.credit_indices.int_neighbours__quarantined"),
}
"""Input of parts with input tables of their own, and the models with its quarantined records."""

QUARANTINED = "model.credit_indices.int_observations__quarantined"
EVIDENCE = (
    "model.credit_indices.int_input__violations",
    "model.credit_indices.quarantined_observations",
)
"""Tables kept as evidence if the input has faults."""


class InputFault(Exception):
    """The input has faults; the message lists them for the user."""


def check(
    data_dir: str | None,
    warehouse: Path,
    variables: str = "",
    settings: Mapping[str, str] | None = None,
    chosen: Collection[str] | None = None,
) -> int | None:
    """Check the input for faults.

    Args:
        data_dir: The folder of the user's input tables; None for the shipped data.
        warehouse: The file that a build would write. All faults are kept beside it.
        variables: Variables of the dbt project as YAML; empty for those of dbt_project.yml.
        settings: DuckDB's settings, such as memory_limit.
        chosen: The parts of the build; None for all. Parts with input tables of their own have a
            gate of their own, which is checked if the folder has one of these tables.

    Returns:
        The number of observations that a build would quarantine; None if there is too little memory
        to check them beforehand.

    Raises:
        InputFault: If the input, a variable or a setting has faults; the message lists them as a
            build does.
        NotADirectoryError: If there is no such folder.

    """
    folder = input_files.existing_folder(data_dir) if data_dir else None
    cache = Path("target/cache")
    threads = for_input(data_dir or "")
    given = ({"threads": threads} if threads else {}) | dict(settings or {})
    try:
        project = load_project(Path(), cache, variables, database=warehouse.stem)
        with (
            stage("  Checked the input"),
            private(),
            _place(warehouse, is_large=not threads) as file,
        ):
            run = _start(project, file, folder, given, cache)
            try:
                return _check(run, project, _own_parts(data_dir, chosen), evidence(warehouse))
            finally:
                run.close()
    except duckdb.OutOfMemoryException:
        say("  There is too little memory to check the input beforehand; the build checks it.")
        return None
    except (CompilationError, ParseError, duckdb.Error) as error:
        raise InputFault(message_of(error)) from None


def _start(
    project: Project,
    file: Path | None,
    folder: Path | None,
    settings: Mapping[str, Any],
    cache: Path,
) -> Run:
    try:
        return Run(project, Path(), file, folder, settings=settings, cache=cache)
    except duckdb.Error as error:
        named = ", ".join(f"CREDIT_INDICES_{name.upper()}={settings[name]}" for name in settings)
        raise InputFault(f"DuckDB does not start with {named}: {error}") from None


def evidence(warehouse: Path) -> Path:
    """Return the file that keeps the faults of an input and its quarantined cells."""
    return warehouse.parent / "candidate" / f"{warehouse.stem}.check.duckdb"


def _own_parts(data_dir: str | None, chosen: Collection[str] | None) -> list[str]:
    """Return the parts of the build that have input tables of their own in the folder."""
    tables = input_files.own_tables(data_dir) if data_dir else set()
    return [
        part
        for part, of_part in parts.BY_NAME.items()
        if of_part & tables and (chosen is None or part in chosen)
    ]


def _check(run: Run, project: Project, own_parts: Sequence[str], kept: Path) -> int:
    gates = [GATE, *(GATES_OF_PARTS[part] for part in own_parts if part in GATES_OF_PARTS)]
    kept.unlink(missing_ok=True)
    run.check_settings()
    faults = run.run(ancestors(project, gates), stop_at_fault=True).faults
    if not faults:
        for part in own_parts:
            _say_quarantined_records(run, project, *QUARANTINED_RECORDS[part])
        return run.count(QUARANTINED)
    ((code, message),) = faults.items()
    if code == GATE:
        run.run(ancestors(project, EVIDENCE) - ancestors(project, [GATE]))
        message += f"\n{_write_evidence(run, kept)}"
    elif code not in gates:
        message += f"\n(Raised by the model {project['nodes'][code]['name']}.)"
    raise InputFault(message)


def _say_quarantined_records(run: Run, project: Project, records: str, model: str) -> None:
    """Say how many records a build would quarantine, and why."""
    run.run(ancestors(project, [model]))
    for line in quarantined_records(run.query, run.relation(model), records):
        say(line)


def quarantined_loans(query: Callable[[str], list[Any]], relation: str) -> list[str]:
    """Return a line for each reason for which records of loans and features are quarantined."""
    return quarantined_records(query, relation, QUARANTINED_RECORDS["credit_models"][0])


def quarantined_records(
    query: Callable[[str], list[Any]], relation: str, records: str
) -> list[str]:
    """Return a line for each reason for which records of a kind are quarantined."""
    return [
        f"  {n} record(s) of {records} quarantined: {reason} (first: {file} row {row})"
        for reason, n, file, row in query(
            "select reason, count(*), min_by(source_file, source_row), min(source_row) "
            f"from {relation} group by reason order by 2 desc, 1"
        )
    ]


def _write_evidence(run: Run, file: Path) -> str:
    """Write the evidence; return a sentence on its place, or on why it could not be written."""
    try:
        tables = run.keep(EVIDENCE, file)
    except (OSError, duckdb.IOException) as error:
        return f"The list could not be written to {file}: {str(error).splitlines()[0]}."
    return f"Every fault and every quarantined cell is listed in {file} ({', '.join(tables)})."


@contextmanager
def private() -> Iterator[None]:
    """Make new files readable by the owner only: spilled tables may name enterprises."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def _place(warehouse: Path, *, is_large: bool) -> Iterator[Path | None]:
    """Yield a temporary file for the tables of a large input; None for memory."""
    if not is_large:
        yield None
        return
    folder = evidence(warehouse).parent
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix="check-") as place:
        yield Path(place) / "check.duckdb"
