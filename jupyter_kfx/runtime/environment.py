"""Which environment variables the code reads."""

from __future__ import annotations

import functools
import hashlib
import os
from typing import Any, Callable, Mapping

__all__ = ["ALL", "INLINE", "Environment", "given", "told"]

INLINE = "module://matplotlib_inline.backend_inline"
"""Where figures are drawn in a notebook."""
_CHOSEN = {"PYTHONHASHSEED": None, "MPLBACKEND": INLINE}
"""What the engine and the shell set, with the value that they give it, if it is one."""
ALL = "*"
SECRET = "a secret"  # noqa: S105  (what stands for one)


class Environment:
    """Listens to `os.environ`; what compiled code asks for goes unheard.

    A variable that the code has set before it reads it is none that it was given. What
    the shell and libraries have set is told as it was given too.
    """

    def __init__(
        self, environ: Mapping[str, str], secrets: frozenset[str] = frozenset()
    ) -> None:
        self._given = environ
        self.secrets = secrets
        """Variables of which nothing is told but that they were read."""
        self._read: dict[str, str | None] = {}
        self._set: set[str] = set()
        self._active = False
        self._installed = False

    def start(self) -> None:
        """Listen from now on."""
        self._active = True
        if not self._installed:
            self._installed = True
            kind: Any = type(os.environ)
            for name in ("__getitem__", "__delitem__", "__setitem__"):
                self._wrap(kind, name, self._touch)
            for name in ("__iter__", "__len__"):
                self._wrap(kind, name, self._list)
            self._wrap(kind, "__repr__", self._show)

    def stop(self) -> None:
        """Listen no more."""
        self._active = False

    def observed(self) -> dict[str, str | None]:
        """Return the variables read, each with the sha256 of its value; none if unset.

        `*` stands for their names, where the code has gone through them.
        """
        return dict(self._read)

    def _wrap(self, kind: Any, name: str, hear: Callable[..., None]) -> None:
        original = getattr(kind, name)

        @functools.wraps(original)
        def heard(environ: Any, *arguments: Any) -> Any:
            if self._active:
                hear(name, *arguments)
            return original(environ, *arguments)

        setattr(kind, name, heard)

    def _touch(self, method: str, key: object, *_value: Any) -> None:
        if not isinstance(key, (str, bytes)):
            return
        name = os.fsdecode(key)
        if method != "__getitem__":
            self._set.add(name)
        elif name not in self._set and name not in self._read:
            self._read[name] = self._token(name)

    def _list(self, _method: str) -> None:
        if ALL not in self._read:
            self._read[ALL] = told(self._given, ALL)

    def _show(self, method: str) -> None:
        # It does not ask for the values one by one.
        self._list(method)
        for name in self._given:
            self._touch("__getitem__", name)

    def _token(self, name: str) -> str | None:
        value = told(self._given, name)
        # A digest would give a weak secret away.
        return SECRET if value and name in self.secrets else value


def told(environ: Mapping[str, str], name: str) -> str | None:
    """Return what stands for a variable, or for all names where that is `*`: a list.

    None if it is not set. What the engine and the shell set is as good as not set.
    """
    if name == ALL:
        return "\n".join(sorted(n for n in environ if told(environ, n)))
    value, chosen = environ.get(name), _CHOSEN.get(name, "")
    return None if value is None or chosen in (None, value) else _digest(value)


def given() -> dict[str, str]:
    """Return the variables that the process was started with; none if nobody knows."""
    try:
        with open("/proc/self/environ", "rb") as file:
            lines = file.read().split(b"\0")
    except OSError:
        return {}
    pairs = (os.fsdecode(line).partition("=") for line in lines if line)
    return {name: value for name, _, value in pairs}


def _digest(text: str) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()
