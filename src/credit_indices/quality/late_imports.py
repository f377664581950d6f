"""Modules that are imported when something of them is used, for the import of Great Expectations.

Great Expectations imports scipy.stats and altair for expectations that the suites do not use; they
take a third of the time that its import takes.
"""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

LATE = ("altair", "scipy.stats")


class _Late(ModuleType):
    """Stands for a module until an attribute of it is asked for."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        spec = importlib.util.find_spec(name)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        # Another thread may import a submodule meanwhile.
        self.__path__ = spec.submodule_search_locations or []

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)  # what the import system asks is no use of it
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), attribute)


@contextmanager
def late_imports(names: tuple[str, ...] = LATE) -> Iterator[None]:
    """Let the imports inside take a stand-in for modules that nobody has imported yet.

    Afterwards an import of such a module gives the module itself, as ever.
    """
    late = {name: _Late(name) for name in names if name not in sys.modules}
    sys.modules.update(late)
    try:
        yield
    finally:
        for name, module in late.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
