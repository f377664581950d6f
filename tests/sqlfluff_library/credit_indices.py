"""The project's own macros under its name, as dbt has them, for sqlfluff's jinja templater."""

from collections.abc import Callable

from jinja2 import pass_context
from jinja2.runtime import Context


def __getattr__(name: str) -> Callable[..., str]:
    """Return the macro of that name."""
    if name.startswith("_"):
        raise AttributeError(name)

    @pass_context
    def macro(context: Context, *arguments: object, **named: object) -> str:
        return context[name](*arguments, **named)

    return macro
