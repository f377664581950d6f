"""Compare run times of the index engine, numpy, pandas and pymcdm on the same Parquet files.

    make bench
    python benchmarks/index_engine.py --units 100000 1000000 --large

Each contender runs in its own process, one after the other, for several rounds; the results are
medians. This process must stay small: a child's peak memory is never below its parent's. The
results go to benchmarks/results/ as JSON and as a table.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
RESULTS = HERE / "results"
INDICATORS = 23
AGREEMENT = 1e-9
"""Relative tolerance for equal scores; the marts round to 12 digits."""
ENGINE = "dbt build --select +index_scores"
PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "numpy", "pandas", "pyarrow", "pymcdm")

Measurement = dict[str, float]


def measured(command: list[str], environment: dict[str, str], log: Path) -> Measurement:
    """Run a command: seconds, CPU seconds and peak memory of it and the processes it waited for."""
    with open(log, "wb") as stream:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=stream,
            stderr=subprocess.STDOUT,
            cwd=PROJECT,
            env=os.environ | environment,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        end = "\n".join(log.read_text(errors="replace").splitlines()[-40:])
        sys.exit(f"{' '.join(command)} failed:\n{end}")
    return {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }


def script(name: str, *arguments: object) -> list[str]:
    """The command that runs another file of this folder."""
    return [sys.executable, str(HERE / name), *map(str, arguments)]


def answer(command: list[str]) -> Any:
    """Run a script and parse its output as JSON."""
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def build(folder: Path, data: Path, memory_limit: str = "") -> Measurement:
    """One whole build up to index_scores from an empty warehouse and an empty target folder."""
    target, warehouse = folder / "target", folder / "warehouse.duckdb"
    subprocess.run(["rm", "-rf", target, warehouse], check=True)
    result = measured(
        [
            str(Path(sys.executable).parent / "dbt"),
            *("build", "--select", "+index_scores", "--exclude-resource-type", "unit_test"),
            *("--indirect-selection", "buildable"),
            *("--target-path", str(target), "--log-path", str(folder / "logs")),
        ],
        {
            "CREDIT_INDICES_DB": str(warehouse),
            "CREDIT_INDICES_DATA_DIR": str(data),
            "CREDIT_INDICES_MEMORY_LIMIT": memory_limit,
            "CREDIT_INDICES_TEMP_DIRECTORY": str(folder / "spill"),
            "DBT_PROFILES_DIR": str(PROJECT / "profiles"),
        },
        folder / "build.log",
    )
    steps = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    for kind in ("model", "test"):
        result[f"{kind}_seconds"] = sum(
            step["execution_time"] for step in steps if step["unique_id"].startswith(f"{kind}.")
        )
    return result


def compare(folder: Path, units: int, rounds: int, kernel_repeats: int) -> dict[str, Any]:
    """Run all contenders on a number of units, by round, then the kernels and the comparison."""
    data = folder / f"data_{units}"
    subprocess.run(script("synthetic_units.py", data, units), check=True)
    scores = {name: folder / f"{name}.parquet" for name in ("numpy", "pandas", "pymcdm")}
    runs: dict[str, list[Measurement]] = {ENGINE: [], **{name: [] for name in scores}}
    for number in range(rounds):
        say(f"{units:,} units, round {number + 1} of {rounds}")
        runs[ENGINE].append(build(folder, data))
        for name, path in scores.items():
            command = script("contenders.py", name, data, path)
            runs[name].append(measured(command, {}, folder / f"{name}.log"))
    warehouse = folder / "warehouse.duckdb"
    differences = answer(script("compare_scores.py", warehouse, *scores.values()))
    if not all(difference <= AGREEMENT for difference in differences.values()):
        sys.exit(f"The scores disagree, largest relative differences from dbt's: {differences}")
    target = folder / "target" / "compiled"
    kernels = {
        "engine": answer(script("kernel.py", "engine", target, warehouse, kernel_repeats)),
        "numpy": answer(script("kernel.py", "numpy", data, kernel_repeats)),
    }
    return {
        "units": units,
        "cells": units * INDICATORS,
        "runs": runs,
        "medians": {name: medians(of_one) for name, of_one in runs.items()},
        "largest_relative_differences": differences,
        "kernel_runs": kernels,
        "kernel_medians": {name: medians(of_one) for name, of_one in kernels.items()},
    }


def build_large(folder: Path, units: int, memory_limit: str) -> dict[str, Any]:
    """One build under a memory limit."""
    data = folder / f"data_{units}"
    say(f"{units:,} units under {memory_limit}")
    subprocess.run(script("synthetic_units.py", data, units), check=True)
    return {
        "units": units,
        "cells": units * INDICATORS,
        "memory_limit": memory_limit,
        "run": build(folder, data, memory_limit),
    }


def medians(runs: list[Measurement]) -> Measurement:
    """Medians of all measurements over the runs."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def machine() -> dict[str, Any]:
    """Hardware and versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "date": date.today().isoformat(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 2**30, 1),
        "python": sys.version.split()[0],
        **{package: version(package) for package in PACKAGES},
    }


def as_markdown(results: dict[str, Any]) -> str:
    """Format the results as a page: the whole path, the kernel, the large build."""
    facts = results["machine"]
    packages = ", ".join(f"{package} {facts[package]}" for package in PACKAGES)
    lines = [
        "# Index engine",
        "",
        f"Written by `make bench` on {facts['date']}: {facts['cores']} cores,"
        f" {facts['memory_gib']} GiB, Python {facts['python']}, {packages}."
        " Medians; machines are noisy, so trust the ratios more than the seconds.",
        "",
        "## From the Parquet file to the scores",
        "",
        "| units | cells | contender | seconds | CPU seconds | peak RSS, MB | x numpy's seconds |",
        "|--:|--:|---|--:|--:|--:|--:|",
    ]
    for size in results["sizes"]:
        base = size["medians"]["numpy"]["seconds"]
        for name, median in size["medians"].items():
            lines.append(
                f"| {size['units']:,} | {size['cells']:,} | {name} | {median['seconds']:.1f} |"
                f" {median['cpu_seconds']:.1f} | {median['peak_mb']:,.0f} |"
                f" {median['seconds'] / base:.1f} |"
            )
    lines += [""]
    for size in results["sizes"]:
        worst = max(size["largest_relative_differences"].values())
        ours = size["medians"][ENGINE]
        lines.append(
            f"At {size['units']:,} units dbt's models took {ours['model_seconds']:.1f} s and its"
            f" data tests {ours['test_seconds']:.1f} s, two at a time; the rest is dbt's start and"
            f" seeds. All scores agree to {worst:.0e} of their value."
        )
        lines.append("")
    lines += [
        "## Bounds to scores, one scheme, data loaded",
        "",
        "| units | engine's SQL, s | numpy, s | ratio | ratio of CPU seconds |",
        "|--:|--:|--:|--:|--:|",
    ]
    for size in results["sizes"]:
        ours, numpys = size["kernel_medians"]["engine"], size["kernel_medians"]["numpy"]
        lines.append(
            f"| {size['units']:,} | {ours['seconds']:.2f} | {numpys['seconds']:.2f} |"
            f" {ours['seconds'] / numpys['seconds']:.1f} |"
            f" {ours['cpu_seconds'] / numpys['cpu_seconds']:.1f} |"
        )
    if large := results.get("large"):
        run = large["run"]
        lines += [
            "",
            f"## {large['units']:,} units under memory_limit {large['memory_limit']}, once,"
            f" {large['date']}",
            "",
            "| units | cells | seconds | CPU seconds | peak RSS, MB |",
            "|--:|--:|--:|--:|--:|",
            f"| {large['units']:,} | {large['cells']:,} | {run['seconds']:.1f} |"
            f" {run['cpu_seconds']:.1f} | {run['peak_mb']:,.0f} |",
        ]
    return "\n".join(lines) + "\n"


def say(text: str) -> None:
    """Print progress to stderr."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Run the requested parts, print the table and write it beside the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kernel-repeats", type=int, default=7)
    parser.add_argument("--large", action="store_true", help="also a build under a memory limit")
    parser.add_argument("--large-units", type=int, default=4_000_000)
    parser.add_argument("--large-memory-limit", default="3GB")
    parser.add_argument("--folder", type=Path, help="keep data and warehouse here")
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    path = arguments.results / "index_engine.json"
    results: dict[str, Any] = {"machine": machine(), "sizes": []}
    if path.exists():  # keep the earlier large build, with its date, if it is not run again
        before = json.loads(path.read_text(encoding="utf-8"))
        results |= {"large": before["large"]} if "large" in before else {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = (arguments.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        for units in arguments.units:
            results["sizes"].append(
                compare(folder, units, arguments.rounds, arguments.kernel_repeats)
            )
        if arguments.large:
            results["large"] = build_large(
                folder, arguments.large_units, arguments.large_memory_limit
            )
            results["large"]["date"] = results["machine"]["date"]
    arguments.results.mkdir(parents=True, exist_ok=True)
    page = as_markdown(results)
    (arguments.results / "index_engine.md").write_text(page, encoding="utf-8")
    path.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
