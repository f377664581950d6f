"""Check a folder of input tables: every fault that would stop a build, without a build.

The models that the gate of the input reads run in memory, by the runner instead of dbt; what they
say is what a build would say.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from credit_indices import input_files
from credit_indices.build import BuildError, require_long_key, require_project
from credit_indices.runner.parsed import parsed
from credit_indices.runner.render import CompilationError
from credit_indices.runner.run import Run, ancestors

GATE = "model.credit_indices.int_input__gate"
"""The model that stops a build: it lists the violations of all input tables."""

KEPT = Path("target/kept")


def check(data_dir: str | None = None) -> None:
    """Look for faults of the input.

    Args:
        data_dir: The folder of the user's input tables; None for the shipped data.

    Raises:
        BuildError: If there is no such folder or no project, or the input has faults; the message
            lists them as a build does.

    """
    require_project()
    require_long_key()
    folder = input_files.existing_folder(data_dir) if data_dir else None
    project = Path()
    made = parsed(project, KEPT, _variables())
    run = Run(made, project, data_dir=folder, kept=KEPT)
    try:
        run.check_settings()
        outcome = run.run(ancestors(made, [GATE]), stop_at_fault=True)
    except CompilationError as error:
        raise BuildError(str(error)) from None
    finally:
        run.close()
    if outcome.faults:
        raise BuildError(next(iter(outcome.faults.values())))


def _variables() -> dict[str, Any]:
    """Return the variables of the dbt project that the environment names, as `make build` does."""
    text = os.environ.get("CREDIT_INDICES_VARS")
    if not text:
        return {}
    import yaml

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BuildError(f"VARS is not YAML: {error}") from None
    if not isinstance(found, dict):
        raise BuildError(f"VARS is {text!r}; expected are names and values: '{{jump_factor: 3}}'.")
    return found
