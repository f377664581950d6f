"""Compare run times of panel regressions with pyfixest, linearmodels and statsmodels.

    make bench
    python benchmarks/panel_regressions.py --rows 310 100000 --rounds 1
    python benchmarks/panel_regressions.py --rows --large

All read the same Parquet files. Every run is a separate process, one after the other, for several
rounds; the results are medians. A contender that needs longer than a minute runs once; one beyond
the limits of time or memory is stopped and reported. pyfixest has a separate environment, built
from the pins in benchmarks/requirements.txt; without it the others run. This process must stay
small: a child's peak memory is never below its parent's. The results go to benchmarks/results/.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
RESULTS = HERE / "results"
BENCH_PYTHON = PROJECT / ".venv-bench" / "bin" / "python"
PACKAGES = ("duckdb", "numpy", "pandas", "pyarrow", "linearmodels", "statsmodels")

PERIODS = 10
MISSING = {"balanced": 0.0, "unbalanced": 0.2}
OURS, OURS_CR3 = "ours", "ours with CR3"
CONTENDERS = (OURS, OURS_CR3, "pyfixest", "linearmodels", "statsmodels")
DUMMY_ROWS = 1_000
"""Largest number of rows for which a dummy per unit is reasonable."""

AGREEMENT = 1e-8
"""Relative tolerance for equal coefficients or errors."""
SECONDS, GIGABYTES = 600.0, 16.0
ONCE_ABOVE = 60.0
MEASURES = ("seconds", "process_seconds", "cpu_seconds", "peak_mb")

Run = dict[str, Any]


def measured(command: list[str], log: Path) -> Run:
    """Run a command; return seconds, peak memory and output, or the reason why it was stopped."""
    reasons: list[str] = []
    ended = threading.Event()

    def watch(process: subprocess.Popen[bytes]) -> None:
        start = time.monotonic()
        while not ended.wait(0.25):
            try:
                pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
            except (OSError, IndexError):
                pages = 0
            if pages * os.sysconf("SC_PAGE_SIZE") > GIGABYTES * 1e9:
                reasons.append(f"needs more than {GIGABYTES:g} GB")
            elif time.monotonic() - start > SECONDS:
                reasons.append(f"takes more than {SECONDS / 60:g} minutes")
            if reasons:
                process.kill()
                return

    with open(log, "wb") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, cwd=PROJECT)
        watcher = threading.Thread(target=watch, args=(process,))
        watcher.start()
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        ended.set()
        watcher.join()
    process.stdout.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if reasons:
        return {"skipped": reasons[0]}
    if process.returncode:
        end = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        sys.exit(f"{' '.join(command)} failed:\n{end}")
    return {
        **json.loads(printed.splitlines()[-1]),
        "process_seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }


def run(contender: str, path: Path, folder: Path, *more: str) -> Run:
    """Run a contender on a file."""
    python = str(BENCH_PYTHON) if contender == "pyfixest" else sys.executable
    command = [python, str(HERE / "panel_contenders.py"), contender, str(path)]
    command += ["--warm-up", str(folder / "small.parquet"), *more]
    result = measured(command, folder / "contender.log")
    if contender == OURS_CR3 and not result.get("has_cr3", True):
        return {"skipped": result["message"]}
    return result


def make(path: Path, rows: int, missing: float) -> int:
    """Write a panel; return the number of its rows."""
    command = [sys.executable, str(HERE / "synthetic_panel.py"), str(path)]
    command += ["--units", str(rows // PERIODS), "--missing", str(missing)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def compare(folder: Path, rows: int, panel: str, rounds: int) -> dict[str, Any]:
    """Run all contenders on one panel, round by round, then compare results."""
    path = folder / "panel.parquet"
    size: dict[str, Any] = {"rows": make(path, rows, MISSING[panel]), "panel": panel}
    runs: dict[str, list[Run]] = {name: [] for name in CONTENDERS}
    skipped: dict[str, str] = {}
    if not BENCH_PYTHON.exists():
        skipped["pyfixest"] = "not installed"
    if rows > DUMMY_ROWS:
        skipped["statsmodels"] = "a dummy for every unit: small panels only"
    for number in range(rounds):
        say(f"{rows:,} rows, {panel}, round {number + 1} of {rounds}")
        for name in CONTENDERS:
            if name in skipped or (number and runs[name][0]["process_seconds"] > ONCE_ABOVE):
                continue
            result = run(name, path, folder)
            if "skipped" in result:
                skipped[name] = result["skipped"]
            else:
                runs[name].append(result)
    path.unlink()
    done = {name: of_one for name, of_one in runs.items() if of_one}
    differences = {name: difference(done[OURS][0], of_one[0]) for name, of_one in done.items()}
    return size | {
        "runs": done,
        "medians": {
            name: {m: statistics.median(run[m] for run in of_one) for m in MEASURES}
            for name, of_one in done.items()
        },
        "skipped": {name: reason for name, reason in skipped.items() if name not in done},
        "largest_relative_differences": differences,
    }


def difference(ours: Run, theirs: Run) -> dict[str, float]:
    """Largest relative differences from ours; errors are compared without small-sample factors."""
    if theirs["n_obs"] != ours["n_obs"]:
        sys.exit(f"{theirs['n_obs']} rows used, not {ours['n_obs']}")

    def plain(run: Run) -> list[float]:
        return [error / run["factor"] ** 0.5 for error in run["errors"]]

    found = {
        name: max(abs(b / a - 1) for a, b in zip(*pair, strict=True))
        for name, pair in (
            ("coefficients", (ours["coefficients"], theirs["coefficients"])),
            ("errors", (plain(ours), plain(theirs))),
        )
    }
    if not all(value <= AGREEMENT for value in found.values()):
        sys.exit(f"Estimates disagree: {found}\n{ours}\n{theirs}")
    return found


def large(folder: Path, rows: int, memory_limit: str) -> dict[str, Any]:
    """Run ours once under DuckDB's memory limit."""
    path = folder / "panel.parquet"
    say(f"{rows:,} rows under {memory_limit}")
    start = time.perf_counter()
    made = make(path, rows, 0.0)
    say(f"made in {time.perf_counter() - start:.0f} s")
    spill = str(folder / "spill")
    result = run(OURS, path, folder, "--memory-limit", memory_limit, "--temporary", spill)
    file_gb = path.stat().st_size / 1e9
    path.unlink()
    return {"rows": made, "memory_limit": memory_limit, "file_gb": file_gb, "run": result}


def machine() -> dict[str, Any]:
    """Hardware and versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    facts = {
        "date": date.today().isoformat(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 2**30, 1),
        "python": sys.version.split()[0],
        **{package: version(package) for package in PACKAGES},
    }
    if BENCH_PYTHON.exists():
        code = "from importlib.metadata import version; print(version('pyfixest'))"
        asked = [str(BENCH_PYTHON), "-c", code]
        facts["pyfixest"] = subprocess.run(asked, capture_output=True, text=True).stdout.strip()
    return facts


def as_markdown(results: dict[str, Any]) -> str:
    """Format the results as a page."""
    facts = results["machine"]
    packages = ", ".join(
        f"{name} {facts[name]}" for name in (*PACKAGES, "pyfixest") if name in facts
    )
    lines = [
        "# Panel regressions",
        "",
        f"Written by `python benchmarks/panel_regressions.py` on {facts['date']}:"
        f" {facts['cores']} cores, {facts['memory_gib']} GiB, Python {facts['python']}, {packages}."
        " Medians of the runs; machines are noisy, so trust the ratios more than the seconds."
        + (f" {facts['note']}" if facts.get("note") else ""),
        "",
        "`y ~ x1 + x2 + x3 + x4 + x5 | unit_id + period`, ten periods, errors clustered by unit."
        " Unbalanced: a fifth of the rows missing at random. Seconds: reading the Parquet file and"
        " estimating, in a process that has imported everything and estimated 310 rows; whole"
        " process: with all that. Differences: the largest relative ones from ours, of the errors"
        " after each package's small-sample factor (`panel_contenders.py`) is taken out.",
        "",
        "| rows | panel | contender | seconds | x ours | whole process, s | peak RSS, MB |"
        " difference of coefficients | of errors | runs |",
        "|--:|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    notes: list[str] = []
    for size in results["sizes"]:
        start = f"| {size['rows']:,} | {size['panel']} |"
        base = size["medians"][OURS]["seconds"]
        for name in CONTENDERS:
            if name in size["skipped"]:
                if name != "statsmodels":
                    short, _, rest = size["skipped"][name].partition(": ")
                    lines.append(f"{start} {name} | {short} | - | - | - | - | - | 0 |")
                    if rest:
                        notes.append(f"* {size['rows']:,} rows: {short}: {rest}")
                continue
            median = size["medians"][name]
            found = size["largest_relative_differences"][name]
            apart = [f"{found[what]:.0e}" for what in ("coefficients", "errors")]
            if name in (OURS, OURS_CR3):
                apart = ["", ""]
            lines.append(
                f"{start} {name} | {median['seconds']:.2f} | {median['seconds'] / base:.1f} |"
                f" {median['process_seconds']:.2f} | {median['peak_mb']:,.0f} |"
                f" {apart[0]} | {apart[1]} | {len(size['runs'][name])} |"
            )
    lines += [
        "",
        f"statsmodels, with a dummy for every unit, runs up to {DUMMY_ROWS:,} rows. Contenders are"
        f" stopped at {GIGABYTES:g} GB or {SECONDS / 60:g} minutes and run once if they take more"
        f" than {ONCE_ABOVE:g} s.",
        *(["", *notes] if notes else []),
    ]
    if extra := results.get("large"):
        once, rows = extra["run"], f"{extra['rows']:,}"
        columns = ("seconds", "moments_seconds", "process_seconds", "cpu_seconds")
        cells = [f"{once[name]:.1f}" for name in columns if "skipped" not in once]
        cells += [f"{once['peak_mb']:,.0f}"] if cells else [once["skipped"], *4 * ["-"]]
        lines += [
            "",
            f"## {rows} rows, balanced, ours, memory_limit {extra['memory_limit']}, once",
            "",
            f"Run on {extra['date']}, with the imports above left out of the seconds.",
            "",
            "| rows | file, GB | seconds | of which moments | whole process, s | CPU seconds |"
            " peak RSS, MB |",
            "|--:|--:|--:|--:|--:|--:|--:|",
            f"| {rows} | {extra['file_gb']:.1f} | {' | '.join(cells)} |",
        ]
    return "\n".join(lines) + "\n"


def say(text: str) -> None:
    """Print progress to stderr."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Run the requested parts, print the table and write it beside the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    rows = [310, 100_000, 1_000_000, 10_000_000]
    parser.add_argument("--rows", type=int, nargs="*", default=rows)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--large", action="store_true", help="also ours under a memory limit")
    parser.add_argument("--large-rows", type=int, default=100_000_000)
    parser.add_argument("--large-memory-limit", default="1GB")
    parser.add_argument("--note", default="", help="a note about the results for readers")
    parser.add_argument("--folder", type=Path, help="keep the data here meanwhile")
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    path = arguments.results / "panel_regressions.json"
    results: dict[str, Any] = {"machine": machine(), "sizes": []}
    if path.exists():  # keep results that are not run again
        before = json.loads(path.read_text(encoding="utf-8"))
        results |= {"large": before["large"]} if "large" in before else {}
        results |= {} if arguments.rows else {"machine": before["machine"]}
        results |= {} if arguments.rows else {"sizes": before["sizes"]}
    if arguments.note:
        results["machine"]["note"] = arguments.note
    with tempfile.TemporaryDirectory(dir=arguments.folder) as temporary:
        folder = Path(temporary)
        make(folder / "small.parquet", 310, 0.0)
        for rows in arguments.rows:
            for panel in MISSING:
                results["sizes"].append(compare(folder, rows, panel, arguments.rounds))
        if arguments.large:
            results["large"] = large(folder, arguments.large_rows, arguments.large_memory_limit)
            results["large"]["date"] = results["machine"]["date"]
    arguments.results.mkdir(parents=True, exist_ok=True)
    page = as_markdown(results)
    (arguments.results / "panel_regressions.md").write_text(page, encoding="utf-8")
    path.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
