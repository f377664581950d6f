"""Publish under kills, reads and a lack of space; count the results that readers got.

    make reliability
    python benchmarks/reliability.py --kills 5 --publications 2

Every publication uses a synthetic folder of counties, with one more in each. A reader's answer is
consistent if the build's id, its scores and its units match. One reader has DuckDB 1.4, in a
separate environment; without it that reader is missing from the page. The results go to
benchmarks/results/.
"""

import argparse
import json
import os
import random
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from credit_indices.pipeline.lock import Locked, hold

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
RESULTS = HERE / "results"
OLD_PYTHON = PROJECT / ".venv-duckdb-1.4" / "bin" / "python"
MAX_FILE_BYTES = 4_000_000
TABLES = {
    "indicators": (
        "indicator_code,name_en,name_zh,unit,source_agency,data_origin,lower_bound,upper_bound,"
        "missing_policy",
        ["coverage,Credit coverage,,percent,made up,user,0,100,fail"],
    ),
    "indices": (
        "index_code,name_en,name_zh,normalization,score_base,score_span,frame,weighting,aggregation",
        ["credit,Credit climate,,efficacy,60,40,pooled,equal,weighted_mean"],
    ),
    "index_nodes": (
        "index_code,node_code,parent_code,name_en,name_zh,fixed_weight",
        ["credit,credit,,Credit climate,,"],
    ),
    "index_indicators": (
        "index_code,indicator_code,node_code,direction",
        ["credit,coverage,credit,1"],
    ),
}

READER = """
import json, os, sys, time
import duckdb
path, mode, stop = sys.argv[1:]
SQL = (
    "select (select build_id from marts.build_info), (select count(*) from marts.index_scores "
    "where scheme = 'headline'), (select max(n_units) from marts.data_sources)"
)
held = duckdb.connect(path, read_only=True) if mode == "held" else None
answers, errors = [], []
while not os.path.exists(stop):
    try:
        connection = held or duckdb.connect(path, read_only=True)
        answers.append(connection.execute(SQL).fetchone())
        if held is None:
            connection.close()
    except Exception as error:
        errors.append(str(error))
    time.sleep(0.01)
print(json.dumps({"version": duckdb.__version__, "answers": answers, "errors": errors}))
"""


def counties(folder: Path, n: int) -> Path:
    """Write a folder of input tables with n counties."""
    folder.mkdir(parents=True)
    names = [f"county_{i}" for i in range(n)]
    units = [f"{name},{name},,inland" for name in names]
    values = [f"{name},2024,coverage,{10 + i}" for i, name in enumerate(names)]
    tables = TABLES | {
        "units": ("unit_id,name_en,name_zh,region", units),
        "observations": ("unit_id,period,indicator_code,value", values),
    }
    for name, (header, lines) in tables.items():
        (folder / f"{name}.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return folder


class Places:
    """A folder for builds, a published link, and the counties of each build."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.builds = folder / "builds"
        self.link = folder / "published"
        self.warehouse = self.link / "credit_indices.duckdb"
        self.n_counties = 2
        # Open while publications write to it; main closes it.
        self.log = open(folder / "publish.log", "a+", encoding="utf-8")  # noqa: SIM115 - see above

    def start(self, **options: Any) -> subprocess.Popen[bytes]:
        """Start a publication with one county more than the last one."""
        self.n_counties += 1
        data = counties(self.folder / "data" / str(self.n_counties), self.n_counties)
        environment = os.environ | {
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
        }
        command = [sys.executable, "-m", "credit_indices", "publish", "--data-dir", str(data)]
        command += ["--builds", str(self.builds), "--published", str(self.link)]
        return subprocess.Popen(
            command,
            cwd=PROJECT,
            env=environment,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
            **options,
        )

    def publish(self) -> float:
        """Publish; return the seconds."""
        start = time.monotonic()
        if self.start().wait() != 0:
            sys.exit(f"A publication failed:\n{self.said()}")
        return time.monotonic() - start

    def said(self) -> str:
        """Return the end of the publications' output."""
        self.log.seek(0)
        return self.log.read()[-3000:]

    def busy(self) -> bool:
        """Whether a process still holds the lock of the builds."""
        try:
            with hold(self.builds / ".lock"):
                return False
        except Locked:
            return True

    def wait(self) -> None:
        """Wait until no process holds the lock."""
        while self.busy():
            time.sleep(0.1)

    def published(self) -> str:
        """Open the published file, query every relation, and return the build's id."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            for schema, name in connection.execute(
                "select table_schema, table_name from information_schema.tables"
            ).fetchall():
                connection.execute(f'select * from "{schema}"."{name}" limit 5').fetchall()
            build_id, scores, units = connection.execute(
                "select (select build_id from marts.build_info), "
                "(select count(*) from marts.index_scores where scheme = 'headline'), "
                "(select max(n_units) from marts.data_sources)"
            ).fetchone()
        manifest = json.loads((self.link / "manifest.json").read_text(encoding="utf-8"))
        if not (build_id == manifest["build_id"] == self.link.resolve().name and scores == units):
            sys.exit(f"A mixture: {build_id}, {scores} scores, {units} units, {manifest}")
        return build_id


def say(text: str) -> None:
    """Print progress to stderr."""
    print(text, file=sys.stderr, flush=True)


def killed(places: Places, kills: int, seconds: float, seed: int) -> dict[str, Any]:
    """Kill publications until `kills` were hit; in one of six, all processes except dbt.

    A third of the kills are near the end.
    """
    rng = random.Random(seed)
    counted: Counter[str] = Counter()
    before = places.published()
    number = 0
    while counted["killed"] < kills:
        number += 1
        share = rng.uniform(0.8, 1.05) if number % 3 == 0 else rng.uniform(0, 1)
        process = places.start()
        try:
            if process.wait(share * seconds) != 0:
                sys.exit(f"A publication failed:\n{places.said()}")
            counted["ended before the kill"] += 1
        except subprocess.TimeoutExpired:
            if number % 6 == 5:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                counted["killed without its dbt, which kept the next one out"] += places.busy()
                places.wait()
            else:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            counted["killed"] += 1
            counted["partial builds left"] += len(list(places.builds.glob("*.partial")))
        now = places.published()
        counted["published build was the old one" if now == before else "was a new one"] += 1
        before = now
        if counted["killed"] % 5 == 0:
            places.publish()
            before = places.published()
            counted["publications after a kill, all succeeded"] += 1
            if leftovers := list(places.builds.glob("*.partial")):
                sys.exit(f"Not cleared: {leftovers}")
            say(f"{counted['killed']} of {kills} kills")
    return dict(counted)


def read_meanwhile(places: Places, publications: int) -> dict[str, Any]:
    """Read in four processes while builds are published."""
    stop = places.folder / "stop"
    readers = {
        "a new connection each time": (sys.executable, "new"),
        "a new connection each time, second": (sys.executable, "new"),
        "one connection, held": (sys.executable, "held"),
        "DuckDB 1.4, a new connection each time": (str(OLD_PYTHON), "new"),
    }
    if not OLD_PYTHON.exists():
        del readers["DuckDB 1.4, a new connection each time"]
    places.published()
    running = {
        name: subprocess.Popen(
            [python, "-c", READER, str(places.warehouse), mode, str(stop)], stdout=subprocess.PIPE
        )
        for name, (python, mode) in readers.items()
    }
    seconds = []
    for number in range(publications):
        seconds.append(places.publish())
        say(f"{number + 1} of {publications} publications beside {len(running)} readers")
    stop.touch()
    found = {}
    for name, process in running.items():
        output = json.loads(process.communicate()[0])
        answers = {tuple(answer) for answer in output["answers"]}
        mixed = [answer for answer in answers if answer[1] != answer[2]]
        builds = {answer[0] for answer in answers}
        if mixed or len(builds) != len(answers):
            sys.exit(f"{name}: answers of no single build: {sorted(answers)}")
        found[name] = {
            "duckdb": output["version"],
            "answers": len(output["answers"]),
            "errors": len(output["errors"]),
            "first_errors": output["errors"][:3],
            "builds_seen": len(builds),
        }
    return {"publications": publications, "seconds": seconds, "readers": found}


def refused(places: Places) -> dict[str, str]:
    """Publish without space or permission; return the messages. The published build must stay."""
    before = places.published()
    said = {}

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))

    for name, options in (("files may not grow beyond 4 MB", {"preexec_fn": limited}),):
        start = places.log.seek(0, os.SEEK_END)
        if places.start(**options).wait() == 0:
            sys.exit(f"{name}: was published anyway")
        places.log.seek(start)
        said[name] = places.log.read().strip()
    link, places.link = places.link, Path("/sys/published")
    start = places.log.seek(0, os.SEEK_END)
    if places.start().wait() == 0:
        sys.exit("read-only target: was published anyway")
    places.log.seek(start)
    said["read-only target"] = places.log.read().strip()
    places.link = link
    if places.published() != before:
        sys.exit("A refused publication changed what is published")
    return {name: text.replace(str(places.folder), "...") for name, text in said.items()}


def as_markdown(results: dict[str, Any]) -> str:
    """Format the results as a page."""
    facts, kills, reading = results["machine"], results["kills"], results["reading"]
    lines = [
        "# Reliability of publication",
        "",
        f"Written by `make reliability` on {facts['date']}: {facts['cores']} cores, Python"
        f" {facts['python']}, duckdb {facts['duckdb']}. Publications of made-up counties, a"
        f" median of {statistics.median(reading['seconds']):.0f} s each.",
        "",
        "## Killed (`kill -9`) at random moments, a third of them near the end",
        "",
        "| what | times |",
        "|---|--:|",
        *(f"| {what} | {times} |" for what, times in kills.items()),
        "",
        "After each, the published file opened, was one whole build, and every relation answered.",
        "",
        f"## Read during {reading['publications']} publications",
        "",
        "| reader | DuckDB | answers | errors | builds seen |",
        "|---|---|--:|--:|--:|",
    ]
    for name, of_one in reading["readers"].items():
        lines.append(
            f"| {name} | {of_one['duckdb']} | {of_one['answers']:,} | {of_one['errors']} |"
            f" {of_one['builds_seen']} |"
        )
    lines += [
        "",
        "Every answer was of one build.",
        "",
        "## Refused, the published build intact",
        "",
    ]
    for name, text in results["refused"].items():
        lines += [f"{name[0].upper()}{name[1:]}:", "", "```", text, "```", ""]
    return "\n".join(lines)


def main() -> None:
    """Run all experiments and write the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--publications", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        places = Places(Path(temporary))
        places.publish()
        seconds = places.publish()
        results = {
            "machine": {
                "date": date.today().isoformat(),
                "cores": len(os.sched_getaffinity(0)),
                "python": sys.version.split()[0],
                "duckdb": version("duckdb"),
            },
            "kills": killed(places, arguments.kills, seconds, arguments.seed),
            "reading": read_meanwhile(places, arguments.publications),
            "refused": refused(places),
        }
        places.log.close()
    arguments.results.mkdir(parents=True, exist_ok=True)
    page = as_markdown(results)
    (arguments.results / "reliability.md").write_text(page, encoding="utf-8")
    (arguments.results / "reliability.json").write_text(
        json.dumps(results, indent=2) + "\n", encoding="utf-8"
    )
    print(page)


if __name__ == "__main__":
    main()
