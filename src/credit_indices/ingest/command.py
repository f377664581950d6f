"""The command ``ingest``: options, help text and summary."""

import argparse
import sys

from credit_indices.ingest.cells import ACCEPTED, IGNORED, MISSING, PENDING, READ, REJECTED
from credit_indices.ingest.limits import IngestError, listed
from credit_indices.ingest.result import Result
from credit_indices.ingest.run import ingest
from credit_indices.pipeline.progress import say

ABOUT = """\
Read spreadsheets and other tables and write their values as TO/observations.csv, the input of
`make build DATA_DIR=TO`.

FROM is a file or a folder of files: CSV or TSV (UTF-8, GB18030 or UTF-16, detected
automatically), workbooks (.xlsx, .xls, .xlsb, .ods, all sheets), Parquet. Three layouts are
recognised: a row per unit and year with a column per indicator; a row per unit, year and
indicator; and a row per unit with a column per year, as the National Bureau of Statistics exports
its tables. Units and indicators are matched by their codes and by their English and Chinese names;
the lists are units.csv and indicators.csv in TO, if present, else the project's.

The first run also writes TO/ingest/mapping.yml: every file, sheet and column, its indicator and
the factor to the catalog's unit of measurement. Entries that cannot be determined exactly are left
empty, with suggestions, and their values are pending. Correct the file and run the same command
again.
"""
MORE = """\
output
  TO/observations.csv          the accepted values; ingest does not overwrite a file that it did
                               not write
  TO/ingest/mapping.yml        the indicator of each column, and ambiguities, for you to correct
  TO/ingest/seen.json          fingerprints of the sheets, to notice when a file changes its
                               meaning; delete it to accept the change
  TO/ingest/cells.csv          by file and sheet: read = accepted + missing + rejected, and the rest
  TO/ingest/rejected.csv       rejected values with file, sheet, row, column, value and reason;
                               fill in corrected_value and run again
  TO/ingest/corrections.csv    the corrections so far

examples
  make ingest FROM=panel.xlsx TO=my_data
  make ingest FROM=nbs_exports TO=my_data YEARS=2011-2020
  make build DATA_DIR=my_data

The exit status is 0 if values were written and 1 if none could be. With --strict it is also 1 if a
value was rejected or is pending. The same files and mapping give the same bytes again.
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's options and its help to its parser."""
    parser.description, parser.epilog = ABOUT, MORE
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--from", dest="source", required=True, help="file or folder to read")
    parser.add_argument("--to", required=True, help="data folder to write to")
    parser.add_argument("--years", default="", help="years wanted, such as 2011-2020 (all)")
    parser.add_argument(
        "--encoding", default="", help="encoding of all text files, such as big5 (detected)"
    )
    parser.add_argument(
        "--strict", action="store_true", help="fail if a value was rejected or is pending"
    )


def run_command(arguments: argparse.Namespace) -> int:
    """Run the command, print the summary, and return the exit status.

    Raises:
        IngestError: as `ingest` does, and if FROM or TO is empty.

    """
    for name, value in (("FROM", arguments.source), ("TO", arguments.to)):
        if not value.strip():
            raise IngestError(
                f"{name} is missing. State the input and the data folder: make ingest "
                "FROM=panel.xlsx TO=my_data"
            )
    result = ingest(
        arguments.source, arguments.to, arguments.encoding.strip() or None, arguments.years
    )
    encoding = sys.stdout.encoding or "utf-8"  # may have no Chinese characters
    say(summary(result).encode(encoding, "backslashreplace").decode(encoding))
    is_open = result.total(REJECTED, PENDING) > 0 or bool(result.pending)
    return int(not result.accepted or (arguments.strict and is_open))


def summary(result: Result) -> str:
    """Return the summary of a run for the user."""
    files = len({sheet.file for sheet, _, _ in result.cells})
    folder = result.folder
    lines = [
        f"Read {result.total(*READ):,} values in {files} file(s): {result.total(ACCEPTED):,} "
        f"accepted, {result.total(MISSING):,} missing, {result.total(REJECTED):,} rejected."
    ]
    if (number := len(result.accepted)) != result.total(ACCEPTED):
        lines[0] += f" Observations, counting equal values of several files once: {number:,}."
    if ignored := result.total(IGNORED):
        lines[0] += f" Ignored: {ignored:,} cell(s)."
    if result.rejected:
        lines.append(f"Rejected, with reasons, in {folder / 'rejected.csv'}; the first:")
        lines += [
            f"  - {sheet.where} {cell.where} {cell.shown}: {cell.reason}"
            for sheet, cell in result.rejected[:3]
        ]
        lines.append("  Fill in corrected_value there, or correct the file, and run again.")
    if result.pending:
        pending = result.total(PENDING)
        lines.append(
            f"{'Pending: ' + format(pending, ',') + ' cell(s). ' if pending else ''}"
            f"To be decided in {folder / 'mapping.yml'}, then run again:"
        )
        lines.append(listed(result.pending))
    if result.notes:
        lines += ["Warnings:", listed(result.notes)]
    observations = result.data_dir / "observations.csv"
    if not result.accepted:
        kept = "is unchanged" if observations.exists() else "was not written"
        lines.append(f"No value was accepted; {observations} {kept}.")
    elif result.is_changed:
        lines.append(f"Wrote {observations}. Next: make build DATA_DIR={result.data_dir}")
    else:
        lines.append(f"Nothing has changed. Next: make build DATA_DIR={result.data_dir}")
    return "\n".join(lines)
