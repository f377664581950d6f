"""Generate the benchmark's input: a folder of input tables with a number of units x 23 indicators.

    python benchmarks/synthetic_units.py FOLDER UNITS

The values are drawn from a fixed seed. The indicators, their dimensions and directions are those of
the project's own index `scdbi`: its rows of seeds/catalog, under another index code.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CATALOG = Path(__file__).parents[1] / "seeds" / "catalog"
INDEX_CODE = "benchmark"
PERIOD = 2020
SEED = 20201231
UNITS_AT_A_TIME = 50_000


def write_folder(folder: Path, n_units: int) -> None:
    """Write observations and units as Parquet, the catalog of one index as CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    members = write_catalog(folder)
    write_units(folder / "units.parquet", n_units)
    write_observations(folder / "observations.parquet", n_units, members)


def write_catalog(folder: Path) -> list[str]:
    """Copy the catalog rows of `scdbi` and return its indicator codes, in the catalog's order."""
    members = _rows("index_indicators.csv", index_code="scdbi")
    codes = [row["indicator_code"] for row in members]
    indicators = [row for row in _rows("indicators.csv") if row["indicator_code"] in codes]
    nodes = _rows("index_nodes.csv", index_code="scdbi")
    for node in nodes:
        for column in ("node_code", "parent_code"):
            node[column] = node[column].replace("scdbi", INDEX_CODE)
    for name, rows in {
        "indices.csv": _rows("indices.csv", index_code="scdbi"),
        "index_nodes.csv": nodes,
        "index_indicators.csv": members,
        "indicators.csv": [row | {"upper_bound": "", "data_origin": "user"} for row in indicators],
    }.items():
        for row in rows:
            if "index_code" in row:
                row["index_code"] = INDEX_CODE
        with open(folder / name, "w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
    return codes


def write_units(path: Path, n_units: int) -> None:
    """Write the units with made-up names in four regions."""
    ids = unit_ids(0, n_units)
    regions = pa.array(["east", "central", "west", "northeast"])
    pq.write_table(
        pa.table(
            {
                "unit_id": ids,
                "name_en": [f"Unit {unit_id[1:]}" for unit_id in ids],
                "name_zh": [f"单位{unit_id[1:]}" for unit_id in ids],
                "region": regions.take(pa.array(np.arange(n_units) % len(regions))),
            }
        ),
        path,
    )


def write_observations(path: Path, n_units: int, codes: list[str]) -> None:
    """Write a long file of one period, sorted by unit and indicator.

    The values are log-normal: a size common to all indicators of a unit, times a deviation; scale
    and spread differ between indicators.
    """
    rng = np.random.default_rng(SEED)
    scales = rng.uniform(0.0, 8.0, len(codes))
    spreads = rng.uniform(0.3, 1.2, len(codes))
    schema = pa.schema(
        {
            "unit_id": pa.string(),
            "period": pa.int32(),
            "indicator_code": pa.string(),
            "value": pa.float64(),
        }
    )
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, n_units, UNITS_AT_A_TIME):
            n = min(UNITS_AT_A_TIME, n_units - start)
            size = rng.normal(0.0, 0.6, (n, 1))
            values = np.exp(scales + size + spreads * rng.normal(size=(n, len(codes))))
            unit = np.repeat(np.arange(n, dtype=np.int32), len(codes))
            indicator = np.tile(np.arange(len(codes), dtype=np.int32), n)
            columns = [
                pa.array(unit_ids(start, n)).take(pa.array(unit)),
                pa.array(np.full(unit.size, PERIOD, dtype=np.int32)),
                pa.array(codes).take(pa.array(indicator)),
                pa.array(values.ravel()),
            ]
            writer.write_table(pa.table(columns, schema=schema))


def unit_ids(start: int, n: int) -> list[str]:
    """The ids of `n` units from number `start` on."""
    return [f"u{number:08d}" for number in range(start, start + n)]


def _rows(seed: str, **where: str) -> list[dict[str, str]]:
    with open(CATALOG / seed, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [row for row in rows if all(row[name] == value for name, value in where.items())]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("units", type=int)
    arguments = parser.parse_args()
    write_folder(arguments.folder, arguments.units)
