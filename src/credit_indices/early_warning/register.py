"""Whether the register of enterprises and consents has changed since the last load.

A day reads it whole only then. Otherwise it reads the rows of the enterprises with new events.
"""

from __future__ import annotations

import json
from pathlib import Path

TABLES = ("enterprises", "enterprise_consents")
"""Input tables of the register."""


def fingerprint(folder: Path) -> str:
    """Return the names, sizes and times of the register's files in a folder."""
    files = sorted(
        path
        for table in TABLES
        for path in folder.iterdir()
        if path.stem == table and path.is_file()
    )
    return json.dumps([(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files])
