"""The project's own macros under its name, as dbt has them, for sqlfluff's jinja templater."""

from collections.abc import Callable

from jinja2 import pass_context
from jinja2.runtime import Context
from sqlfluff.core.templaters.builtins.dbt import MacroReturn


def __getattr__(name: str) -> Callable[..., object]:
    """Return the macro of that name."""
    if name.startswith("_"):
        raise AttributeError(name)

    @pass_context
    def macro(context: Context, *arguments: object, **named: object) -> object:
        try:
            return context[name](*arguments, **named)
        except MacroReturn as returned:  # of dbt's return(), which may give more than a text
            return returned.value

    return macro
