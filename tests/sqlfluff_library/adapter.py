"""dbt's `adapter` as sqlfluff's jinja templater needs it: quoting and dispatch for DuckDB."""

from collections.abc import Callable

from jinja2 import pass_context
from jinja2.runtime import Context


def quote(identifier: str) -> str:
    """Return the identifier in DuckDB's quotes."""
    return f'"{identifier}"'


@pass_context
def dispatch(context: Context, name: str, _package: str) -> Callable[..., str]:
    """Return DuckDB's macro of that name, else the default one."""
    return context.get(f"duckdb__{name}") or context[f"default__{name}"]


def get_relation(_database: object, _schema: object, _identifier: object) -> None:
    """Return no relation: nothing was built."""
