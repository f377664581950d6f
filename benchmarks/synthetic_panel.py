"""Write a synthetic panel to a Parquet file, from a fixed seed and in chunks.

    python benchmarks/synthetic_panel.py panel.parquet --units 100000 --missing 0.2

Ten periods, five regressors that are correlated with the unit and period effects, errors that are
AR(1) within units with different variances. Sorted by unit, in row groups of DuckDB's usual size.
Single rows are missing at random.
"""

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

PERIODS = 10
FIRST_PERIOD = 2013
COEFFICIENTS = np.array([0.5, -0.4, 0.3, -0.2, 0.1])
CORRELATION = 0.5
UNITS_AT_ONCE = 50_000
ROW_GROUP = 122_880
REGRESSORS = [f"x{j}" for j in range(1, 1 + len(COEFFICIENTS))]
SCHEMA = pa.schema(
    [("unit_id", pa.int64()), ("period", pa.int32())]
    + [(name, pa.float64()) for name in ("y", *REGRESSORS)]
)


def chunk(first: int, units: int, missing: float, seed: int) -> pa.Table:
    """The rows of the units from `first` on."""
    of_periods = np.random.default_rng([seed, 0])
    by_period = of_periods.normal(size=(PERIODS, 1 + len(COEFFICIENTS)))
    rng = np.random.default_rng([seed, 1, first])
    shape = (units, PERIODS)
    by_unit = rng.normal(size=(units, 1))
    x = rng.normal(size=(len(COEFFICIENTS), *shape)) + by_unit
    x += by_period.T[1:, None, :]
    error = rng.normal(size=shape) * np.exp(0.4 * rng.normal(size=(units, 1)))
    for t in range(1, PERIODS):
        error[:, t] += CORRELATION * error[:, t - 1]
    y = np.tensordot(COEFFICIENTS, x, axes=1) + 2.0 * by_unit + by_period[:, 0] + error
    kept = (rng.random(shape) >= missing).ravel()
    columns = [
        np.repeat(np.arange(first, first + units), PERIODS),
        np.tile(np.arange(FIRST_PERIOD, FIRST_PERIOD + PERIODS, dtype=np.int32), units),
        y.ravel(),
        *(of_one.ravel() for of_one in x),
    ]
    return pa.table([column[kept] for column in columns], schema=SCHEMA)


def write(path: Path, units: int, missing: float = 0.0, seed: int = 20240611) -> int:
    """Write the panel; return the number of its rows."""
    rows = 0
    with pq.ParquetWriter(path, SCHEMA, use_dictionary=["unit_id", "period"]) as writer:
        for first in range(0, units, UNITS_AT_ONCE):
            table = chunk(first, min(UNITS_AT_ONCE, units - first), missing, seed)
            writer.write_table(table, row_group_size=ROW_GROUP)
            rows += table.num_rows
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--units", type=int, default=31)
    parser.add_argument("--missing", type=float, default=0.0, help="share of rows left out")
    parser.add_argument("--seed", type=int, default=20240611)
    arguments = parser.parse_args()
    print(write(arguments.path, arguments.units, arguments.missing, arguments.seed))


if __name__ == "__main__":
    main()
