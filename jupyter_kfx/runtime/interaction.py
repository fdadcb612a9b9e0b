"""What the notebook's own code has hung into IPython's shell."""

from __future__ import annotations

import inspect
import sys
from typing import Any, Iterable

__all__ = ["capture", "restore"]

_WAYS = ("ast_node_interactivity", "xmode", "automagic", "autocall", "autoawait")
"""Settings of the shell that change what cells do and show."""
_TABLES = ("singleton_printers", "type_printers", "deferred_printers")


def capture() -> dict[str, Any]:
    """Return what the notebook has set: aliases, callbacks, formatters and others."""
    shell = sys.modules["IPython"].get_ipython()
    if shell is None:
        return {}
    manager = shell.alias_manager
    given = {name for name, _ in manager.default_aliases}
    return {
        "ways": {name: getattr(shell, name, None) for name in _WAYS},
        "pretty": shell.display_formatter.formatters["text/plain"].pprint,
        "exceptions": _exceptions(shell),
        "aliases": sorted(pair for pair in manager.aliases if pair[0] not in given),
        "callbacks": {
            event: own
            for event, functions in shell.events.callbacks.items()
            if (own := [f for f in functions if _is_own(f)])
        },
        "formatters": {
            (kind, table): own
            for kind, formatter in shell.display_formatter.formatters.items()
            for table in _TABLES
            if (own := _own_entries(getattr(formatter, table).items()))
        },
        "transformers": [t for t in shell.ast_transformers if _is_own(type(t))],
        "handler": _handler(shell),
    }


def _exceptions(shell: Any) -> tuple[Any, Any] | None:
    """Return what the notebook wants to be told of by `set_custom_exc`, and the teller."""
    if not shell.custom_exceptions:
        return None
    told = inspect.getclosurevars(shell.CustomTB.__func__).nonlocals
    return shell.custom_exceptions, told.get("handler")


def restore(state: dict[str, Any]) -> None:
    """Hang it in again, and take out what is not part of it."""
    shell = sys.modules["IPython"].get_ipython()
    if shell is None:
        return
    here = capture()
    for name, value in state["ways"].items():
        if value != here["ways"][name]:
            setattr(shell, name, value)
    shell.display_formatter.formatters["text/plain"].pprint = state["pretty"]
    manager = shell.alias_manager
    if state["exceptions"] != here["exceptions"]:
        shell.set_custom_exc(*(state["exceptions"] or ((), None)))
    for name, _ in here["aliases"]:
        manager.undefine_alias(name)
    for name, command in state["aliases"]:
        manager.define_alias(name, command)
    for event, functions in here["callbacks"].items():
        for function in functions:
            shell.events.unregister(event, function)
    for event, functions in state["callbacks"].items():
        for function in functions:
            shell.events.register(event, function)
    for transformer in here["transformers"]:
        shell.ast_transformers.remove(transformer)
    shell.ast_transformers += state["transformers"]
    if state["handler"] is not None:
        shell.set_custom_exc(*state["handler"])
    elif here["handler"] is not None:
        shell.set_custom_exc((), None)
    formatters = shell.display_formatter.formatters
    for (kind, table), entries in here["formatters"].items():
        for key, _ in entries:
            del getattr(formatters[kind], table)[key]
    for (kind, table), entries in state["formatters"].items():
        getattr(formatters[kind], table).update(entries)


def _handler(shell: Any) -> Any:
    """Return the errors that the notebook handles itself, and the function for it."""
    if not shell.custom_exceptions:
        return None
    wrapper = shell.CustomTB.__func__
    inside = inspect.getclosurevars(wrapper).nonlocals
    return shell.custom_exceptions, inside.get("handler", wrapper)


def _own_entries(entries: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    return [(key, value) for key, value in entries if _is_own(value) or _is_own(key)]


def _is_own(value: Any) -> bool:
    return getattr(value, "__module__", None) == "__main__"
