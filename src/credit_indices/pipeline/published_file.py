"""The published file: a copy of the public part of a warehouse that works under any name.

It holds the public schemas and, from the schema `intermediate`, the documented steps (`STEPS`).
dbt's views contain the name of the database file ("catalog"."schema"."table"). This module removes
it, so the file may be renamed, copied and attached under an alias.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

STORAGE_VERSION = "v1.4.0"
"""Readable by DuckDB 1.4 and later."""

PUBLIC = ("marts", "quality")
STEPS = {
    "intermediate": (
        "int_catalog__",  # the codes of the integer keys
        "int_index__",
        "int_observations__",
        "int_panel__frame",
        "int_periods__",
        "int_quality__",
    )
}
"""Relations beside the public schemas, by the beginning of their names
(docs/methods/publication.md)."""

Relation = tuple[str, str]


def write(
    work: Path, copy: Path, also: Sequence[str] = (), settings: Mapping[str, str] | None = None
) -> None:
    """Copy the public part of a warehouse to a compact file; test every relation of the copy.

    A view over the user's files, or over relations that are not copied, becomes a table. Other
    relations are dropped before the copy, so that no page of the file ever held them.

    Args:
        work: The warehouse; relations that are not copied are dropped from it.
        copy: The file to write; it must not exist.
        also: Further schemas to copy.
        settings: Settings of DuckDB.

    Raises:
        duckdb.Error: If a view cannot be read, or the file cannot be written.

    """
    with duckdb.connect(config={"temp_directory": str(work.parent)} | dict(settings or {})) as c:
        c.execute(f"attach {_text(work)} as {_name(work.stem)}")
        c.execute(f"use {_name(work.stem)}")
        kinds = _relations(c, work.stem)
        kept = {relation for relation in kinds if _is_copied(relation, also)}
        views = {
            relation: _select(c, sql)
            for relation, sql in _views(c, work.stem).items()
            if relation in kept
        }
        for relation in [r for r, select in views.items() if not _is_within(select, kept)]:
            _make_a_table(c, relation)
            del views[relation]
        for relation in kinds.keys() - kept:
            c.execute(f"drop {kinds[relation]} {_path(relation)}")
        for schema in {schema for schema, _ in kinds} - {schema for schema, _ in kept}:
            c.execute(f"drop schema {_name(schema)}")
        c.execute(f"attach {_text(copy)} as copied (storage_version '{STORAGE_VERSION}')")
        c.execute(f"copy from database {_name(work.stem)} to copied")
        c.execute("use copied")
        for relation, select in views.items():
            c.execute(f"create or replace view {_path(relation)} as {_without_catalog(c, select)}")
        c.execute("checkpoint copied")
    with duckdb.connect() as c:
        c.execute(f"attach {_text(copy)} as {_name(copy.stem + '_renamed')} (read_only)")
        c.execute("set enable_external_access = false")
        for relation in _relations(c, copy.stem + "_renamed"):
            c.execute(f"from {_name(copy.stem + '_renamed')}.{_path(relation)} limit 0")


def _is_copied(relation: Relation, also: Sequence[str]) -> bool:
    schema, name = relation
    return schema in (*PUBLIC, *also) or name.startswith(STEPS.get(schema, ()))


def _relations(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[Relation, str]:
    found = connection.execute(
        "select table_schema, table_name, if(table_type = 'VIEW', 'view', 'table') "
        "from information_schema.tables where table_catalog = ? order by 1, 2",
        [catalog],
    ).fetchall()
    return {(schema, name): kind for schema, name, kind in found}


def _views(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[Relation, str]:
    found = connection.execute(
        "select schema_name, view_name, sql from duckdb_views() "
        "where not internal and database_name = ? order by 1, 2",
        [catalog],
    ).fetchall()
    return {(schema, name): sql for schema, name, sql in found}


def _select(connection: duckdb.DuckDBPyConnection, view: str) -> dict[str, Any]:
    """Parse the query of a view, which DuckDB stores as `CREATE VIEW schema.name AS ...`."""
    (parsed,) = connection.execute(
        "select json_serialize_sql(?)", [view.partition(" AS ")[2]]
    ).fetchone()
    found = json.loads(parsed)
    if found["error"]:
        raise duckdb.ParserException(f"{view[:100]}: {found['error_message']}")
    return found


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for branch in tree:
            yield from _nodes(branch)


def _is_within(select: dict[str, Any], kept: set[Relation]) -> bool:
    """Whether a query reads only copied relations, and for example no file."""
    for node in _nodes(select):
        if node.get("type") == "TABLE_FUNCTION":
            return False
        is_table = node.get("type") == "BASE_TABLE" and node["schema_name"]  # else a CTE
        if is_table and (node["schema_name"], node["table_name"]) not in kept:
            return False
    return True


def _make_a_table(connection: duckdb.DuckDBPyConnection, view: Relation) -> None:
    schema, name = view
    made = _path((schema, name + "__made"))
    connection.execute(f"create table {made} as from {_path(view)}")
    connection.execute(f"drop view {_path(view)}")
    connection.execute(f"alter table {made} rename to {_name(name)}")


def _without_catalog(connection: duckdb.DuckDBPyConnection, select: dict[str, Any]) -> str:
    for node in _nodes(select):
        if node.get("type") == "BASE_TABLE":
            node["catalog_name"] = ""
    (sql,) = connection.execute(
        "select json_deserialize_sql(?::json)", [json.dumps(select)]
    ).fetchone()
    return sql


def _path(relation: Relation) -> str:
    return ".".join(map(_name, relation))


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
