"""Number of DuckDB threads. With one thread the order of sums is fixed: builds are reproducible."""

from pathlib import Path

from credit_indices.pipeline.input_files import FORMATS, PARTITIONED

ONE_THREAD_BELOW = 16 * 1024**2
"""Smaller inputs (bytes; about 300,000 CSV records) use one thread."""


PARQUET_WEIGHT = 8
"""Approximate bytes of CSV per byte of Parquet."""


def for_input(data_dir: str) -> int | None:
    """Return the number of threads for a folder of input tables.

    Args:
        data_dir: The folder; '' for the shipped data.

    Returns:
        1 if the tables have fewer bytes than ``ONE_THREAD_BELOW``, else None: DuckDB's default.

    """
    return 1 if not data_dir or input_bytes(Path(data_dir)) < ONE_THREAD_BELOW else None


def input_bytes(folder: Path) -> int:
    """Return the approximate size of the input tables as CSV; 0 without a folder."""
    tops = [path for ending in FORMATS for path in folder.glob(f"*.{ending}")]
    parts = [path for name in PARTITIONED for path in (folder / name).rglob("*.parquet")]
    return sum(
        path.stat().st_size * (PARQUET_WEIGHT if path.suffix == ".parquet" else 1)
        for path in [*tops, *parts]
        if path.is_file()
    )
