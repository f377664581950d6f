"""The command line: ``credit-indices <command>``, or ``python -m credit_indices <command>``.

Only the requested command is imported, so that help answers at once.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from credit_indices.pipeline.progress import say

ABOUT = """\
A warehouse for composite credit indices. Run it in the project's folder; `make help` lists the same
commands as make targets.
"""

Options = Callable[[argparse.ArgumentParser], None]
Run = Callable[[argparse.Namespace], int | None]


class UserError(Exception):
    """The command failed; the message is for the user."""


@dataclass(frozen=True)
class Command:
    """A command: its line in the help, its options and its function."""

    help: str
    options: Options
    run: Run


def main() -> int:
    """Run one command; return the exit status: 0 on success, 1 on failure."""
    arguments = _parser(
        next((word for word in sys.argv[1:] if word in COMMANDS), None)
    ).parse_args()
    try:
        return COMMANDS[arguments.command].run(arguments) or 0
    except UserError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the warehouse is unchanged.", file=sys.stderr)
        return 130


def _parser(asked: str | None) -> argparse.ArgumentParser:
    """Make the parser of all commands, with the options of the requested one."""
    is_module = Path(sys.argv[0]).name == "__main__.py"
    parser = argparse.ArgumentParser(
        prog="python -m credit_indices" if is_module else "credit-indices",
        description=ABOUT,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, command in COMMANDS.items():
        of_command = commands.add_parser(name, help=command.help, allow_abbrev=False)
        if name == asked:
            command.options(of_command)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        say(f"credit-indices {version('credit-indices')}")
        parser.exit()


@contextmanager
def _user_errors(*errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except errors as error:
        raise UserError(str(error)) from None


def _data_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data-dir",
        default=os.environ.get("CREDIT_INDICES_DATA_DIR"),
        help="folder of your own input tables (default: $CREDIT_INDICES_DATA_DIR, else the "
        "shipped data)",
    )


def _places(parser: argparse.ArgumentParser) -> None:
    from credit_indices.pipeline.publish import BUILDS, PUBLISHED

    parser.add_argument(
        "--builds", type=Path, default=BUILDS, help="folder of the builds (default: %(default)s)"
    )
    parser.add_argument(
        "--published",
        type=Path,
        default=PUBLISHED,
        help="symbolic link to the published build (default: %(default)s)",
    )


def _build_options(parser: argparse.ArgumentParser) -> None:
    _data_dir(parser)
    parser.add_argument(
        "--parts",
        default=os.environ.get("CREDIT_INDICES_PARTS"),
        help="parts to build, such as panel,policy (default: $CREDIT_INDICES_PARTS, else those "
        "that the data select)",
    )


def _build(arguments: argparse.Namespace) -> None:
    from credit_indices.pipeline.build import BuildError, build
    from credit_indices.pipeline.warehouse_file import NotWritable

    with _user_errors(BuildError, NotADirectoryError, NotWritable):
        build(arguments.data_dir, arguments.parts)


def _check(arguments: argparse.Namespace) -> None:
    from credit_indices.pipeline.build import (
        BuildError,
        check_input,
        require_long_key,
        require_project,
        warehouse_path,
    )

    with _user_errors(BuildError, NotADirectoryError):
        require_project()
        require_long_key()
        quarantined = check_input(arguments.data_dir, warehouse_path())
    if quarantined is not None:
        say(
            f"The input has no fault that stops a build; {quarantined} observation(s) would be "
            "quarantined. The build also tests whether the others are plausible."
        )


def _day_options(parser: argparse.ArgumentParser) -> None:
    from credit_indices.pipeline.day import AS_OF

    _data_dir(parser)
    parser.add_argument(
        "--as-of",
        default=os.environ.get(AS_OF),
        metavar="DAY",
        help="day at whose end the levels and alerts are valid, such as 2026-01-31 (default: the "
        "last day on which an event was recorded)",
    )


def _day(arguments: argparse.Namespace) -> None:
    from credit_indices.pipeline import day
    from credit_indices.pipeline.build import (
        BuildError,
        duckdb_settings,
        require_long_key,
        require_project,
        warehouse_path,
    )

    os.environ[day.AS_OF] = arguments.as_of or ""
    variables = os.environ.get("CREDIT_INDICES_VARS", "")
    with _user_errors(BuildError, day.DayError, NotADirectoryError):
        require_project()
        require_long_key()
        folder = day.load_day(arguments.data_dir, warehouse_path(), variables, duckdb_settings())
    say(f"New alerts are in {folder}.")


def _erase_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--key", required=True, help="enterprise_key of the enterprise")


def _erase(arguments: argparse.Namespace) -> None:
    from datetime import date

    import duckdb

    from credit_indices.early_warning import alerts, export, state_file
    from credit_indices.pipeline.build import require_project, warehouse_path

    require_project()
    if not arguments.key:
        raise UserError(
            "KEY is empty. Give the enterprise_key of an alert: make erase-alerts KEY=…"
        )
    state = state_file.path_beside(warehouse_path())
    if not state.is_file():
        raise UserError(f"{state} does not exist, so there are no alerts.")
    with _user_errors(state_file.StateError), duckdb.connect() as connection:
        state_file.attach(connection, state)
        entries, days = alerts.erase(connection, arguments.key, date.today())
        export.rewrite_days(connection, state, days)
    say(
        f"Erased {entries} entries of the alert log, also in {export.folder_of(state)}, and logged "
        "their number. Events of the enterprise are kept until FULL_REFRESH=1. Files that other "
        "systems have read are theirs to erase."
    )


def _numbers(text: str) -> list[float]:
    if not text:
        raise argparse.ArgumentTypeError("is empty; give numbers such as THRESHOLDS=1,2,3")
    try:
        return [float(number) for number in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a list of numbers such as 1,2,3"
        ) from None


def _what_if_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rule", required=True, help="rule_code of the rule")
    parser.add_argument(
        "--thresholds",
        required=True,
        type=_numbers,
        help="thresholds to try, such as 1,2,3",
    )


def _what_if(arguments: argparse.Namespace) -> None:
    from credit_indices.early_warning import state_file
    from credit_indices.early_warning.what_if import HORIZON_DAYS, what_if
    from credit_indices.pipeline.build import duckdb_settings, require_project, warehouse_path

    require_project()
    if not arguments.rule:
        raise UserError("RULE is empty. Give a rule_code: make what-if RULE=lawsuit THRESHOLDS=1,2")
    with _user_errors(state_file.StateError):
        found = what_if(
            state_file.path_beside(warehouse_path()),
            arguments.rule,
            arguments.thresholds,
            duckdb_settings(),
        )
    say("threshold  alerts  enterprises  gained  lost  earlier  later  evaluated  followed")
    for row in found:
        threshold = "live" if row.threshold is None else f"{row.threshold:g}"
        followed = "" if row.share_followed is None else f"{row.share_followed:.1%}"
        say(
            f"{threshold:>9}  {row.alerts:>6}  {row.enterprises:>11}  {row.gained:>6}  "
            f"{row.lost:>4}  {row.earlier:>7}  {row.later:>5}  {row.evaluated:>9}  {followed:>8}"
        )
    say(
        f"followed: share of the evaluated alerts after which the worst level opened within "
        f"{HORIZON_DAYS} days."
    )


def _publish_options(parser: argparse.ArgumentParser) -> None:
    _data_dir(parser)
    _places(parser)
    parser.add_argument(
        "--with-restricted",
        action="store_true",
        help="also publish the schema restricted, which identifies enterprises by their "
        "enterprise_key",
    )


def _publish(arguments: argparse.Namespace) -> None:
    from credit_indices.pipeline.build import BuildError
    from credit_indices.pipeline.publish import publish
    from credit_indices.pipeline.warehouse_file import NotWritable

    with _user_errors(BuildError, NotADirectoryError, NotWritable):
        publish(
            arguments.data_dir,
            arguments.builds,
            arguments.published,
            with_restricted=arguments.with_restricted,
        )


def _rollback_options(parser: argparse.ArgumentParser) -> None:
    _places(parser)
    parser.add_argument("--build", help="its id (default: the one before the published one)")


def _rollback(arguments: argparse.Namespace) -> None:
    from credit_indices.pipeline.publish import PublishError, rollback

    with _user_errors(PublishError):
        rollback(arguments.build or None, arguments.builds, arguments.published)


def _verify_options(parser: argparse.ArgumentParser) -> None:
    _places(parser)
    parser.add_argument(
        "--noted",
        metavar="SHA256",
        help="SHA-256 of a manifest that you noted; it must be in the chain",
    )


def _verify(arguments: argparse.Namespace) -> None:
    from credit_indices.pipeline.publish import PublishError, verify_builds

    with _user_errors(PublishError):
        verify_builds(arguments.builds, arguments.published, arguments.noted or None)


def _sheet_options(parser: argparse.ArgumentParser) -> None:
    _data_dir(parser)
    parser.add_argument("--index", required=True, help="index_code of the index")
    parser.add_argument("--expert", help="expert_id of the expert who fills in the sheet")
    parser.add_argument("--out", help="file to write (default: ahp_sheet_<index>.csv)")


def _sheet(arguments: argparse.Namespace) -> None:
    from credit_indices.exports.ahp_sheet import SheetError, write_sheet

    with _user_errors(SheetError, NotADirectoryError):
        write_sheet(arguments.index, arguments.data_dir, arguments.expert, arguments.out)


def _tables_options(parser: argparse.ArgumentParser) -> None:
    from credit_indices.exports.tables import FORMATS

    parser.add_argument("--out", default="tables", help="folder to write to (default: tables)")
    parser.add_argument(
        "--format",
        nargs="+",
        choices=FORMATS,
        default=FORMATS,
        help="formats to write (default: all)",
    )


def _tables(arguments: argparse.Namespace) -> None:
    from credit_indices.exports.tables import TablesError, write_tables

    with _user_errors(TablesError):
        write_tables(arguments.out, arguments.format)


def _audit_options(parser: argparse.ArgumentParser) -> None:
    from credit_indices.exports.audit import DEFAULT_OUT

    parser.add_argument(
        "--out", default=DEFAULT_OUT, help=f"file to write (default: {DEFAULT_OUT})"
    )


def _audit(arguments: argparse.Namespace) -> None:
    from credit_indices.exports.audit import AuditError, write_audit

    with _user_errors(AuditError):
        say(f"Wrote {write_audit(arguments.out)}.")


def _workbook_options(parser: argparse.ArgumentParser) -> None:
    from credit_indices.exports.workbook import DEFAULT_OUT
    from credit_indices.pipeline.publish import PUBLISHED

    parser.add_argument(
        "--out", default=DEFAULT_OUT, help=f"file to write (default: {DEFAULT_OUT})"
    )
    parser.add_argument(
        "--published",
        type=Path,
        default=PUBLISHED,
        help="published build to read (default: %(default)s)",
    )


def _workbook(arguments: argparse.Namespace) -> None:
    from credit_indices.exports.workbook import WorkbookError, write_workbook

    with _user_errors(WorkbookError):
        write_workbook(arguments.out, arguments.published)


def _ingest_options(parser: argparse.ArgumentParser) -> None:
    from credit_indices.ingest.command import add_options

    add_options(parser)


def _ingest(arguments: argparse.Namespace) -> int:
    from credit_indices.ingest import IngestError
    from credit_indices.ingest.command import run_command

    with _user_errors(IngestError, NotADirectoryError):
        return run_command(arguments)


COMMANDS = {
    "check": Command("check the input tables for faults", _data_dir, _check),
    "build": Command("build the warehouse", _build_options, _build),
    "day": Command("load a day of events and write the new alerts", _day_options, _day),
    "erase-alerts": Command(
        "erase the alerts of an enterprise whose consents have ended", _erase_options, _erase
    ),
    "what-if": Command(
        "compare thresholds of a rule of the early warning", _what_if_options, _what_if
    ),
    "publish": Command(
        "build all parts, test the data and publish the result",
        _publish_options,
        _publish,
    ),
    "rollback": Command("publish an earlier build again", _rollback_options, _rollback),
    "verify": Command(
        "compare the published builds with the chain of manifests", _verify_options, _verify
    ),
    "ingest": Command("convert spreadsheets and exports to input tables", _ingest_options, _ingest),
    "ahp-sheet": Command("write the questions of an AHP survey", _sheet_options, _sheet),
    "tables": Command("write the tables for papers from the marts", _tables_options, _tables),
    "workbook": Command("write the published tables for Excel", _workbook_options, _workbook),
    "audit": Command("write the audit of the published claims", _audit_options, _audit),
}


if __name__ == "__main__":
    sys.exit(main())
