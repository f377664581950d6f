"""Run a command under a lock: two simultaneous installations would damage each other.

python3 bi/alone.py make .venv-bi/.ready
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "src"))
from credit_indices.pipeline.lock import Locked, hold  # noqa: E402 - after its folder is on the path


def main() -> None:
    """Run the command of the arguments under the lock, and exit with its status."""
    state = Path(os.environ.get("CREDIT_INDICES_BI_STATE", HERE / "state"))
    state.mkdir(mode=0o700, exist_ok=True)
    try:
        with hold(state / "setup.lock"):
            sys.exit(subprocess.run(sys.argv[1:]).returncode)
    except Locked as locked:
        sys.exit(
            f"make bi is already installing Superset (process {locked.holder}), which takes some "
            "minutes. Start again after it has printed its address."
        )


if __name__ == "__main__":
    main()
