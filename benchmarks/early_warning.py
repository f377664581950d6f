"""Measure `make day` for several numbers of enterprises, and the same day in memory by polars.

    make bench
    python benchmarks/early_warning.py --enterprises 20000 200000 2000000

For each size: `make day` with a history of two years (29 events per enterprise), `make day` with
one day (events of a tenth of the enterprises, some late, some twice), and the same day again, which
must add nothing. The signals, warnings, repairs and levels must equal those of one load of history
and day. polars reads the same files. Every step is a process of its own, one after the other. Two
million enterprises need 50 GB of disk space (`--folder`). The results go to benchmarks/results/.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
RESULTS = HERE / "results"
BENCH_PYTHON = PROJECT / ".venv-bench" / "bin" / "python"
REGISTER = ("enterprises.parquet", "enterprise_consents.parquet")


def measured(python: Path, step: str, folder: Path, *options: str) -> dict[str, Any]:
    """Run a step; return its result and the peak memory of the process."""
    command = [str(python), str(HERE / "early_warning_contenders.py"), step, str(folder), *options]
    with open(folder / "step.log", "wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, cwd=PROJECT)
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
    process.stdout.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        end = "\n".join((folder / "step.log").read_text(errors="replace").splitlines()[-20:])
        sys.exit(f"{' '.join(command)} failed:\n{end}")
    return json.loads(printed.splitlines()[-1]) | {"peak_mb": usage.ru_maxrss / 1024}


def give(folder: Path, *parts: str) -> None:
    """Make the events of the history or the day, or both, those of the input tables."""
    tables = folder / "input"
    if not tables.exists():
        tables.mkdir()
        for name in REGISTER:
            os.link(folder / name, tables / name)
    events = tables / "enterprise_events"
    shutil.rmtree(events, ignore_errors=True)
    events.mkdir()
    for part in parts:
        for file in (folder / part).iterdir():
            os.link(file, events / f"{part}-{file.name}")


def of_size(folder: Path, enterprises: int, memory: str, *, with_whole: bool) -> dict[str, Any]:
    """Measure all steps on a stream of this size."""
    print(f"{enterprises:,} enterprises", flush=True)
    command = [sys.executable, str(HERE / "synthetic_stream.py"), str(folder), str(enterprises)]
    subprocess.run(command, check=True)
    found: dict[str, Any] = {"enterprises": enterprises}
    here = Path(sys.executable)
    for step, parts in (("history", ["history"]), ("day", ["day"]), ("again", ["day"])):
        give(folder, *parts)
        found[step] = measured(here, "load", folder, "--memory", memory)
        print(f"  {step}: {found[step]}", flush=True)
    if with_whole:
        give(folder, "history", "day")
        found["whole"] = measured(here, "load", folder, "--state", "whole", "--memory", memory)
        found["compared"] = measured(here, "compare", folder, "--memory", memory)
        print(f"  {found['compared']}", flush=True)
        if found["compared"]["differing"]:
            sys.exit("The days give other results than one load.")
    if BENCH_PYTHON.exists():
        found["polars"] = measured(BENCH_PYTHON, "polars", folder)
        print(f"  polars: {found['polars']}", flush=True)
    return found


def table(sizes: list[dict[str, Any]]) -> str:
    """Return the results as Markdown."""
    lines = [
        "| enterprises | step | seconds | CPU seconds | peak RSS, MB | state, MB |",
        "|--:|---|--:|--:|--:|--:|",
    ]
    for found in sizes:
        named = {
            "history": "`make day` with the history",
            "day": "`make day` with the day",
            "again": "`make day` with the same day again",
            "polars": "polars, the day (history in memory)",
        }
        for step, name in named.items():
            if step in found:
                run = found[step]
                size = f"{run['megabytes']:,.0f}" if "megabytes" in run else ""
                lines.append(
                    f"| {found['enterprises']:,} | {name} | {run['seconds']:,.1f} "
                    f"| {run['cpu_seconds']:,.1f} | {run['peak_mb']:,.0f} | {size} |"
                )
    return "\n".join(lines)


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--enterprises", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--memory", default="3GB", help="DuckDB's memory limit")
    parser.add_argument("--folder", type=Path, help="where to work, default the temporary folder")
    parser.add_argument(
        "--without-whole", action="store_true", help="leave out the load of history and day"
    )
    arguments = parser.parse_args()
    sizes = []
    for enterprises in arguments.enterprises:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as place:
            sizes.append(
                of_size(
                    Path(place) / "stream",
                    enterprises,
                    arguments.memory,
                    with_whole=not arguments.without_whole,
                )
            )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "early_warning.json").write_text(json.dumps(sizes, indent=2) + "\n")
    compared = [found for found in sizes if "compared" in found]
    equal = "; ".join(
        f"{found['enterprises']:,} enterprises: "
        + ", ".join(f"{n:,} {name}" for name, n in found["compared"]["rows"].items())
        for found in compared
    )
    (RESULTS / "early_warning.md").write_text(
        f"# Early warning\n\nWritten by `python benchmarks/early_warning.py` on "
        f"{date.today().isoformat()}: {os.cpu_count()} cores, Python "
        f"{sys.version.split()[0]}, duckdb {version('duckdb')}, memory_limit {arguments.memory}. "
        "One run; seconds without imports and parsing.\n\n"
        f"{table(sizes)}\n\n"
        + (f"Equal to one load of history and day, row by row: {equal}.\n" if compared else "")
    )


if __name__ == "__main__":
    main()
