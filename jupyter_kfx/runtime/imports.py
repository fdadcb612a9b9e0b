"""Which modules of the user's own the code imports, and which it looked for in vain."""

from __future__ import annotations

import os
import sys
import types
from importlib.machinery import ExtensionFileLoader, SourceFileLoader
from typing import Any, Callable, Sequence

from . import tokens
from .places import Places
from .spoken import Spoken

__all__ = ["Imports", "loaded"]

_IMPORT_SYSTEM = "<frozen importlib._bootstrap_external>"


class Imports:
    """Listens to the import system: what is installed does not count."""

    def __init__(self, places: Places, spoken: Spoken) -> None:
        self._places = places
        self._spoken = spoken
        self._found: dict[str, str] = {}
        self._listeners: list[Callable[[types.ModuleType], None]] = []

    def start(self) -> None:
        """Listen from now on; nothing of the user's own has been imported yet."""
        self._wrap(SourceFileLoader)
        self._wrap(ExtensionFileLoader)
        sys.meta_path.append(self)

    def tell(self, listener: Callable[[types.ModuleType], None]) -> None:
        """Call the listener with each module that is loaded from source from now on."""
        self._listeners.append(listener)

    def observed(self) -> dict[str, str]:
        """Return the files of modules, each with what stands for it.

        Also those that would have been found where an import failed, as absent.
        """
        return dict(self._found)

    def find_spec(
        self, name: str, path: Sequence[str] | None, _target: Any = None
    ) -> None:
        """Take note of a module that no finder has found."""
        last = name.rpartition(".")[2]
        for entry in sys.path if path is None else list(path):
            folder = os.path.abspath(entry or os.curdir)
            if self._is_own(os.path.realpath(folder)):
                for file in (f"{last}.py", os.path.join(last, "__init__.py")):
                    self._found.setdefault(os.path.join(folder, file), tokens.ABSENT)

    def _wrap(self, kind: Any) -> None:
        original = kind.exec_module

        def exec_module(loader: Any, module: types.ModuleType) -> None:
            self._note(loader.path)
            self._spoken.enter(module.__name__)
            try:
                original(loader, module)
            finally:
                self._spoken.leave()
            for listener in self._listeners:
                listener(module)

        # Warnings and tracebacks leave out the frames of the import system.
        code = exec_module.__code__
        exec_module.__code__ = code.replace(co_filename=_IMPORT_SYSTEM)
        kind.exec_module = exec_module

    def _note(self, path: str) -> None:
        place = os.path.abspath(path)
        if self._is_own(os.path.realpath(place)):
            token = tokens.of_file(place)
            if self._found.get(place, token) not in (token, tokens.ABSENT):
                token = tokens.CHANGED
            self._found[place] = token

    def _is_own(self, place: str) -> bool:
        return not (self._places.is_installed(place) or self._places.is_ignored(place))


def loaded() -> frozenset:
    """Return the top-level names of the installed packages that are loaded."""
    found: set[str] = set()
    for name, module in list(sys.modules.items()):
        package = name.partition(".")[0]
        if package in found:
            continue
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and "-packages" in file:
            found.add(package)
    return frozenset(found)
