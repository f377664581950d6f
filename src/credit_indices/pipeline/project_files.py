"""Cache keys for the state of the project's files."""

import hashlib
import os
import sys
from importlib.metadata import version
from pathlib import Path

READ_BY_DBT = (
    "dbt_project.yml",
    "analyses",
    "dependencies.yml",
    "macros",
    "models",
    "packages.yml",
    "profiles",
    "profiles.yml",
    "python_models",
    "seeds",
    "selectors.yml",
    "tests",
)
"""Files that dbt parses, by their place in the project; of tests, only SQL."""

PLACES = {"DBT_TARGET_PATH", "DBT_LOG_PATH"}
"""dbt's settings that name output places; no cached result depends on them."""

PACKAGES = ("dbt-adapters", "dbt-core", "dbt-duckdb", "duckdb")
"""The packages whose versions determine dbt's result."""


def project_key(project: Path, *also: str) -> str:
    """Hash the names and contents of all project files that dbt reads.

    Args:
        project: The project's folder.
        also: Other dependencies of the cached result, such as variables of the command line.

    Returns:
        16 hexadecimal digits.

    """
    found = hashlib.sha256(f"{project.resolve()}\0".encode())
    for text in (*(f"{name} {version(name)}" for name in PACKAGES), *also):
        found.update(f"{text}\0".encode())
    for part in READ_BY_DBT:
        top = project / part
        files = (
            [top] if top.is_file() else sorted(path for path in top.rglob("*") if path.is_file())
        )
        for path in files:
            if "__pycache__" not in path.parts and (part != "tests" or path.suffix == ".sql"):
                content = path.read_bytes()
                found.update(f"{path.relative_to(project)}\0{len(content)}\0".encode())
                found.update(content)
    return found.hexdigest()[:16]


def run_key(project: Path, *also: str) -> str:
    """Hash the inputs of `project_key`, Python, the profile and dbt's settings.

    Args:
        project: The project's folder.
        also: Other dependencies of the cached result.

    Returns:
        16 hexadecimal digits.

    """
    settings = sorted(
        f"{name}={value}"
        for name, value in os.environ.items()
        if name.startswith("DBT_") and name not in PLACES
    )
    profiles = Path(os.environ.get("DBT_PROFILES_DIR") or project) / "profiles.yml"
    profile = profiles.read_text(encoding="utf-8") if profiles.is_file() else ""
    return project_key(project, sys.version, profile, *settings, *also)
