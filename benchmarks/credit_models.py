"""Compare the evaluation of models of credit risk with plain fits by scikit-learn.

    make bench
    python benchmarks/credit_models.py --loans 100000 --rounds 1
    python benchmarks/credit_models.py --rounds 1 --profile

A random forest and gradient boosting over planted loans with 50 features. Every run is a separate
process, one after the other; the results are medians. The results go to benchmarks/results/.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import panel_regressions
from panel_regressions import HERE, PROJECT, RESULTS, measured, say

CONTENDERS = ("ours", "scikit-learn")
PACKAGES = ("lightgbm", "scikit-learn")
MEASURES = ("seconds", "process_seconds", "cpu_seconds", "peak_mb")
AIM = "The aim was 90 s on two cores below 4 GB for both learners of ours at 1,000,000 loans."


def run(contender: str, loans: int, folder: Path, *more: str) -> dict[str, Any]:
    """Run a contender in a separate process."""
    command = [sys.executable, str(HERE / "credit_contenders.py"), contender]
    os.environ["PYTHONPATH"] = str(PROJECT / "src")
    return measured([*command, "--loans", str(loans), *more], folder / "contender.log")


def compare(loans: int, rounds: int, folder: Path) -> dict[str, Any]:
    """Run both contenders, round by round."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in CONTENDERS}
    skipped: dict[str, str] = {}
    loads = []
    for number in range(rounds):
        for name in CONTENDERS:
            if name in skipped:
                continue
            say(f"{loads_text()} {loans:,} loans, {name}, round {number + 1} of {rounds}")
            loads.append(os.getloadavg()[0])
            result = run(name, loans, folder)
            if "skipped" in result:
                skipped[name] = result["skipped"]
            else:
                runs[name].append(result)
    done = {name: of_one for name, of_one in runs.items() if of_one}
    return {
        "loans": loans,
        "load_before": loads,
        "runs": done,
        "skipped": skipped,
        "medians": {
            name: {m: statistics.median(run[m] for run in of_one) for m in MEASURES}
            for name, of_one in done.items()
        },
    }


def loads_text() -> str:
    """Return the load of the machine, for the progress."""
    return f"load {os.getloadavg()[0]:.1f}:"


def as_markdown(results: dict[str, Any]) -> str:
    """Format the results as a page."""
    facts = results["machine"]
    listed = ", ".join(f"{name} {facts[name]}" for name in ("numpy", "pyarrow", *PACKAGES))
    lines = [
        "# Models of credit risk",
        "",
        f"Written by `python benchmarks/credit_models.py` on {facts['date']}: {facts['cores']} "
        f"cores, {facts['memory_gib']} GiB, Python {facts['python']}, {listed}. Medians of the "
        f"runs. {AIM} What each does is in [README.md](../README.md#models-of-credit-risk).",
        "",
        "| loans x 50 features | contender | seconds | x ours | CPU seconds | peak RSS, MB | AUC "
        "of forest, boosting | Brier score | runs |",
        "|--:|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for size in results["sizes"]:
        for name in CONTENDERS:
            start = f"| {size['loans']:,} | {name} |"
            if name not in size["runs"]:
                lines.append(f"{start} {size['skipped'][name]} | - | - | - | - | - | 0 |")
                continue
            median, of_one = size["medians"][name], size["runs"][name]
            found = of_one[0]["learners"].values()
            ratio = "-"
            if "ours" in size["medians"]:
                ratio = f"{median['seconds'] / size['medians']['ours']['seconds']:.2f}"
            lines.append(
                f"{start} {median['seconds']:.1f} | {ratio} | {median['cpu_seconds']:.1f} | "
                f"{median['peak_mb']:,.0f} | "
                f"{', '.join(format(each['auc'], '.4f') for each in found)} | "
                f"{', '.join(format(each['brier'], '.4f') for each in found)} | {len(of_one)} |"
            )
        loads = ", ".join(f"{load:.1f}" for load in size["load_before"])
        lines += ["", f"Load of the machine before each run: {loads}.", ""]
    if profile := results.get("profile"):
        lines += [
            f"## Stages of ours, {profile['loans']:,} loans, once, under Python's profiler",
            "",
            "Stages may contain each other.",
            "",
            "| stage | seconds |",
            "|---|--:|",
            *(f"| {stage} | {seconds:.1f} |" for stage, seconds in profile["stages"].items()),
            f"| everything | {profile['seconds']:.1f} |",
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run the requested sizes, print the table and write it beside the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loans", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="also the stages of ours, once")
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    facts = panel_regressions.machine() | {name: version(name) for name in PACKAGES}
    results: dict[str, Any] = {"machine": facts, "sizes": []}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for loans in arguments.loans:
            results["sizes"].append(compare(loans, arguments.rounds, folder))
        if arguments.profile:
            most = max(arguments.loans)
            results["profile"] = run("ours", most, folder, "--profile") | {"loans": most}
    arguments.results.mkdir(parents=True, exist_ok=True)
    page = as_markdown(results)
    (arguments.results / "credit_models.md").write_text(page, encoding="utf-8")
    path = arguments.results / "credit_models.json"
    path.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
