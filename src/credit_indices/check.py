"""Check input tables: every fault that would stop a build at its gate, without a build.

The models that the gate of the input reads run in memory, by the runner instead of dbt; what they
say is what a build would say.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from credit_indices import input_files
from credit_indices.progress import stage
from credit_indices.runner.parsed import ParseError, parsed
from credit_indices.runner.render import CompilationError
from credit_indices.runner.run import Run, ancestors
from credit_indices.threads import for_input

GATE = "model.credit_indices.int_input__gate"
"""The model that stops a build: it lists the violations of all input tables."""

EVIDENCE = (
    "model.credit_indices.int_input__violations",
    "model.credit_indices.quarantined_observations",
)
"""What is kept of an input with faults."""


class InputFault(Exception):
    """The input has faults; the message lists them for the user."""


def check(
    data_dir: str | None,
    warehouse: Path,
    variables: str = "",
    settings: Mapping[str, str] | None = None,
) -> None:
    """Look for faults of the input.

    Args:
        data_dir: The folder of the user's input tables; None for the shipped data.
        warehouse: The file that a build would make. All faults are kept beside it.
        variables: Variables of the dbt project as YAML; empty for those of dbt_project.yml.
        settings: DuckDB's settings, such as memory_limit.

    Raises:
        InputFault: If the input or a variable has faults; the message lists them as a build does.
        NotADirectoryError: If there is no such folder.

    """
    folder = input_files.existing_folder(data_dir) if data_dir else None
    kept = Path("target/kept")
    try:
        project = parsed(Path(), kept, variables, database=warehouse.stem)
        with stage("Checked the input"):
            run = Run(
                project, Path(), data_dir=folder, settings=_settings(data_dir, settings), kept=kept
            )
            _check(run, project, evidence(warehouse))
    except (CompilationError, ParseError) as error:
        raise InputFault(str(error)) from None


def _settings(data_dir: str | None, given: Mapping[str, str] | None) -> dict[str, Any]:
    threads = for_input(data_dir or "")
    return ({"threads": threads} if threads else {}) | dict(given or {})


def evidence(warehouse: Path) -> Path:
    """Return the file that keeps the faults of an input, and what would be quarantined."""
    return warehouse.parent / "candidate" / "check.duckdb"


def _check(run: Run, project: dict, kept: Path) -> None:
    try:
        run.check_settings()
        faults = run.run(ancestors(project, [GATE]), stop_at_fault=True).faults
        if not faults:
            return
        ((code, message),) = faults.items()
        if code == GATE:
            run.run(ancestors(project, EVIDENCE) - ancestors(project, [GATE]))
            message += f"\n{_kept(run, kept)}"
        else:
            message += f"\nThe model {project['nodes'][code]['name']} said so."
    finally:
        run.close()
    raise InputFault(message)


def _kept(run: Run, file: Path) -> str:
    """Keep the evidence; say where, or why it could not be kept."""
    try:
        run.keep(EVIDENCE, file)
    except (OSError, duckdb.IOException) as error:
        return f"The list could not be kept in {file}: {str(error).splitlines()[0]}."
    return (
        f"Every fault and every quarantined cell is kept in {file} "
        "(intermediate.int_input__violations, quality.quarantined_observations)."
    )
