"""Render the SQL of the project's models and tests from their Jinja without dbt.

It uses the macros of the project and of dbt, and defines only the names that dbt adds to their
context (`ref`, `var`, `adapter`, ...), as far as the project uses them. Other names are errors
(StrictUndefined), and tests/python/test_runner.py compares every rendered text with dbt's.
"""

from __future__ import annotations

import datetime
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import jinja2.ext

from credit_indices.pipeline.runner.project import DATABASE, Project

COLUMN_TYPES = {"STRING": "TEXT"}
"""DuckDB types for dbt's types that have another name."""

_EXPRESSION = re.compile(r"\{\{(.+)\}\}|\s*((?:ref|source|var|env_var)\s*\(.+\))\s*")
"""Matches a test argument that dbt evaluates: an expression, or ref('units') without braces."""

_TEST = re.compile(r"\{%-?\s*test\s+(\w+)|\{%-?\s*endtest")


class CompilationError(Exception):
    """Error raised by a macro of the project, with its message."""


class _Returned(Exception):
    """The value that a macro passes to `return`."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class _Undefined(jinja2.StrictUndefined):
    """An unknown name is an error; a missing attribute of an object is empty, as in dbt."""

    def __new__(cls, hint: Any = None, obj: Any = jinja2.utils.missing, **rest: Any) -> Any:
        if obj is jinja2.utils.missing:
            return super().__new__(cls)
        return jinja2.Undefined(hint, obj, **rest)


class Relation(str):
    """A relation as SQL text, with the parts of dbt's relations."""

    database: str
    schema: str
    identifier: str

    def __new__(cls, database: str, schema: str, identifier: str) -> Relation:
        """Make a relation from its parts."""
        made = super().__new__(cls, f'"{database}"."{schema}"."{identifier}"')
        made.database, made.schema, made.identifier = database, schema, identifier
        return made

    def render(self) -> str:
        """Return it as SQL."""
        return str(self)


class _Package:
    """The macros of a package, for calls such as `dbt.concat` and `credit_indices.to_period`."""

    def __init__(self, macros: Mapping[str, Callable]) -> None:
        self._macros = macros

    def __getattr__(self, name: str) -> Callable:
        if name not in self._macros:
            raise AttributeError(name)
        return self._macros[name]


class _Config:
    """The configuration of a node; calls do nothing, because dbt read them when it parsed."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __call__(self, *_: Any, **__: Any) -> str:
        return ""

    def get(self, name: str, default: Any = None) -> Any:
        return self._values.get(name, default)


class Renderer:
    """Renders nodes for one connection, one folder of input tables and one set of variables."""

    def __init__(
        self,
        project: Project,
        connection: duckdb.DuckDBPyConnection,
        data_dir: Path | None,
        cache: Path | None = None,
        *,
        full_refresh: bool = False,
    ) -> None:
        """Prepare the names that templates may use.

        Args:
            project: The parsed project.
            connection: Connection on which macros query tables and files.
            data_dir: The folder of the user's input tables; None for the shipped data.
            cache: Cache folder of compiled templates; None for no cache.
            full_refresh: Whether kept events are deleted first (flags.FULL_REFRESH).

        """
        self.nodes = project["nodes"]
        self._connection = connection
        self._environment = jinja2.Environment(
            extensions=["jinja2.ext.do"],
            undefined=_Undefined,
            bytecode_cache=_bytecode_cache(cache),
        )
        self._environment.filters |= {"as_text": str, "as_bool": bool}
        self._templates: dict[str, jinja2.Template] = {}
        self._answers: dict[str, Any] = {}
        self._variables = project["vars"]
        self._surroundings = os.environ | {"CREDIT_INDICES_DATA_DIR": str(data_dir or "")}
        self._sources = {code: macro["sql"] for code, macro in project["macros"].items()}
        self._by_name = {
            node["name"]: node for node in self.nodes.values() if node["resource_type"] != "test"
        }
        packages: dict[str, dict[str, Callable]] = {}
        for code, macro in project["macros"].items():
            packages.setdefault(macro["package"], {})[macro["name"]] = self._macro(code)
        self._packages = packages
        # As in dbt: the project before dbt-duckdb, and dbt-duckdb before dbt.
        of_dbt = packages["dbt"] | packages["dbt_duckdb"]
        self._names: dict[str, Any] = self._environment.globals | of_dbt
        self._names |= packages["credit_indices"] | {
            "adapter": SimpleNamespace(
                dispatch=self._dispatch,
                get_relation=self._get_relation,
                quote=lambda name: f'"{name}"',
            ),
            "api": SimpleNamespace(
                Column=SimpleNamespace(
                    translate_type=lambda name: COLUMN_TYPES.get(name.upper(), name)
                ),
                Relation=SimpleNamespace(
                    create=lambda database, schema, identifier: Relation(
                        database, schema, identifier
                    )
                ),
            ),
            "credit_indices": _Package(packages["credit_indices"]),
            "dbt": _Package(of_dbt),
            "dbt_version": project["dbt_version"],
            "env_var": self._env_var,
            "exceptions": SimpleNamespace(raise_compiler_error=_refuse),
            "execute": True,
            "flags": SimpleNamespace(
                WHICH="build", FULL_REFRESH=full_refresh, STORE_FAILURES=False
            ),
            "fromjson": json.loads,
            "graph": {"nodes": self.nodes},
            "load_relation": lambda of: self._get_relation(of.database, of.schema, of.identifier),
            "modules": SimpleNamespace(re=re, datetime=datetime),
            "ref": self.ref,
            "return": _return,
            "run_query": self._run_query,
            "source": lambda source, table: Relation(source, "main", table),
            "run_started_at": datetime.datetime.now(datetime.UTC),
            "target": SimpleNamespace(name="duckdb", type="duckdb", schema="main"),
            "tojson": json.dumps,
            "var": self._var,
        }

    def relation(self, node: Mapping[str, Any]) -> Relation:
        """Return the relation of a node."""
        return Relation(DATABASE, node["schema"], node["alias"])

    def ref(self, name: str) -> Relation:
        """Return the relation of a model or seed by its name."""
        return self.relation(self._by_name[name])

    def is_table(self, relation: Relation) -> bool:
        """Return whether a table exists."""
        return bool(
            self._connection.execute(
                "select 1 from duckdb_tables() where database_name = ? and schema_name = ? "
                "and table_name = ?",
                [relation.database, relation.schema, relation.identifier],
            ).fetchone()
        )

    def sql(self, node: Mapping[str, Any]) -> str:
        """Return the SQL of a model or test.

        Args:
            node: The node.

        Raises:
            CompilationError: If a macro raises an error, or a template is wrong.

        """
        own: dict[str, Any] = {
            "config": _Config(node["config"]),
            "model": node,
        }
        if node["resource_type"] == "test":
            own["_dbt_generic_test_kwargs"] = self._arguments(node, own)
        else:
            own["this"] = self.relation(node)
        return self._render(node["unique_id"], node["raw_code"], own)

    def text(self, source: str) -> str:
        """Render a template that belongs to no node."""
        return self._render(source, source, {})

    def run_macro(self, name: str) -> None:
        """Run a macro of the project for the errors that it may raise."""
        self._packages["credit_indices"][name]()

    def _render(self, code: str, source: str, own: Mapping[str, Any]) -> str:
        with self._names_of_node(own):
            try:
                template = self._template(code, source)
                context = template.new_context(self._names, shared=True)
                return "".join(template.root_render_func(context))
            except jinja2.TemplateError as error:
                raise CompilationError(str(error)) from None

    @contextmanager
    def _names_of_node(self, own: Mapping[str, Any]) -> Iterator[None]:
        """Add the names that differ between nodes, for macros too."""
        before = {name: self._names[name] for name in own if name in self._names}
        self._names.update(own)
        try:
            yield
        finally:
            for name in own:
                del self._names[name]
            self._names.update(before)

    def _arguments(self, node: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a generic test, with Jinja, such as the model, rendered."""
        given = (node["test_metadata"] or {}).get("kwargs", {})
        made = {}
        for name, value in given.items():
            if isinstance(value, str) and (found := _EXPRESSION.fullmatch(value)):
                compiled = self._environment.compile_expression(found[1] or found[2])
                with self._names_of_node(own):
                    value = compiled(self._names)
            made[name] = value
        return made

    def _template(self, code: str, source: str) -> jinja2.Template:
        if code not in self._templates:
            self._templates[code] = _compiled(self._environment, code, source)
        return self._templates[code]

    def _macro(self, code: str) -> Callable:
        name = code.rsplit(".", 1)[1]

        def call(*arguments: Any, **named: Any) -> Any:
            source = _TEST.sub(_as_macro, self._sources[code])
            module = self._template(code, source).make_module(self._names, shared=True)
            try:
                return getattr(module, name)(*arguments, **named)
            except _Returned as returned:
                return returned.value

        return call

    def _dispatch(self, name: str, macro_namespace: str | None = None) -> Callable:
        for package in ("credit_indices", "dbt_duckdb", "dbt"):
            for prefix in ("duckdb", "default"):
                if found := self._packages[package].get(f"{prefix}__{name}"):
                    return found
        raise CompilationError(
            f"There is no macro {name} for DuckDB in {macro_namespace or 'dbt'}."
        )

    def _var(self, name: str, *default: Any) -> Any:
        if name in self._variables or default:
            return self._variables.get(name, *default)
        raise CompilationError(f"The dbt variable {name} is not defined.")

    def _env_var(self, name: str, *default: str) -> str:
        if name in self._surroundings or default:
            return self._surroundings.get(name, *default)
        raise CompilationError(f"The environment variable {name} is not set.")

    def _run_query(self, sql: str) -> Any:
        # Several models run the same query on a file; it does not change meanwhile.
        if sql not in self._answers:
            result = self._connection.execute(sql)
            rows = result.fetchall()
            columns = list(zip(*rows, strict=True)) if rows else [()] * len(result.description)
            self._answers[sql] = SimpleNamespace(
                rows=rows,
                columns=[
                    SimpleNamespace(values=lambda values=values: values) for values in columns
                ],
            )
        return self._answers[sql]

    def _get_relation(self, database: str, schema: str, identifier: str) -> Relation | None:
        relation = Relation(database, schema, identifier)
        return relation if self.is_table(relation) else None


def _compiled(environment: jinja2.Environment, code: str, source: str) -> jinja2.Template:
    """Compile a template, or load cached code; the cache key contains the source."""
    cache = environment.bytecode_cache
    if cache is None:
        return environment.from_string(source)
    bucket = cache.get_bucket(environment, code, None, source)
    if bucket.code is None:
        bucket.code = environment.compile(source, code)
        with suppress(OSError):  # a folder that cannot be written keeps none
            cache.set_bucket(bucket)
    return jinja2.Template.from_code(environment, bucket.code, environment.globals)


def _bytecode_cache(cache: Path | None) -> jinja2.BytecodeCache | None:
    if cache is None:
        return None
    folder = cache / "templates"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # a folder that cannot be written keeps none
        return None
    return jinja2.FileSystemBytecodeCache(str(folder))


def _as_macro(found: re.Match) -> str:
    """Convert the opening or closing tag of a generic test to a macro's, with dbt's name."""
    return f"{{% macro test_{found[1]}" if found[1] else "{% endmacro"


def _return(value: Any = None) -> None:
    raise _Returned(value)


def _refuse(message: str) -> None:
    raise CompilationError(message)
