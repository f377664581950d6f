"""The parts of the project: selection by the input, and the models and seeds that they need.

The tag of a mart in dbt_project.yml is its part, and so is that of a seed that no model reads. All
other models and seeds belong to the parts that descend from them. A part that does not run leaves
its marts empty (see `empty_marts`), so a mart of the part `index`, which every build runs, may read
a mart of another part.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from credit_indices.pipeline import input_files

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.contracts.graph.nodes import ManifestNode

ALWAYS = "index"
"""The part that every build runs. It needs no other part."""

VARIABLE = "CREDIT_INDICES_PARTS"


@dataclass(frozen=True)
class Trigger:
    """Input tables that select a part.

    Attributes:
        tables: Input tables, each of which selects the part.
        unless: Input tables that replace the project's rows; the replaced rows do not select the
            part.

    """

    tables: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()


TRIGGERS = {
    ALWAYS: Trigger(),
    "cross_check": Trigger(frozenset({"pca_analyses", "pca_variables"}), frozenset({"indices"})),
    "panel": Trigger(
        frozenset({"panel_blocks", "panel_specs", "panel_variables"}), frozenset({"indices"})
    ),
    "policy": Trigger(frozenset({"panel_specs", "policy_cases"}), frozenset({"indices"})),
    "warnings": Trigger(
        frozenset(input_files.WARNING_TABLES),
        frozenset({"observations"}),
    ),
}
"""Triggers by part. A part without one runs only on the shipped data, or if it is named."""

BY_NAME = {
    "coverage": frozenset({*input_files.COVERAGE_TABLES, "rating_grades"}),
    "credit_models": frozenset({*input_files.LOAN_TABLES, "credit_features", "credit_models"}),
    "laboratory": frozenset(),
    "neighbours": frozenset(input_files.LINK_TABLES),
}
"""Parts that `make build` makes only if they are named, with their input tables, which only they
check. A publication has all parts."""

REPLACED_BY = (
    dict.fromkeys(input_files.ENTERPRISE_TABLES, frozenset({"observations"}))
    | dict.fromkeys(input_files.LOAN_TABLES, frozenset({"observations", "loans"}))
    | dict.fromkeys(("credit_features", "credit_models"), frozenset({"observations", "loans"}))
    | dict.fromkeys(input_files.COVERAGE_TABLES, frozenset({"observations", "enterprises"}))
    | dict.fromkeys(input_files.LINK_TABLES, frozenset({"observations", "enterprises"}))
)
"""Input tables whose shipped rows are not read if the folder has one of these tables."""


class UnknownPart(ValueError):
    """A name is not a part; the message is for the user."""


def known(project: Path = Path()) -> list[str]:
    """Return the parts in dbt_project.yml, beginning with the one that always runs."""
    (models,) = _settings(project)["models"].values()
    tags = {tag for tags in _configured("+tags", models["marts"]) for tag in tags}
    return sorted(tags, key=lambda part: (part != ALWAYS, part))


def schemas(project: Path = Path()) -> set[str]:
    """Return the schemas in dbt_project.yml, that of kept state, and DuckDB's default."""
    return {*_configured("+schema", _settings(project)), "main", "state"}


def _settings(project: Path) -> dict[str, Any]:
    text = (project / "dbt_project.yml").read_text(encoding="utf-8")
    return yaml.load(text, yaml.CSafeLoader)


def _configured(key: str, folder: dict[str, Any]) -> Iterable[Any]:
    if key in folder:
        yield folder[key]
    for inside in folder.values():
        if isinstance(inside, dict):
            yield from _configured(key, inside)


def named(text: str, parts: Iterable[str]) -> list[str]:
    """Parse a list of parts such as ``panel, policy``.

    Raises:
        UnknownPart: A name is none of ``parts``.

    """
    parts = list(parts)
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in parts]:
        close = difflib.get_close_matches(unknown[0].lower(), parts, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        noun = "part" if len(unknown) == 1 else "parts"
        raise UnknownPart(
            f"PARTS: unknown {noun} {', '.join(map(repr, unknown))}.{hint} The parts are "
            f"{', '.join(parts)}; several are separated by commas. Nothing was built."
        )
    return names


def selected(parts: Iterable[str], tables: Set[str], *, has_kept_events: bool = False) -> list[str]:
    """Return the parts that a build makes if none is named.

    Args:
        parts: All parts.
        tables: The tables in the user's folder; empty for the shipped data.
        has_kept_events: Whether events of earlier builds are carried over.

    """
    if not tables:
        return [part for part in parts if part not in BY_NAME]
    return [
        part
        for part in parts
        if part == ALWAYS
        or (part == "warnings" and has_kept_events)
        or (
            (trigger := TRIGGERS.get(part))
            and (trigger.tables & tables or not trigger.unless & tables)
        )
    ]


def with_needed(manifest: Manifest, parts: Iterable[str]) -> set[str]:
    """Return parts, the parts whose marts they need, and the one that always runs."""
    chosen = {ALWAYS, *parts}
    while more := _parts_of(manifest, _ancestors(manifest, chosen)) - chosen:
        chosen |= more
    return chosen


def nodes(manifest: Manifest, parts: Set[str], tables: Set[str]) -> set[str]:
    """Return the ids of the models and seeds that parts need.

    Args:
        manifest: The parsed project.
        parts: The parts, with those that they need.
        tables: The tables in the user's folder; seeds that only they replace are left out.

    """
    return _ancestors(manifest, parts, tables)


def _parts(node: ManifestNode) -> set[str]:
    return set(node.tags) if node.resource_type in ("model", "seed") else set()


def _parts_of(manifest: Manifest, unique_ids: Iterable[str]) -> set[str]:
    return set().union(*(_parts(manifest.nodes[unique_id]) for unique_id in unique_ids))


def _ancestors(manifest: Manifest, parts: Set[str], tables: Set[str] = frozenset()) -> set[str]:
    waiting = [node.unique_id for node in manifest.nodes.values() if parts & _parts(node)]
    found = set()
    while waiting:
        unique_id = waiting.pop()
        if unique_id not in found:
            found.add(unique_id)
            reader = manifest.nodes[unique_id]
            waiting += [
                read
                for read in reader.depends_on_nodes
                if read in manifest.nodes  # else a source
                and not _is_left_empty(reader, manifest.nodes[read], parts)
                and not _is_replaced(reader, manifest.nodes[read], tables)
            ]
    return found


def _is_left_empty(reader: ManifestNode, read: ManifestNode, parts: Set[str]) -> bool:
    """Whether a mart of the part that always runs reads a mart of one that does not."""
    of_read = _parts(read)
    return ALWAYS in _parts(reader) and bool(of_read) and not parts & of_read


def _is_replaced(reader: ManifestNode, read: ManifestNode, tables: Set[str]) -> bool:
    """Whether a table of the user's folder replaces the seed that a model reads (macros/input)."""
    if (reader.name, read.name) == ("int_observations__read", "stg_shipped__observations"):
        return "observations" in tables
    table = reader.name.removeprefix("stg_input__")
    if table == reader.name or read.resource_type != "seed":
        return False
    return bool(({table} | REPLACED_BY.get(table, frozenset())) & tables)


def empty_marts(manifest: Manifest, parts: Set[str]) -> list[str]:
    """Return SQL that creates the marts of all other parts as empty tables.

    Columns and types are those of the contracts; comments are the descriptions.
    """
    statements = []
    for node in manifest.nodes.values():
        if node.resource_type != "model" or not _parts(node) or parts & _parts(node):
            continue
        columns = ", ".join(
            f"{_name(column.name)} {column.data_type}" for column in node.columns.values()
        )
        relation = f"{_name(node.schema)}.{_name(node.alias)}"
        reason = f"Empty: the part {', '.join(node.tags)} did not run. {node.description}"
        statements += [
            f"create schema if not exists {_name(node.schema)}",
            f"create or replace table {relation} ({columns})",
            f"comment on table {relation} is {_text(reason)}",
            *(
                f"comment on column {relation}.{_name(column.name)} is {_text(column.description)}"
                for column in node.columns.values()
            ),
        ]
    return statements


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
