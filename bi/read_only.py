"""A DuckDB connection that runs only queries, for a limited time.

Settings are not sufficient: some functions change DuckDB's state or read memory by its address
(`CALL enable_logging`, `arrow_scan`), and DuckDB has no time limit. Therefore every statement is
parsed before it runs, and a timer interrupts it.
"""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb
from duckdb_engine import ConnectionWrapper, CursorWrapper

CONFIG = {
    "enable_external_access": False,
    "python_enable_replacements": False,
    "memory_limit": "1GB",
    "threads": 2,
    "temp_directory": "",
    "lock_configuration": True,
}
"""Settings of every connection: no other file, no network, and SET is locked."""

SECONDS = float(os.environ.get("CREDIT_INDICES_BI_SECONDS", 30))
"""Time limit of a query."""

TABLE_FUNCTIONS = {
    *("generate_series", "range", "unnest"),
    *("json_each", "json_tree"),
    *("duckdb_columns", "duckdb_schemas", "duckdb_tables", "duckdb_views"),
}
"""The table functions that a query may use."""


class Refused(duckdb.Error):
    """A statement was refused."""


class TooSlow(duckdb.Error):
    """A query exceeded the time limit."""


def connect(warehouse: Path, seconds: float = SECONDS) -> "ReadOnlyConnection":
    """Open a DuckDB file.

    Args:
        warehouse: The file.
        seconds: Time limit of a query.

    """
    connection = duckdb.connect(str(warehouse), read_only=True, config=CONFIG)
    return ReadOnlyConnection(connection, seconds)


class ReadOnlyConnection(ConnectionWrapper):
    """A connection for SQLAlchemy whose cursors run only queries, with a time limit."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, seconds: float) -> None:
        super().__init__(connection)
        self.duckdb = connection
        self.seconds = seconds

    def cursor(self) -> "ReadOnlyCursor":
        """Return a cursor that checks statements and limits their time."""
        return ReadOnlyCursor(self.duckdb, self)


class ReadOnlyCursor(CursorWrapper):
    """A cursor that parses a statement before it runs it, and interrupts slow queries."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, wrapper: ReadOnlyConnection) -> None:
        super().__init__(connection, wrapper)
        self.duckdb = connection
        self.seconds = wrapper.seconds

    def execute(self, statement: str, parameters=None, context=None) -> None:
        """Run one query."""
        check(statement)
        with self.limited():
            self.duckdb.execute(statement, parameters)

    def executemany(self, statement: str, parameters=None, context=None) -> None:
        """Refuse: only changes use several sets of parameters."""
        raise Refused("Only queries (SELECT) are run here, one at a time.")

    def fetchone(self) -> tuple | None:
        """Return the next row."""
        with self.limited():
            return self.duckdb.fetchone()

    def fetchmany(self, size: int | None = None) -> list:
        """Return the next rows."""
        with self.limited():
            return self.duckdb.fetchmany() if size is None else self.duckdb.fetchmany(size)

    def fetchall(self) -> list:
        """Return the remaining rows."""
        with self.limited():
            return self.duckdb.fetchall()

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Interrupt the query at the time limit: DuckDB runs outside Python's lock."""
        timer = threading.Timer(self.seconds, self.duckdb.interrupt)
        timer.daemon = True
        timer.start()
        try:
            yield
        except duckdb.InterruptException as error:
            raise TooSlow(
                f"The query was stopped after {self.seconds:g} seconds, the time limit of queries. "
                "Select fewer rows, or check the joins for a missing condition."
            ) from error
        finally:
            timer.cancel()


def check(statement: str) -> None:
    """Refuse a statement that is not one query, or that calls a function which is not allowed.

    Raises:
        Refused: If the statement is refused.
        duckdb.ParserException: If it is not SQL.

    """
    kinds = [each.type for each in parser().cursor().extract_statements(statement)]
    if kinds == [duckdb.StatementType.TRANSACTION]:
        return
    if len(kinds) > 1:
        raise Refused(f"{len(kinds)} statements were sent. Send one query (SELECT) at a time.")
    (tree,) = parser().cursor().execute("select json_serialize_sql(?)", [statement]).fetchone()
    functions: set[str] = set()

    def collect(node: dict) -> dict:
        if node.get("type") == "TABLE_FUNCTION":
            functions.add(node["function"]["function_name"].lower())
        return node

    if not kinds or json.loads(tree, object_hook=collect)["error"]:
        raise Refused(
            "Only queries are run here: SELECT, FROM, WITH, VALUES, DESCRIBE, SUMMARIZE or SHOW."
        )
    if refused := sorted(functions - TABLE_FUNCTIONS):
        raise Refused(
            f"The function {', '.join(refused)} is not allowed in FROM. Allowed are "
            f"{', '.join(sorted(TABLE_FUNCTIONS))}, and the tables of the published file."
        )


@cache
def parser() -> duckdb.DuckDBPyConnection:
    """Return an empty database, which parses statements."""
    return duckdb.connect(":memory:", config=CONFIG)
