"""Limits of tables that people keep by hand, and the errors of this package."""

from pathlib import Path

MAX_FILE_BYTES = 256 * 1024**2
MAX_UNPACKED_BYTES = 128 * 1024**2
"""All parts of a workbook together, unpacked."""
MAX_MEMBERS = 2_000
MAX_SHEETS = 255
MAX_TAGS = 10_000_000
"""XML tags in one workbook; a cell usually has four."""
MAX_ROW_BYTES = 4 * 1024**2
# Excel's own:
MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_CELL_CHARACTERS = 32_767

MAX_CELLS = 2_000_000
"""Cells of one sheet, empty ones before the last of a row included, and of one run."""
MAX_MAPPING_BYTES = 4 * 1024**2


class IngestError(Exception):
    """The files cannot be read, or the mapping is not valid; the message is for the user."""


class FileFault(Exception):
    """One file cannot be read; the message says why and what to do."""


class OtherKind(FileFault):
    """A file is of a kind that is not read; the other files are."""


def shown(text: str, length: int = 60) -> str:
    """Return a text of a file for a message: quoted, without line breaks, shortened."""
    return repr(text if len(text) <= length else text[: length - 1] + "…")


def listed(faults: list[str], most: int = 20) -> str:
    """Return faults as a list, one a line, up to `most`."""
    lines = [f"  - {fault}" for fault in faults[:most]]
    if len(faults) > most:
        lines.append(f"  - and {len(faults) - most} more")
    return "\n".join(lines)


def size(path: Path) -> int:
    """Return a file's size in bytes; raise FileFault if it is too large."""
    found = path.stat().st_size
    if found > MAX_FILE_BYTES:
        raise FileFault(
            f"has {found / 1024**2:,.0f} MB; the limit is {MAX_FILE_BYTES // 1024**2} MB. "
            "Split it, or provide it as observations.parquet, which needs no ingest."
        )
    return found
