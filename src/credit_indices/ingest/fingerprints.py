"""Fingerprints of sheets, to notice that a file has changed its meaning.

A mapping stays in force when a file is replaced by that of the next year. The fingerprint, kept in
seen.json, tells whether the new file still has the same columns, titles and units of measurement.
Only files are compared: a user's decision, in the mapping or in the catalog, is not a change of the
file.
"""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

from credit_indices.ingest import ambiguities, codes_and_names, exports
from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cell_text import name_key
from credit_indices.ingest.limits import MAX_MAPPING_BYTES, IngestError, shown
from credit_indices.ingest.reading_plan import HEADER_WITHIN, ReadingPlan, below_header, header
from credit_indices.ingest.series_naming import measures_beside
from credit_indices.ingest.sheets import Sheet, column_letters

FILE = "seen.json"
KINDS = {"headers": "column", "above": "row", "measures": "unit of measurement"}
_EXAMPLE = re.compile(r" \(such as .*?\)(?= may mean)")

Fingerprint = dict[str, dict[str, str]]
"""Texts by kind and place: column names, lines above, units, ambiguities, settings of the plan.

``content`` is a digest of all cells.
"""


def compute(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> Fingerprint:
    """Return the fingerprint of a sheet under a plan.

    ``plan``: its settings. ``headers``: the names of the columns of labels and values by their
    letters. ``above``: the lines above the header by their numbers, with digits masked if they may
    be new years. ``measures``: the statements about the unit of measurement. ``doubts``: all
    ambiguities that there would be if no indicator were decided. Everything but ``content`` leaves
    out the lines and columns that a known format explains.
    """
    content = hashlib.sha256()
    for cells in sheet.rows:
        content.update(json.dumps(cells).encode() + b"\n")
    said = _numbered(_ambiguities(sheet, _undecided(plan), catalog))
    sheet = exports.without_explained(sheet, plan)
    names = header(sheet, plan.header)
    named, others = measures_beside(sheet, plan, catalog)
    below = [text for _, text in below_header(sheet, plan, catalog)]
    lines = {
        str(row + 1): " ".join(" ".join(sheet.rows[row]).split())[:200]
        for row in range(min(plan.header, HEADER_WITHIN, len(sheet.rows)))
    }
    if plan.period is None:
        lines = {row: _masked(text) for row, text in lines.items()}
    return {
        "plan": plan.settings(),
        "content": {"sha256": content.hexdigest()},
        "headers": {
            column_letters(column): " ".join("".join(names[column : column + 1]).split())[:200]
            for column in plan.columns().values()
            if column is not None
        },
        "above": {row: text for row, text in lines.items() if text},
        "measures": _numbered([*named, *others, *below]),
        "doubts": said,
    }


def _undecided(plan: ReadingPlan) -> ReadingPlan:
    """Return a plan without any decision on its indicators."""
    return replace(plan, series=[replace(s, indicator="", factor=None) for s in plan.series])


def _ambiguities(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> list[str]:
    found = ambiguities.find(exports.without_explained(sheet, plan), plan, catalog)
    found += codes_and_names.contradictions(sheet, plan, catalog)
    found += exports.ambiguities_of(sheet, plan, catalog)
    return [_masked(_EXAMPLE.sub("", text)) for text in found]


def changes(
    was: Fingerprint, now: Fingerprint, sheet: Sheet, plan: ReadingPlan, catalog: Catalog
) -> list[str]:
    """Return up to three differences between two fingerprints, for a message.

    An ambiguity is new if the file raises it both with and without the user's decisions, and the
    earlier file did not.
    """
    if was.get("plan") != now["plan"]:
        return []  # the user has changed the plan
    if was.get("content") == now["content"]:
        return []
    known = was.get("doubts", {}).values()
    found = [text for text in now["doubts"].values() if text not in known]
    if found:
        raised = {text[:500] for text in _ambiguities(sheet, plan, catalog)}
        found = [f"{text}. This is new." for text in found if text in raised]
    for kind, noun in KINDS.items():
        before, after = was.get(kind, {}), now[kind]
        for key in dict.fromkeys([*before, *after]):
            old, new = before.get(key, ""), after.get(key, "")
            if name_key(old) != name_key(new):
                found.append(f"{noun} {key} was {shown(old)} and is {shown(new)} now.")
    return found[:3]


def read(path: Path) -> dict[tuple[str, str], Fingerprint]:
    """Read the fingerprints by file and sheet; empty if the file does not exist.

    Raises:
        IngestError: the file was changed.

    """
    try:
        if not path.exists():
            return {}
        if path.stat().st_size > 4 * MAX_MAPPING_BYTES:
            raise ValueError("too large")
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {(entry["file"], entry["sheet"]): _checked(entry["seen"]) for entry in entries}
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise IngestError(
            f"{path} was changed or damaged. Delete it: the next run writes it again, from the "
            "files as they are then."
        ) from None


def _checked(found: dict) -> Fingerprint:
    for texts in found.values():
        for key, text in texts.items():
            if not (isinstance(key, str) and isinstance(text, str)):
                raise TypeError(key)
    return found


def to_json(found: dict[tuple[str, str], Fingerprint]) -> str:
    """Return fingerprints as JSON."""
    entries = [
        {"file": file, "sheet": sheet, "seen": seen}
        for (file, sheet), seen in sorted(found.items())
    ]
    return json.dumps(entries, ensure_ascii=False, indent=1) + "\n"


def _masked(text: str) -> str:
    return re.sub("[0-9]+", "#", text)


def _numbered(texts: list[str]) -> dict[str, str]:
    return {str(n): text[:500] for n, text in enumerate(texts[:HEADER_WITHIN], start=1)}
