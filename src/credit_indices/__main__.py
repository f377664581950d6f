"""The command line: ``python -m credit_indices <command>``."""

import argparse
import os
import sys
from pathlib import Path

from credit_indices.ahp_sheet import SheetError, write_sheet
from credit_indices.audit import DEFAULT_OUT, AuditError, write_audit
from credit_indices.build import BuildError, build
from credit_indices.ingest import IngestError
from credit_indices.ingest.command import add_command, run_command
from credit_indices.publish import BUILDS, PUBLISHED, publish, rollback, verify_builds
from credit_indices.tables import FORMATS, TablesError, write_tables
from credit_indices.warehouse_file import NotWritable
from credit_indices.workbook import DEFAULT_OUT as WORKBOOK
from credit_indices.workbook import WorkbookError, write_workbook


def main() -> int:
    """Run one command; the exit status is 0 on success, 1 where the work could not be done."""
    parser = argparse.ArgumentParser(prog="python -m credit_indices", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    data_dir = argparse.ArgumentParser(add_help=False)
    data_dir.add_argument(
        "--data-dir",
        default=os.environ.get("CREDIT_INDICES_DATA_DIR"),
        help="folder of your own input tables (default: $CREDIT_INDICES_DATA_DIR, else the "
        "shipped data)",
    )
    commands.add_parser("build", help="build the warehouse", parents=[data_dir])
    places = argparse.ArgumentParser(add_help=False)
    places.add_argument(
        "--builds", type=Path, default=BUILDS, help="folder of the builds (default: %(default)s)"
    )
    places.add_argument(
        "--published",
        type=Path,
        default=PUBLISHED,
        help="what readers open, a symbolic link to a build (default: %(default)s)",
    )
    published = commands.add_parser(
        "publish",
        help="build, test, and put the result where readers open it",
        parents=[data_dir, places],
    )
    published.add_argument(
        "--with-restricted",
        action="store_true",
        help="publish the schema restricted too, which says who stands behind an enterprise_key",
    )
    back = commands.add_parser("rollback", help="publish an earlier build again", parents=[places])
    back.add_argument("--build", help="its id (default: the one before the published one)")
    verified = commands.add_parser(
        "verify", help="compare what is published with the chain of manifests", parents=[places]
    )
    verified.add_argument(
        "--noted", metavar="SHA256", help="SHA-256 of a manifest that you noted, to be in the chain"
    )
    sheet = commands.add_parser(
        "ahp-sheet", help="write the questions of an AHP survey", parents=[data_dir]
    )
    sheet.add_argument("--index", required=True, help="index_code of the index")
    sheet.add_argument("--expert", help="expert_id of who fills the sheet in")
    sheet.add_argument("--out", help="file to write (default: ahp_sheet_<index>.csv)")
    tables = commands.add_parser("tables", help="write the tables for papers from the marts")
    tables.add_argument("--out", default="tables", help="folder to write to (default: tables)")
    tables.add_argument(
        "--format",
        nargs="+",
        choices=FORMATS,
        default=FORMATS,
        help="some of the formats (default: all)",
    )
    audit = commands.add_parser("audit", help="write the audit of the published claims")
    audit.add_argument("--out", default=DEFAULT_OUT, help=f"file to write (default: {DEFAULT_OUT})")
    workbook = commands.add_parser("workbook", help="write the published tables for Excel")
    workbook.add_argument("--out", default=WORKBOOK, help=f"file to write (default: {WORKBOOK})")
    workbook.add_argument(
        "--published", type=Path, default=PUBLISHED, help="what to read (default: %(default)s)"
    )
    add_command(commands)
    arguments = parser.parse_args()
    try:
        if arguments.command == "build":
            build(arguments.data_dir)
        elif arguments.command == "publish":
            publish(
                arguments.data_dir,
                arguments.builds,
                arguments.published,
                with_restricted=arguments.with_restricted,
            )
        elif arguments.command == "rollback":
            rollback(arguments.build or None, arguments.builds, arguments.published)
        elif arguments.command == "verify":
            verify_builds(arguments.builds, arguments.published, arguments.noted or None)
        elif arguments.command == "tables":
            write_tables(arguments.out, arguments.format)
        elif arguments.command == "ingest":
            return run_command(arguments)
        elif arguments.command == "workbook":
            write_workbook(arguments.out, arguments.published)
        elif arguments.command == "audit":
            print(f"Wrote {write_audit(arguments.out)}.")
        else:
            write_sheet(arguments.index, arguments.data_dir, arguments.expert, arguments.out)
    except (
        AuditError,
        BuildError,
        IngestError,
        NotADirectoryError,
        NotWritable,
        SheetError,
        TablesError,
        WorkbookError,
    ) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the warehouse is as it was.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
