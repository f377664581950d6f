"""dbt in a separate process.

Run it as ``python -m credit_indices.pipeline.dbt_process [--parts a,b] build ...``.

Shows the stages and dbt's warnings and errors, but no stack traces.
"""

import argparse
import gc
import logging
import os
import sys
import time
from pathlib import Path

gc.disable()  # garbage collection takes a sixth of dbt's time and frees little

import duckdb  # noqa: E402 - after gc.disable
from dbt.cli.main import dbtRunner  # noqa: E402 - after gc.disable
from dbt.contracts.graph.manifest import Manifest  # noqa: E402 - after gc.disable
from dbt_common.events.base_types import EventLevel, EventMsg  # noqa: E402 - after gc.disable

from credit_indices.pipeline import input_files, manifest_cache, parts  # noqa: E402 - after gc.disable
from credit_indices.pipeline.progress import Stages, say, with_seconds  # noqa: E402 - after gc.disable

SHOWN = (EventLevel.WARN, EventLevel.ERROR)
TRACES = ("MainStackTrace", "LogDebugStackTrace")
# Nothing here reads dbt's JSON files; a bare `dbt build` writes them.
QUIET = ("--log-level", "none", "--no-write-json")

CHOSEN = "chosen"
"""The tag of the nodes of this run, set in memory only: dbt selects by it in one step."""


class ParseError(Exception):
    """dbt cannot parse the project; dbt has shown why."""


def main(arguments: list[str]) -> int:
    """Run dbt with these arguments; return 0 if everything succeeded, else 1."""
    parser = argparse.ArgumentParser(prog="credit_indices.pipeline.dbt_process")
    parser.add_argument("--parts", type=lambda text: text.split(","), help="default: all parts")
    own, for_dbt = parser.parse_known_args(arguments)
    os.umask(0o077)  # dbt's files, its log and spilled tables too, may name enterprises
    logging.raiseExceptions = False  # no traceback per line if the log cannot be written
    variables = os.environ.get("CREDIT_INDICES_VARS", "")
    given = ["--vars", variables] if variables else []
    warehouse = Path(os.environ["CREDIT_INDICES_DB"])
    started = time.monotonic()
    try:
        manifest, was_cached = manifest_cache.load_or_parse(
            Path(), warehouse.stem, variables, lambda: _parse(given)
        )
    except ParseError:
        return 1
    if not was_cached:
        say(with_seconds("Read the project", started))
    manifest.unit_tests.clear()  # they test the code, not the data; `make test` runs them
    known = parts.known()
    chosen = parts.with_needed(manifest, own.parts or known)
    tables = _own_tables()
    nodes = parts.nodes(manifest, chosen, tables)
    if tables or chosen != set(known):
        _leave_empty(warehouse, parts.empty_marts(manifest, chosen))
        _choose(manifest, nodes)
        given += ["--select", f"tag:{CHOSEN}"]
    else:
        nodes = manifest.nodes.keys()
    say(_parts_line([part for part in known if part in chosen], known))
    run = _Run(Stages(sum(unique_id.startswith("seed.") for unique_id in nodes)))
    result = dbtRunner(manifest, callbacks=[run.show]).invoke([*for_dbt, *given, *QUIET])
    run.stages.end(well=result.success)
    return 0 if result.success else 1


def _choose(manifest: Manifest, nodes: set[str]) -> None:
    """Tag the nodes of this run, and drop the tests of others."""
    for unique_id in nodes:
        manifest.nodes[unique_id].tags.append(CHOSEN)
    for unique_id, node in list(manifest.nodes.items()):
        if node.resource_type == "test" and not nodes.issuperset(node.depends_on_nodes):
            del manifest.nodes[unique_id]


def _own_tables() -> set[str]:
    folder = os.environ.get("CREDIT_INDICES_DATA_DIR")
    return input_files.own_tables(folder) if folder else set()


def _parts_line(chosen: list[str], known: list[str]) -> str:
    left_empty = [part for part in known if part not in chosen]
    if not left_empty:
        return f"Parts: {', '.join(chosen)}."
    return (
        f"Parts: {', '.join(chosen)}. Left empty: {', '.join(left_empty)} "
        f"(PARTS={','.join([*chosen, *left_empty])} builds all)."
    )


def _parse(given: list[str]) -> Manifest:
    # dbt's own cache of the parsed files is replaced by that of manifest_cache.
    parsed = dbtRunner(callbacks=[_show]).invoke(["parse", "--no-partial-parse", *given, *QUIET])
    if not parsed.success:
        raise ParseError
    return parsed.result


def _leave_empty(warehouse: Path, statements: list[str]) -> None:
    if statements:
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(";\n".join(["begin", *statements, "commit"]))


class _Run:
    """The stages and messages of one run of dbt."""

    def __init__(self, stages: Stages) -> None:
        self.stages = stages
        self._total = 0

    def show(self, event: EventMsg) -> None:
        if event.info.name == "ConcurrencyLine":
            self._total = event.data.node_count
        elif event.info.name == "NodeFinished":
            node, status = event.data.node_info, event.data.run_result.status
            self.stages.count(node.resource_type, node.node_name, status, self._total)
        elif _is_shown(event):
            self.stages.bar.say(event.info.msg)


def _show(event: EventMsg) -> None:
    if _is_shown(event):
        say(event.info.msg)


def _is_shown(event: EventMsg) -> bool:
    return event.info.level in SHOWN and event.info.name not in TRACES


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
