"""State of matplotlib that cells see: settings, backend, color maps, colors."""

from __future__ import annotations

import copy
import importlib
import sys
from typing import Any, Callable

from . import figures

__all__ = ["PROVIDERS", "colormaps"]

_EXTREMES = ("_rgba_bad", "_rgba_under", "_rgba_over")
"""Colors for what is missing or out of range."""
_UNCHANGED = (((0.0, 0.0, 0.0, 0.0), None, None), None)


def _set_rc(state: dict) -> None:
    rc = sys.modules["matplotlib"].rcParams
    for name, value in state.items():
        dict.__setitem__(rc, name, value)


def _rc() -> dict:
    rc = sys.modules["matplotlib"].rcParams
    return {
        k: copy.copy(dict.__getitem__(rc, k))
        for k in rc
        if "backend" not in k and k != "interactive"
    }


def _has_backend() -> bool:
    """Tell whether pyplot has chosen a backend, which it does for the first figure."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    return getattr(pyplot, "_backend_mod", None) is not None


def _choose_backend(chosen: bool) -> None:
    pyplot = importlib.import_module("matplotlib.pyplot")
    if chosen and not _has_backend():
        pyplot.switch_backend(pyplot.get_backend())


def _interactive() -> Any:
    """Return whether drawing is interactive, where the backend does not make it so."""
    matplotlib = sys.modules["matplotlib"]
    backend = dict.get(matplotlib.rcParams, "backend")
    is_inline = isinstance(backend, str) and backend.endswith("inline")
    found = matplotlib.is_interactive()
    return None if found == (_has_backend() and is_inline) else found


def _set_interactive(state: Any) -> None:
    if state is not None:
        _choose_backend(True)
        sys.modules["matplotlib"].interactive(state)


def _registered() -> dict[str, Any]:
    registry = sys.modules["matplotlib.cm"]._colormaps
    own = registry._builtin_cmaps
    return {name: m for name, m in registry._cmaps.items() if name not in own}


def _set_registered(state: dict[str, Any]) -> None:
    there = sys.modules["matplotlib.cm"]._colormaps._cmaps
    for name in _registered():
        del there[name]
    there.update(state)


def colormaps() -> dict[str, Any]:
    """Return the color maps that code finds in `matplotlib.cm`, by their names there."""
    module = sys.modules.get("matplotlib.cm")
    kind = getattr(sys.modules.get("matplotlib.colors"), "Colormap", None)
    if module is None or kind is None:
        return {}
    return {n: value for n, value in vars(module).items() if isinstance(value, kind)}


def _changed() -> dict[str, tuple]:
    """Return what cells have made of those color maps, where it is not as it was."""
    found = {name: _state(colors) for name, colors in colormaps().items()}
    return {name: state for name, state in found.items() if state != _UNCHANGED}


def _state(colors: Any) -> tuple:
    extremes = tuple(getattr(colors, part) for part in _EXTREMES)
    table = None
    if colors._isinit:  # at the first use, which is no change
        fresh = copy.copy(colors)
        fresh._init()
        if fresh._lut.tobytes() != colors._lut.tobytes():
            table = colors._lut.tolist()
    return extremes, table


def _set_changed(state: dict[str, tuple]) -> None:
    for name, colors in colormaps().items():
        wanted = state.get(name, _UNCHANGED)
        if wanted == _state(colors):
            continue
        extremes, table = wanted
        for part, value in zip(_EXTREMES, extremes):
            setattr(colors, part, value)
        colors._init()
        if table is not None:
            colors._lut[...] = table


def _set_colors(state: dict[str, Any]) -> None:
    there = sys.modules["matplotlib.colors"]._colors_full_map
    there.clear()
    there.update(state)
    there.cache.clear()


PROVIDERS: dict[str, tuple[str, Callable[[], Any], Callable[[Any], Any]]] = {
    figures.KEY: (figures.MODULE, figures.capture, figures.restore),
    "matplotlib.backend": ("matplotlib", _has_backend, _choose_backend),
    "matplotlib.interactive": ("matplotlib", _interactive, _set_interactive),
    "matplotlib.rcParams": ("matplotlib", _rc, _set_rc),
    "matplotlib.colormaps": ("matplotlib.cm", _registered, _set_registered),
    "matplotlib.cm": ("matplotlib.cm", _changed, _set_changed),
    "matplotlib.colors": (
        "matplotlib.colors",
        lambda: dict(sys.modules["matplotlib.colors"]._colors_full_map),
        _set_colors,
    ),
}
"""The module of each state, and what gets and sets it."""
