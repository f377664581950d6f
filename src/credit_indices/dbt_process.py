"""dbt in a process of its own: ``python -m credit_indices.dbt_process build ...``.

Shows what dbt warns of and the errors that it finds, and not the traces of its code, which tell a
user nothing: where the disk is full, the line that says so is enough.
"""

import gc
import logging
import os
import sys
from pathlib import Path

gc.disable()  # what dbt makes, it keeps to its end: to look for garbage costs a sixth of the time

from dbt.cli.main import dbtRunner  # noqa: E402
from dbt.contracts.graph.manifest import Manifest  # noqa: E402
from dbt_common.events.base_types import EventLevel, EventMsg  # noqa: E402

from credit_indices import kept_manifest  # noqa: E402

SHOWN = (EventLevel.WARN, EventLevel.ERROR)
TRACES = ("MainStackTrace", "LogDebugStackTrace")
# dbt's files of JSON have no reader here; a bare `dbt build` writes them.
QUIET = ("--log-level", "none", "--no-write-json")


class ParseError(Exception):
    """dbt cannot read the project; dbt has shown why."""


def main(arguments: list[str]) -> int:
    """Run dbt with these arguments; 0 where everything succeeded, else 1."""
    os.umask(0o077)  # what dbt writes, its log and spilled tables too, may name enterprises
    logging.raiseExceptions = False  # a log that cannot be written is not worth a trace each line
    variables = os.environ.get("CREDIT_INDICES_VARS", "")
    given = ["--vars", variables] if variables else []
    database = Path(os.environ["CREDIT_INDICES_DB"]).stem
    try:
        manifest, _ = kept_manifest.load_or_parse(
            Path(), database, variables, lambda: _parse(given)
        )
    except ParseError:
        return 1
    result = dbtRunner(manifest, callbacks=[_show]).invoke([*arguments, *given, *QUIET])
    return 0 if result.success else 1


def _parse(given: list[str]) -> Manifest:
    # Without partial parsing: dbt's own cache, which this one replaces, costs time to write.
    parsed = dbtRunner(callbacks=[_show]).invoke(["parse", "--no-partial-parse", *given, *QUIET])
    if not parsed.success:
        raise ParseError
    return parsed.result


def _show(event: EventMsg) -> None:
    if event.info.level in SHOWN and event.info.name not in TRACES:
        print(event.info.msg, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
