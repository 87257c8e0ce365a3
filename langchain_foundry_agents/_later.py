"""Packages whose modules are loaded by the first call that needs one, and not by the import.

That call takes some hundredths of a second longer, once in a process; in an event loop the loop
waits for it. Threads that come at the same time wait for one load, as with any import.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType


def modules_of(package: str) -> Callable[[str], ModuleType]:
    """A package's `__getattr__`, by which its modules come when they are first named."""

    def load(name: str) -> ModuleType:
        module = f"{package}.{name}"
        try:
            return import_module(module)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
            raise AttributeError(f"module {package!r} has no attribute {name!r}") from None

    return load
