"""Figures that pyplot keeps open where one step ends and the next begins.

What shows figures in a notebook closes them after each cell; other backends leave them
open, and what pyplot draws next goes into the one that was active.
"""

from __future__ import annotations

import itertools
import sys
from collections import OrderedDict
from typing import Any, Container, Iterable

from .exits import RefusedError

__all__ = [
    "KEY",
    "MODULE",
    "REGISTRY",
    "callbacks",
    "capture",
    "choose_backend",
    "is_asked",
    "link",
    "links",
    "listen",
    "reduction",
    "restore",
    "settings",
]

KEY = "matplotlib.figures"
MODULE = "matplotlib._pylab_helpers"
REGISTRY = ("matplotlib.cbook", "CallbackRegistry")
_OWN = frozenset({"__main__", "builtins", "matplotlib.widgets"})
_DRAWN = frozenset({"matplotlib.figure", "matplotlib.axes._axes"})
"""Modules of whose classes a figure and what is in it are."""
_ELSEWHERE = (
    "a figure that pyplot has left open is used in another step than it was made in. "
    "Keep it in a variable (`fig, ax = plt.subplots()`) and draw with its methods, or put "
    "both cells into one step."
)


class _Elsewhere:
    """Stands for a figure of another step; whatever uses it is refused."""

    def __getattribute__(self, name: str) -> Any:
        if name == "stale":
            return False  # it has been drawn where it was made
        raise RefusedError(_ELSEWHERE, KEY)

    def __setattr__(self, name: str, value: Any) -> None:
        raise RefusedError(_ELSEWHERE, KEY)

    def __repr__(self) -> str:
        raise RefusedError(_ELSEWHERE, KEY)


class _Manager:
    """Stands for the manager of such a figure, which pyplot may close."""

    def __init__(self, num: Any) -> None:
        self.num = num
        self.canvas = self
        self.figure = _Elsewhere()
        self._cidgcf = 0

    def mpl_disconnect(self, _number: int) -> None:
        """Do nothing: nobody can click into it."""

    def destroy(self) -> None:
        """Do nothing: it has no window."""


class _Open(OrderedDict):
    """The managers of the open figures; it remembers whether it was looked into."""

    is_asked = False


def _asking(name: str) -> Any:
    method = getattr(OrderedDict, name)

    def ask(self: _Open, *arguments: Any) -> Any:
        self.is_asked = True
        return method(self, *arguments)

    return ask


for _name in (
    *("__getitem__", "__iter__", "__reversed__", "__contains__", "__len__"),
    *("get", "keys", "values", "items", "pop"),
):
    setattr(_Open, _name, _asking(_name))


def settings() -> set[int]:
    """Return the ids of lists among the settings, to which all that is drawn refers."""
    matplotlib: Any = sys.modules.get("matplotlib")
    found = dict.values(matplotlib.rcParams) if hasattr(matplotlib, "rcParams") else ()
    return {id(value) for value in found if type(value) is list}


def _unasked(draw_all: Any) -> Any:
    """Let what has changed be drawn after each cell, for which no other step matters."""

    def draw(force: bool = False) -> None:
        figures = sys.modules[MODULE].Gcf.figs
        asked = figures.is_asked
        draw_all(force)
        figures.is_asked = asked or force

    return draw


def choose_backend(modules: Iterable[set[str]]) -> None:
    """Let figures be shown as where they were made: pyplot chose a backend there.

    The modules are those that values from other steps refer to.
    """
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and any(each & _DRAWN for each in modules):
        pyplot.switch_backend(pyplot.get_backend())


def listen() -> None:
    """Remember from now on whether pyplot looks for open figures."""
    helpers: Any = sys.modules.get(MODULE)
    if helpers is not None:
        helpers.Gcf.figs = _Open(helpers.Gcf.figs)
        helpers.Gcf.figs.is_asked = False
        helpers.Gcf.draw_all = _unasked(helpers.Gcf.draw_all)
        pyplot: Any = sys.modules.get("matplotlib.pyplot")
        if hasattr(pyplot, "draw_all"):
            pyplot.draw_all = helpers.Gcf.draw_all


def is_asked() -> bool:
    """Tell whether pyplot has looked for open figures, or may have."""
    helpers: Any = sys.modules.get(MODULE)
    return helpers is not None and getattr(helpers.Gcf.figs, "is_asked", True)


def capture() -> list[Any]:
    """Return the numbers of the open figures; the last one is active."""
    helpers: Any = sys.modules[MODULE]
    return list(OrderedDict.keys(helpers.Gcf.figs))


def restore(numbers: list[Any]) -> None:
    """Let figures of those numbers be open, and no others."""
    figures = sys.modules[MODULE].Gcf.figs
    there = dict(OrderedDict.items(figures))
    OrderedDict.clear(figures)
    for number in numbers:
        OrderedDict.__setitem__(figures, number, there.get(number) or _Manager(number))


def reduction(figure: Any) -> tuple[Any, ...]:
    """Return how to make a figure again, open if it is open where it is made."""
    made, given, state = figure.__reduce_ex__(4)[:3]
    return made, given, state, None, None, _fill


def _fill(figure: Any, state: dict[str, Any]) -> None:
    number = state.get("_number")
    figure.__setstate__(state)  # which opens it under the next number
    manager: Any = figure.canvas.manager
    helpers: Any = sys.modules.get(MODULE)
    if helpers is None or manager is None:
        return
    figures: Any = helpers.Gcf.figs
    if figures.get(manager.num) is not manager:
        return
    OrderedDict.__delitem__(figures, manager.num)
    manager.num = figure._number = number
    if isinstance(OrderedDict.get(figures, number), _Manager):
        OrderedDict.__setitem__(figures, number, manager)


def callbacks(registry: Any) -> tuple:
    """Return how a registry is rebuilt with the callbacks that the notebook has put in.

    Pickle would leave them out, and use up the next number.
    """
    reduced: Any = registry.__reduce_ex__(4)
    state = dict(reduced[2])
    if isinstance(state.get("_cid_gen"), int):
        registry._cid_gen = itertools.count(state["_cid_gen"])
    state["callbacks"] = {
        signal: {
            number: function
            for number, proxy in there.items()
            if (function := proxy()) is not None
            and (number in registry._pickled_cids or _is_own(function))
        }
        for signal, there in registry.callbacks.items()
    }
    return (*reduced[:2], state, *reduced[3:])


def links(registry: Any, met: Container[int]) -> list[tuple]:
    """Return the callbacks between objects of matplotlib, those of `met` by their ids.

    What belongs to windows is left out.
    """
    return [
        (registry, signal, number, function)
        for signal, there in registry.callbacks.items()
        for number, proxy in there.items()
        if (function := proxy()) is not None
        and number not in registry._pickled_cids
        and id(getattr(function, "__self__", None)) in met
    ]


def link(found: list[tuple]) -> None:
    """Put such callbacks in again."""
    for registry, signal, number, function in found:
        counter, registry._cid_gen = registry._cid_gen, itertools.count(number)
        registry.connect(signal, function)
        registry._cid_gen = counter


def _is_own(function: Any) -> bool:
    owner = getattr(function, "__self__", None)
    where = function if owner is None else type(owner)
    return getattr(where, "__module__", None) in _OWN
