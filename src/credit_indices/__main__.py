"""The command line: ``python -m credit_indices <command>``."""

import argparse
import os
import sys

from credit_indices.build import BuildError, build


def main() -> int:
    """Run one command; the exit status is 0 on success, 1 where the work could not be done."""
    parser = argparse.ArgumentParser(prog="python -m credit_indices", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build_parser = commands.add_parser("build", help="build the warehouse")
    build_parser.add_argument(
        "--data-dir",
        default=os.environ.get("CREDIT_INDICES_DATA_DIR"),
        help="folder of your own input tables (default: $CREDIT_INDICES_DATA_DIR, else the "
        "shipped data)",
    )
    arguments = parser.parse_args()
    try:
        build(arguments.data_dir)
    except BuildError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the warehouse is as it was.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
