"""Keys for the state of the project's files, under which what is made of them is kept."""

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
    "snapshots",
    "tests",
)
"""What dbt parses, by its place in the project; of tests, the SQL."""

PLACES = {"DBT_TARGET_PATH", "DBT_LOG_PATH"}
"""dbt's settings that name places to write to; nothing that is kept depends on them."""

PACKAGES = ("dbt-adapters", "dbt-core", "dbt-duckdb", "duckdb")
"""The packages whose versions decide what dbt makes of it."""


def project_key(project: Path, *also: str) -> str:
    """Hash the names and contents of everything that dbt reads of a project.

    Args:
        project: The project's folder.
        also: What else the kept thing depends on, such as variables given on the command line.

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
    """Hash what `project_key` does, and Python, the profile and the settings of dbt.

    Args:
        project: The project's folder.
        also: What else the kept thing depends on.

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
