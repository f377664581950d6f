"""Time the step from bounds to scores on loaded data: numpy on an array, or the engine's SQL.

    python benchmarks/kernel.py numpy FOLDER REPEATS
    python benchmarks/kernel.py engine TARGET WAREHOUSE REPEATS

Prints the seconds and CPU seconds of every repeat as JSON, after one warm-up. The SQL is compiled
by dbt: the same queries, in a built warehouse, as temporary tables and views.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

MODELS = {
    "int_index__cells": "view",
    "int_index__bounds": "table",
    "int_index__standardized": "view",
    "int_index__entropy": "table",
    "int_index__weights": "table",
    "int_index__coefficients": "table",
    "int_index__node_scores": "view",
}
"""The engine's models from accepted observations to the nodes' scores, in the order of refs."""


def numpy_kernel(folder: Path) -> Callable[[], object]:
    """The index by numpy on a matrix in memory."""
    from contenders import entropy_index, read_matrix

    _, values, signs = read_matrix(folder)
    return lambda: entropy_index(values, signs)


def engine_kernel(target: Path, warehouse: Path) -> Callable[[], object]:
    """The compiled SQL from bounds to the headline score of the root, in a built warehouse."""
    import duckdb

    connection = duckdb.connect(str(warehouse), read_only=True)
    compiled = {path.stem: path.read_text(encoding="utf-8") for path in target.rglob("*.sql")}
    statements = []
    for model, kind in MODELS.items():
        sql = compiled[model]
        for other in MODELS:
            sql = sql.replace(f'"{warehouse.stem}"."intermediate"."{other}"', f"temp.{other}")
        statements.append(f"create or replace temp {kind} {model} as {sql}")
    statements.append(
        "create or replace temp table scores as select unit_key, period, headline_score as score "
        "from temp.int_index__node_scores where parent_key is null"
    )

    def run() -> None:
        for statement in statements:
            connection.execute(statement)

    return run


def timed(run: Callable[[], object], repeats: int) -> list[dict[str, float]]:
    """Seconds and CPU seconds of every repeat after the first."""
    run()
    measured = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        measured.append(
            {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
        )
    return measured


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    kinds = parser.add_subparsers(dest="kind", required=True)
    by_numpy = kinds.add_parser("numpy")
    by_numpy.add_argument("folder", type=Path)
    by_engine = kinds.add_parser("engine")
    by_engine.add_argument("target", type=Path)
    by_engine.add_argument("warehouse", type=Path)
    for kind in (by_numpy, by_engine):
        kind.add_argument("repeats", type=int)
    arguments = parser.parse_args()
    if arguments.kind == "numpy":
        kernel = numpy_kernel(arguments.folder)
    else:
        kernel = engine_kernel(arguments.target, arguments.warehouse)
    print(json.dumps(timed(kernel, arguments.repeats)))
