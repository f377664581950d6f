"""Lazy imports of modules that Great Expectations imports but the suites do not use.

Great Expectations imports scipy.stats and altair for other expectations; they take a third of its
import time. The standard library's LazyLoader does not help: it loads a module as soon as an
`import` statement names it.
"""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

LAZY = ("altair", "scipy.stats")


class _Lazy(ModuleType):
    """Placeholder for a module until one of its attributes is used."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        spec = importlib.util.find_spec(name)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        # Another thread may import a submodule meanwhile.
        self.__path__ = spec.submodule_search_locations or []

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)  # the import system's own look-ups do not load it
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), attribute)


@contextmanager
def lazy_imports(names: tuple[str, ...] = LAZY) -> Iterator[None]:
    """Replace modules that are not imported yet by placeholders during the imports inside.

    Afterwards an import of such a module returns the module itself.
    """
    lazy = {name: _Lazy(name) for name in names if name not in sys.modules}
    sys.modules.update(lazy)
    try:
        yield
    finally:
        for name, module in lazy.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
