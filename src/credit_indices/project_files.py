"""A key for the state of the project's files, under which what is made of them is kept."""

import hashlib
from importlib.metadata import version
from pathlib import Path

READ_BY_DBT = (
    "dbt_project.yml",
    "macros",
    "models",
    "profiles",
    "profiles.yml",
    "python_models",
    "seeds",
    "snapshots",
    "tests/generic",
    "tests/singular",
)
"""What dbt parses, by its place in the project."""

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
    found = hashlib.sha256()
    for text in (*(f"{name} {version(name)}" for name in PACKAGES), *also):
        found.update(f"{text}\0".encode())
    for part in READ_BY_DBT:
        top = project / part
        files = (
            [top] if top.is_file() else sorted(path for path in top.rglob("*") if path.is_file())
        )
        for path in files:
            if "__pycache__" not in path.parts:
                content = path.read_bytes()
                found.update(f"{path.relative_to(project)}\0{len(content)}\0".encode())
                found.update(content)
    return found.hexdigest()[:16]
