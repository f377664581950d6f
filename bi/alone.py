"""Run a command, unless another process is running one: two installations would spoil each other.

python3 bi/alone.py make .venv-bi/.ready
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "src"))
from credit_indices.lock import Locked, hold  # noqa: E402 - after its folder is on the path


def main() -> None:
    """Run the command of the arguments with the lock held, and exit as it does."""
    state = Path(os.environ.get("CREDIT_INDICES_BI_STATE", HERE / "state"))
    state.mkdir(mode=0o700, exist_ok=True)
    try:
        with hold(state / "setup.lock"):
            sys.exit(subprocess.run(sys.argv[1:]).returncode)
    except Locked as locked:
        sys.exit(
            f"make bi is already installing Superset (process {locked.holder}), which takes some"
            " minutes. Start again when it has told its address."
        )


if __name__ == "__main__":
    main()
