"""dbt in a process of its own: ``python -m credit_indices.dbt_process build ...``.

Shows what dbt warns of and the errors that it finds, and not the traces of its code, which tell a
user nothing: where the disk is full, the line that says so is enough.
"""

import logging
import os
import sys

from dbt.cli.main import dbtRunner
from dbt_common.events.base_types import EventLevel, EventMsg

SHOWN = (EventLevel.WARN, EventLevel.ERROR)
TRACES = ("MainStackTrace", "LogDebugStackTrace")


def main(arguments: list[str]) -> int:
    """Run dbt with these arguments; 0 where everything succeeded, else 1."""
    os.umask(0o077)  # what dbt writes, its log and spilled tables too, may name enterprises
    logging.raiseExceptions = False  # a log that cannot be written is not worth a trace each line
    # dbt's files of JSON have no reader here; a bare `dbt build` writes them.
    quiet = ["--log-level", "none", "--no-write-json"]
    result = dbtRunner(callbacks=[_show]).invoke([*arguments, *quiet])
    return 0 if result.success else 1


def _show(event: EventMsg) -> None:
    if event.info.level in SHOWN and event.info.name not in TRACES:
        print(event.info.msg, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
