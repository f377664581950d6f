"""Cache of dbt's manifest: parsing the project takes longer than running a small index.

A cached manifest is used only for the same project files, packages, variables, database and dbt
settings, and only while every environment variable read at parse time has the same value.
"""

import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from dbt.contracts.graph.manifest import Manifest

from credit_indices.pipeline.project_files import run_key

FOLDER = Path("target/cache")
"""The folder, by its place in the project. `make clean` removes it."""

NEWEST = 8
"""Number of manifests in the cache: one for each set of variables or file name in use."""


def load_or_parse(
    project: Path, database: str, variables: str, parse: Callable[[], Manifest]
) -> tuple[Manifest, bool]:
    """Return the cached manifest of a project; parse and cache it if there is none.

    Args:
        project: The project's folder.
        database: Name of the database, part of all relation names.
        variables: The dbt variables as given on the command line; empty for none.
        parse: Parses the project.

    Returns:
        The manifest, and whether it was cached.

    """
    key = run_key(project, database, variables)
    path = project / FOLDER / f"manifest-{key}.pickle"
    if (cached := _load(path)) is not None:
        return cached, True
    manifest = parse()
    if run_key(project, database, variables) == key:  # no file changed while dbt read it
        _store(manifest, path)
    return manifest, False


def _load(path: Path) -> Manifest | None:
    """Return a cached manifest; None if none can be used."""
    try:
        manifest = pickle.loads(path.read_bytes())
    except OSError:
        return None
    except Exception:  # damaged pickles may raise any exception
        return None
    if not isinstance(manifest, Manifest):
        return None
    if any(os.environ.get(name) != value for name, value in manifest.env_vars.items()):
        return None
    # dbt 1.11 leaves fixtures out when it pickles a manifest, which moves the lookups after it by
    # one place; each is made again when it is used.
    for name in [name for name in vars(manifest) if name.endswith("_lookup")]:
        setattr(manifest, name, None)
    manifest.fixtures = {}
    with suppress(OSError):
        path.touch()  # the most recently used is removed last
    return manifest


def _store(manifest: Manifest, path: Path) -> None:
    """Write a manifest and remove the oldest. Without permission to write, cache none."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        partial.write_bytes(pickle.dumps(manifest, protocol=pickle.HIGHEST_PROTOCOL))
        partial.replace(path)
        found = sorted(path.parent.glob("manifest-*"), key=lambda old: old.stat().st_mtime)
        for old in found[:-NEWEST]:
            old.unlink(missing_ok=True)
