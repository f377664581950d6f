"""The result of a run: its cells, its observations and its messages."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from credit_indices.ingest.cells import Cell
from credit_indices.ingest.reading_plan import ReadingPlan
from credit_indices.ingest.sheets import Sheet

FOLDER = "ingest"
"""Folder of the mapping and the reports in the data folder."""
Key = tuple[str, int, str]
"""Unit, year and indicator."""


@dataclass
class Result:
    """Result of a run. ``cells`` counts the cells of each sheet by role.

    ``pending`` lists decisions for the user; ``notes`` are warnings.
    """

    data_dir: Path
    cells: list[tuple[Sheet, ReadingPlan, Counter]] = field(default_factory=list)
    accepted: dict[Key, tuple[Sheet, Cell]] = field(default_factory=dict)
    rejected: list[tuple[Sheet, Cell]] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_changed: bool = False

    @property
    def folder(self) -> Path:
        """The folder of the mapping and the reports."""
        return self.data_dir / FOLDER

    def total(self, *roles: str) -> int:
        """Return the number of cells of all sheets with one of these roles."""
        return sum(counts[role] for _, _, counts in self.cells for role in roles)
