"""dbt's manifest, kept between runs: to parse the project costs more than to run a small index.

A kept manifest is used only for the same project files, packages, variables, database and dbt
settings, and only while every environment variable read at parse time has the same value.
"""

import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from dbt.contracts.graph.manifest import Manifest

from credit_indices.project_files import project_key

KEPT = Path("target/kept")
"""The folder, by its place in the project. `make clean` removes it."""

NEWEST = 8
"""Manifests to keep: one for each set of variables or file name in use."""

PLACES = {"DBT_TARGET_PATH", "DBT_LOG_PATH"}
"""dbt's settings that name places to write to; no manifest depends on them."""


def load_or_parse(
    project: Path, database: str, variables: str, parse: Callable[[], Manifest]
) -> tuple[Manifest, bool]:
    """Return the kept manifest of a project; parse and keep it where there is none.

    Args:
        project: The project's folder.
        database: Name of the database, which the names of all relations carry.
        variables: The dbt variables as given on the command line; empty for none.
        parse: Parses the project.

    Returns:
        The manifest, and whether it had been kept.

    """
    path = project / KEPT / f"manifest-{_key(project, database, variables)}.pickle"
    if (kept := _load(path)) is not None:
        return kept, True
    manifest = parse()
    _keep(manifest, path)
    return manifest, False


def _key(project: Path, database: str, variables: str) -> str:
    settings = sorted(
        f"{name}={value}"
        for name, value in os.environ.items()
        if name.startswith("DBT_") and name not in PLACES
    )
    profiles = Path(os.environ.get("DBT_PROFILES_DIR") or project) / "profiles.yml"
    profile = profiles.read_text(encoding="utf-8") if profiles.is_file() else ""
    return project_key(project, sys.version, database, variables, profile, *settings)


def _load(path: Path) -> Manifest | None:
    """Return a kept manifest, None where there is none that can be used."""
    try:
        manifest = pickle.loads(path.read_bytes())
    except OSError:
        return None
    except Exception:  # pickle raises whatever the damaged bytes lead to
        return None
    if not isinstance(manifest, Manifest):
        return None
    if any(os.environ.get(name) != value for name, value in manifest.env_vars.items()):
        return None
    with suppress(OSError):
        path.touch()  # the last to be cleared
    return manifest


def _keep(manifest: Manifest, path: Path) -> None:
    """Write a manifest, and clear the oldest. A folder that cannot be written keeps none."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        partial.write_bytes(pickle.dumps(manifest, protocol=pickle.HIGHEST_PROTOCOL))
        partial.replace(path)
        found = sorted(path.parent.glob("manifest-*"), key=lambda kept: kept.stat().st_mtime)
        for old in found[:-NEWEST]:
            old.unlink(missing_ok=True)
