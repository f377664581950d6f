"""Whether the register of enterprises and consents has changed since the last load.

A day reads it whole only then. Otherwise it reads the rows of the enterprises with new events.
"""

from __future__ import annotations

import json
from pathlib import Path

TABLES = ("enterprises", "enterprise_consents")
"""Input tables of the register."""


def fingerprint(folder: Path, before: float | None = None) -> str | None:
    """Return the names, sizes and times of the register's files in a folder.

    Args:
        folder: The folder of the input tables.
        before: Seconds since 1970. A file that was changed later may have been read before that
            change, so there is no fingerprint.

    """
    files = _files(folder)
    facts = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    if before is not None and any(changed > before * 1e9 for *_, changed in facts):
        return None
    return json.dumps(facts)


def has_files(folder: Path) -> bool:
    """Whether the folder has a file of each table."""
    return {path.stem for path in _files(folder)} == set(TABLES)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.stem in TABLES and path.is_file())
