"""Measure builds and publications as whole processes, and compare two builds.

    make bench
    python benchmarks/builds.py --beside ../earlier --rounds 1

The commands run in turn for several rounds; the results are medians. `--beside` names an earlier
checkout with its own .venv, whose commands alternate with those of this one. The results go to
benchmarks/results/.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path

import duckdb
from synthetic_units import write_folder

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
RESULTS = HERE / "results"
PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "great-expectations")
UNITS = 100_000
MODEL = "model.credit_indices.int_observations__duplicates"

SMALL = {
    "observations": "unit_id,period,indicator_code,value\n"
    "north,2024,coverage,62\nsouth,2024,coverage,84.5\ncoast,2024,coverage,71\n"
    "north,2024,bad_loans,2.8\nsouth,2024,bad_loans,1.6\ncoast,2024,bad_loans,1.9\n",
    "units": "unit_id,name_en,name_zh,region\n"
    "north,North county,,inland\nsouth,South county,,inland\ncoast,Coast county,,coastal\n",
    "indicators": "indicator_code,name_en,name_zh,unit,source_agency,data_origin,lower_bound,"
    "upper_bound,missing_policy\n"
    "coverage,Credit coverage,,percent,my survey,user,0,100,fail\n"
    "bad_loans,Non-performing loan ratio,,percent,my survey,user,0,100,fail\n",
    "indices": "index_code,name_en,name_zh,normalization,score_base,score_span,frame,weighting,"
    "aggregation\ncredit,Credit climate,,efficacy,60,40,pooled,equal,weighted_mean\n",
    "index_nodes": "index_code,node_code,parent_code,name_en,name_zh,fixed_weight\n"
    "credit,credit,,Credit climate,,\n",
    "index_indicators": "index_code,indicator_code,node_code,direction\n"
    "credit,coverage,credit,1\ncredit,bad_loans,credit,-1\n",
}

Measurement = dict[str, float]


def measured(project: Path, place: Path, *command: str) -> Measurement:
    """Run a command in a project: seconds, CPU seconds with children, peak memory, exit status."""
    environment = os.environ | {
        "CREDIT_INDICES_DB": str(place / "credit_indices.duckdb"),
        "CREDIT_INDICES_DATA_DIR": "",
        "CREDIT_INDICES_PARTS": "",
        "CREDIT_INDICES_THREADS": "",
        "CREDIT_INDICES_VARS": "",
    }
    place.mkdir(parents=True, exist_ok=True)
    with open(place / "log", "ab") as log:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=project, env=environment, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
    return {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
        "status": os.waitstatus_to_exitcode(status),
    }


def commands(folders: dict[str, Path], place: Path) -> dict[str, tuple[Path, list[str], int]]:
    """Return the folder of the warehouse, the command and its expected exit status, by name."""
    publish = [".venv/bin/python", "-m", "credit_indices", "publish"]
    publish += ["--builds", str(place / "builds"), "--published", str(place / "published")]
    return {
        "default build, run again": (place / "default", ["make", "build"], 0),
        "own index, 3 units, 6 rows, run again": (
            place / "own",
            ["make", "build", f"DATA_DIR={folders['small']}"],
            0,
        ),
        "a mistyped header answered": (
            place / "typo",
            ["make", "build", f"DATA_DIR={folders['typo']}"],
            2,
        ),
        "second publication": (place / "published of", publish, 0),
    }


def write_folders(place: Path) -> dict[str, Path]:
    """Write the small folder, and the same with a mistyped header."""
    folders = {}
    for name in ("small", "typo"):
        folders[name] = place / name
        folders[name].mkdir()
        for table, text in SMALL.items():
            if name == "typo" and table == "observations":
                text = text.replace("value", "valeu", 1)
            (folders[name] / f"{table}.csv").write_text(text)
    return folders


def differing_tables(project: Path, place: Path) -> list[str]:
    """Build the shipped data twice, and name the public tables that differ in any bit."""
    files = [place / name / "credit_indices.duckdb" for name in ("first", "second")]
    for file in files:
        done = measured(project, file.parent, "make", "build")
        assert done["status"] == 0, (file.parent / "log").read_text()
    found = []
    with duckdb.connect() as connection:
        for name, file in zip(("a", "b"), files, strict=True):
            connection.execute(f"attach '{file}' as {name} (read_only)")
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'a' "
            "and schema_name in ('marts', 'quality') order by all"
        ).fetchall():
            rows = [
                connection.execute(
                    f'select cast(row_ as varchar) from {name}."{schema}"."{table}" as row_ '
                    "order by all"
                ).fetchall()
                for name in ("a", "b")
            ]
            if rows[0] != rows[1]:
                found.append(f"{schema}.{table}")
    return found


def peak_of_model(project: Path, place: Path) -> float:
    """Return the megabytes that the duplicates model adds to a process on 2.3 million CSV rows."""
    data = place / "large"
    write_folder(data, UNITS)
    source = data / "observations.parquet"
    duckdb.execute(f"copy (from '{source}') to '{data / 'observations.csv'}'")
    source.unlink()
    command = [sys.executable, str(Path(__file__).resolve()), "--model"]
    for step in ("before", "model"):
        done = subprocess.run(
            [*command, step, str(data), str(place / "large.duckdb")],
            cwd=project,
            check=True,
            capture_output=True,
            text=True,
        )
    return float(done.stdout)


def run_model(step: str, data: Path, warehouse: Path) -> None:
    """Build the parents of the duplicates model, or the model itself; print the megabytes added."""
    from credit_indices.pipeline.runner.project import load_project
    from credit_indices.pipeline.runner.run import Run, ancestors

    cache = Path("target/cache")
    project = load_project(Path(), cache)
    codes = ancestors(project, [MODEL]) - {MODEL} if step == "before" else {MODEL}
    run = Run(project, Path(), warehouse, data, cache=cache)
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew (man 5 proc)
    before = peak_of_this_process()
    faults = run.run(codes).faults
    assert not faults, faults
    run.close()
    print(peak_of_this_process() - before)


def peak_of_this_process() -> float:
    """Return megabytes. What getrusage says includes the process that started this one."""
    (line,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(line) / 1024


def table(results: dict) -> list[str]:
    """Return the results as a table of Markdown."""
    sides = list(results["commands"])
    heads = [f"{side}, {what}" for side in sides for what in ("CPU s", "s", "MB")]
    lines = ["| | " + " | ".join(heads) + " |", "|---" + "|--:" * len(heads) + "|"]
    for name in results["commands"]["now"]:
        cells = [
            f"{results['commands'][side][name][what]:.{digits}f}"
            for side in sides
            for what, digits in (("cpu_seconds", 1), ("seconds", 1), ("peak_mb", 0))
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def main() -> None:
    """Measure, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--beside", type=Path, help="an earlier checkout, with its .venv")
    parser.add_argument("--model", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.model:
        step, data, warehouse = arguments.model
        run_model(step, Path(data), Path(warehouse))
        return
    sides = {"now": PROJECT}
    if arguments.beside:
        sides = {"earlier": arguments.beside.resolve(), "now": PROJECT}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        folders = write_folders(place)
        runs: dict = {side: {} for side in sides}
        for number in range(arguments.rounds + 1):  # the first round warms up
            for side, project in sides.items():
                for name, (where, command, status) in commands(folders, place / side).items():
                    result = measured(project, where, *command)
                    if result["status"] != status:
                        sys.exit((where / "log").read_text()[-3000:])
                    if number:
                        runs[side].setdefault(name, []).append(result)
        results = {
            "commands": {
                side: {
                    name: {
                        what: statistics.median(one[what] for one in several)
                        for what in ("seconds", "cpu_seconds", "peak_mb")
                    }
                    for name, several in named.items()
                }
                for side, named in runs.items()
            },
            "differing": {
                side: differing_tables(project, place / side / "twice")
                for side, project in sides.items()
            },
            "duplicates_mb": peak_of_model(PROJECT, place),
        }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "builds.json").write_text(json.dumps(results, indent=1) + "\n")
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    lines = [
        "# Builds",
        "",
        f"Written by `make bench` on {date.today()}: {os.cpu_count()} cores, {packages}. Medians "
        f"of {arguments.rounds} round(s), whole processes (`make build`; the publication by the "
        "command that `make publish` calls); machines are noisy, so trust the ratios more than the "
        "seconds.",
        "",
        *table(results),
        "",
        *(
            f"Public tables that differ between two builds of the shipped data ({side}): "
            f"{len(names)}: {', '.join(names)}."
            for side, names in results["differing"].items()
        ),
        "",
        f"The duplicates model adds {results['duplicates_mb']:.0f} MB to its process at "
        f"{UNITS * 23:,} CSV rows.",
        "",
    ]
    (RESULTS / "builds.md").write_text("\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
