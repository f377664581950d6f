"""How many threads DuckDB uses. With one, sums are added in one order, so that builds are alike."""

from pathlib import Path

from credit_indices.input_files import FORMATS, PARTITIONED

ONE_THREAD_BELOW = 16 * 1024**2
"""Bytes of input tables below which one thread is enough: some 300,000 CSV records."""


PARQUET_WEIGHT = 8
"""Bytes of CSV that a byte of Parquet stands for, about."""


def for_input(data_dir: str) -> int | None:
    """Return the number of threads for a folder of input tables.

    Args:
        data_dir: The folder; '' for the shipped data.

    Returns:
        1 where the tables have fewer bytes than ``ONE_THREAD_BELOW``, else None: DuckDB's default.

    """
    return 1 if not data_dir or input_bytes(Path(data_dir)) < ONE_THREAD_BELOW else None


def input_bytes(folder: Path) -> int:
    """Return the size of the input tables as CSV, about; 0 where there is no folder."""
    tops = [path for ending in FORMATS for path in folder.glob(f"*.{ending}")]
    parts = [path for name in PARTITIONED for path in (folder / name).rglob("*.parquet")]
    return sum(
        path.stat().st_size * (PARQUET_WEIGHT if path.suffix == ".parquet" else 1)
        for path in [*tops, *parts]
        if path.is_file()
    )
