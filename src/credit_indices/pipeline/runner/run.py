"""Run nodes of the parsed project on one DuckDB connection, in topological order."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from credit_indices.early_warning import state_file
from credit_indices.pipeline import sql_functions
from credit_indices.pipeline.runner.project import DATABASE, Project
from credit_indices.pipeline.runner.render import CompilationError, Relation, Renderer

ONE_THREAD = MappingProxyType({"threads": 1})
MATERIALIZATIONS = ("table", "view")


@dataclass
class Outcome:
    """Result of a run: the nodes that were built, and errors by node."""

    made: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


class Run:
    """Nodes of the project on one warehouse and one folder of input tables."""

    def __init__(
        self,
        project: Project,
        folder: Path,
        warehouse: Path | None = None,
        data_dir: Path | None = None,
        *,
        settings: Mapping[str, Any] = ONE_THREAD,
        cache: Path | None = None,
        full_refresh: bool = False,
    ) -> None:
        """Open the warehouse.

        Args:
            project: The parsed project.
            folder: The folder of the project, where seeds and Python models are.
            warehouse: The file; None for one in memory.
            data_dir: The folder of the user's input tables; None for the shipped data.
            settings: DuckDB's settings. One thread makes results reproducible to the byte.
            cache: Cache folder of compiled templates; None for no cache.
            full_refresh: Whether kept events are deleted first (flags.FULL_REFRESH).

        """
        self._nodes, self._order, self._folder = project["nodes"], project["order"], folder
        self._connection = duckdb.connect(config=dict(settings))
        sql_functions.register(self._connection)
        self._connection.execute(f"attach {_text(str(warehouse or ':memory:'))} as {DATABASE}")
        self._connection.execute(f"use {DATABASE}")
        if warehouse is not None:
            state_file.attach_existing(self._connection, state_file.path_beside(warehouse))
        self._renderer = Renderer(
            project, self._connection, data_dir, cache, full_refresh=full_refresh
        )
        self._schemas: set[str] = set()
        self._types: dict[str, str] = {}

    def close(self) -> None:
        """Close the warehouse."""
        self._connection.close()

    def check_settings(self) -> None:
        """Refuse invalid variables before anything runs.

        Raises:
            CompilationError: The message lists them.

        """
        self._renderer.run_macro("check_data_dir")
        self._renderer.run_macro("check_time_zone")
        self._renderer.run_macro("check_quality_thresholds")

    def count(self, code: str) -> int:
        """Return the number of rows of a node's table."""
        relation = self._renderer.relation(self._nodes[code])
        return self._connection.execute(f"select count(*) from {relation}").fetchone()[0]

    def relation(self, code: str) -> str:
        """Return the quoted name of a node's table."""
        return str(self._renderer.relation(self._nodes[code]))

    def query(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._connection.execute(query).fetchall()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection, whose current database is the warehouse."""
        return self._connection

    def stand_in(self, code: str, query: str) -> None:
        """Make the table of a node from another query."""
        relation = self._renderer.relation(self._nodes[code])
        self._connection.execute(f'create schema if not exists {DATABASE}."{relation.schema}"')
        self._connection.execute(f"create or replace table {relation} as {query}")

    def text(self, template: str) -> str:
        """Render a template that belongs to no node."""
        return self._renderer.text(template)

    def restrict(self, code: str, condition: str) -> None:
        """Make the table of a node with those of its rows that meet a condition."""
        query = self._renderer.sql(self._nodes[code])
        self.stand_in(code, f"select * from ({query}) as every_row where {condition}")

    def keep(self, codes: Iterable[str], file: Path) -> list[str]:
        """Copy the tables of nodes that were built to a file that only its owner can read.

        Returns:
            The names of the tables.

        """
        kept = []
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        self._connection.execute(f"attach {_text(str(file))} as kept")
        file.chmod(0o600)
        for relation in (self._renderer.relation(self._nodes[code]) for code in codes):
            if self._renderer.is_table(relation):
                schema, name = f'kept."{relation.schema}"', f'"{relation.identifier}"'
                self._connection.execute(f"create schema if not exists {schema}")
                self._connection.execute(f"create table {schema}.{name} as from {relation}")
                kept.append(f"{relation.schema}.{relation.identifier}")
        self._connection.execute("detach kept")
        return kept

    def run(self, codes: Iterable[str], *, stop_at_fault: bool = False) -> Outcome:
        """Build nodes in topological order, and run the tests among them.

        Descendants of a failed node are skipped, as in dbt.

        Args:
            codes: Unique ids of nodes.
            stop_at_fault: Whether to stop at the first fault.

        """
        wanted, outcome, spoiled = set(codes), Outcome(), set()
        for code in _after_tests(self._order, self._nodes, wanted):
            node = self._nodes[code]
            if spoiled.intersection(node["depends_on"]):
                spoiled.add(code)
                outcome.left_out.append(code)
                continue
            try:
                self._test(node) if node["resource_type"] == "test" else self._make(node)
                outcome.made.append(code)
            except duckdb.OutOfMemoryException:
                raise  # an error of the machine, not of the input
            except (CompilationError, duckdb.Error, _Failed) as error:
                outcome.faults[code] = message_of(error)
                spoiled.update([code, *(node["depends_on"] if isinstance(error, _Failed) else ())])
                if stop_at_fault:
                    break
        return outcome

    def _make(self, node: Mapping[str, Any]) -> None:
        relation = self._renderer.relation(node)
        if node["schema"] not in self._schemas:
            self._connection.execute(f'create schema if not exists {DATABASE}."{node["schema"]}"')
            self._schemas.add(node["schema"])
        make: dict[str, Callable] = {
            "seed": self._load,
            "model": self._run_python if node["language"] == "python" else self._run_sql,
        }
        make[node["resource_type"]](node, relation)

    def _load(self, node: Mapping[str, Any], relation: Relation) -> None:
        types = node["config"]["column_types"]
        columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
        self._connection.execute(f"create or replace table {relation} ({columns})")
        file = self._folder / node["original_file_path"]
        self._connection.execute(
            f"copy {relation} from {_text(str(file))} (format csv, header true, delimiter ',')"
        )

    def _run_python(self, node: Mapping[str, Any], relation: Relation) -> None:
        file = self._folder / node["original_file_path"]
        spec = importlib.util.spec_from_file_location(node["name"], file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        dbt = _Dbt(self._renderer, self._connection, node["config"].get("meta", {}))
        made = module.model(dbt, self._connection)  # noqa: F841 - DuckDB finds it by name
        self._connection.execute(f"create or replace table {relation} as select * from made")

    def _run_sql(self, node: Mapping[str, Any], relation: Relation) -> None:
        kind = node["config"]["materialized"]
        if kind not in MATERIALIZATIONS:
            raise CompilationError(f"{node['name']} has an unknown materialization: {kind}.")
        sql = self._renderer.sql(node)
        if kind == "view":
            self._connection.execute(f"create or replace view {relation} as {sql}")
        elif node["has_contract"]:
            self._fill_contract(node, relation, sql)
        else:
            self._connection.execute(f"create or replace table {relation} as {sql}")

    def _fill_contract(self, node: Mapping[str, Any], relation: Relation, sql: str) -> None:
        columns = node["columns"]
        found = {
            name: kind
            for name, kind, *_ in self._connection.execute(f"describe ({sql})").fetchall()
        }
        promised = {name: self._type(column["data_type"]) for name, column in columns.items()}
        differing = [
            f"{name} is {found.get(name, 'missing')}, the contract requires "
            f"{promised.get(name, 'no')}"
            for name in sorted(found.keys() | promised.keys())
            if found.get(name) != promised.get(name)
        ]
        if differing:
            raise CompilationError(f"{node['name']} breaks its contract: {'; '.join(differing)}.")
        declared = ", ".join(
            f'"{name}" {column["data_type"]}{" not null" if column["is_required"] else ""}'
            for name, column in columns.items()
        )
        names = ", ".join(f'"{name}"' for name in columns)
        self._connection.execute(f"create or replace table {relation} ({declared})")
        self._connection.execute(f"insert into {relation} select {names} from ({sql}) as made")

    def _test(self, node: Mapping[str, Any]) -> None:
        sql = self._renderer.sql(node)
        (count,) = self._connection.execute(f"select count(*) from ({sql}) as failing").fetchone()
        if count and node["config"].get("severity", "ERROR").upper() == "ERROR":
            raise _Failed(
                f"Got {count} result{'' if count == 1 else 's'}, configured to fail if != 0"
            )

    def _type(self, name: str) -> str:
        """Return DuckDB's name of a type in a contract."""
        if name not in self._types:
            (self._types[name],) = self._connection.execute(
                f"select typeof(cast(null as {name}))"
            ).fetchone()
        return self._types[name]


class _Failed(Exception):
    """A data test found rows."""


class _Dbt:
    """The dbt object of Python models: relations and the model's configuration."""

    def __init__(
        self, renderer: Renderer, connection: duckdb.DuckDBPyConnection, meta: Mapping[str, Any]
    ) -> None:
        self._renderer, self._connection = renderer, connection
        self.config = _Config(meta)

    def ref(self, name: str) -> duckdb.DuckDBPyRelation:
        return self._connection.query(f"select * from {self._renderer.ref(name)}")


class _Config:
    """The configuration of a Python model; calls do nothing, because dbt has read them."""

    def __init__(self, meta: Mapping[str, Any]) -> None:
        self._meta = meta

    def __call__(self, **_: Any) -> None:
        return None

    def meta_get(self, name: str) -> Any:
        return self._meta[name]


def ancestors(project: Project, codes: Iterable[str], without: Collection[str] = ()) -> set[str]:
    """Return nodes with all their ancestors, but neither some nodes nor what only these need."""
    found, waiting = set(), list(codes)
    while waiting:
        code = waiting.pop()
        if code not in found and code not in without:
            found.add(code)
            waiting += project["nodes"][code]["depends_on"]
    return found


def message_of(error: Exception) -> str:
    """Return an error's message for users, without DuckDB's prefix for errors raised in SQL."""
    text = str(error)
    if isinstance(error, duckdb.InvalidInputException):
        text = text.removeprefix("Invalid Input Error: ")
    return text


def _after_tests(
    order: Iterable[str], nodes: Mapping[str, Mapping[str, Any]], wanted: set[str]
) -> list[str]:
    """Return nodes in topological order, with each test as early as possible."""
    codes = [code for code in order if code in wanted]
    position = {
        code: place for place, code in enumerate(codes) if nodes[code]["resource_type"] != "test"
    }

    def place(code: str) -> tuple[int, int]:
        if code in position:
            return position[code], 0
        read = [position[before] for before in nodes[code]["depends_on"] if before in position]
        return max(read, default=-1), 1

    return sorted(codes, key=place)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
