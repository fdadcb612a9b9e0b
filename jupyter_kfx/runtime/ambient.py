"""Process state that cells see: generators, environment, folder, options."""

from __future__ import annotations

import copy
import csv
import decimal
import gc
import locale
import os
import random
import re
import signal
import socket
import sys
import threading
import time
import warnings
from typing import Any, Callable

from . import drawing, interaction, logs, seeds, tensors
from .alarm import filters
from .environment import given

__all__ = ["ASKED", "RANDOM", "capture", "restore", "seed"]

RANDOM = ("random", "numpy.random", "torch.random")
ASKED = {
    "matplotlib.backend": re.compile(
        r"is_?interactive|[\"']interactive|\bFigure\(|\brcParams(\s*[),]|\.[ivc])"
    ),
    "warnings": re.compile(r"\bfilters\b"),
}
"""States that code sees only if it asks, and how that looks."""
_NOT_OURS = (
    "KMP_",
    "OMP_",
    "MKL_",
    "OPENBLAS",
    "COLUMNS",
    "LINES",
    "JPY_",
    "MPLBACKEND",
)


def _numpy_random() -> Any:
    return sys.modules["numpy.random"].get_state()


def _set_torch(state: bytes) -> None:
    torch = sys.modules["torch"]
    torch.set_rng_state(torch.tensor(bytearray(state), dtype=torch.uint8))


def _environ() -> dict:
    """Return the variables that differ from what was given, which nobody need store."""
    there = given()
    return {
        name: os.environ.get(name)
        for name in {*there, *os.environ}
        if os.environ.get(name) != there.get(name) and not name.startswith(_NOT_OURS)
    }


def _set_environ(state: dict) -> None:
    there = given()
    for name in set(_environ()) - set(state):
        _set_variable(name, there.get(name))
    for name, value in state.items():
        _set_variable(name, value)


def _set_variable(name: str, value: Any) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _pandas() -> dict:
    return copy.deepcopy(sys.modules["pandas._config.config"]._global_config)


def _set_pandas(state: dict) -> None:
    config = sys.modules["pandas._config.config"]._global_config
    config.clear()
    config.update(state)


def _set_filters(state: list) -> None:
    there: Any = warnings.filters
    there[:] = state
    getattr(warnings, "_filters_mutated", lambda: None)()


def _decimal() -> tuple:
    context = decimal.getcontext()
    return tuple(
        getattr(context, name).copy()
        if name in ("flags", "traps")
        else getattr(context, name)
        for name in _DECIMAL
    )


def _set_decimal(state: tuple) -> None:
    # In place: cells may hold on to the context.
    context = decimal.getcontext()
    for name, value in zip(_DECIMAL, state):
        if name in ("flags", "traps"):
            getattr(context, name).update(value)
        else:
            setattr(context, name, value)


_DECIMAL = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp", "flags", "traps")


def _signals() -> dict:
    # SIGINT and SIGTERM end a step; the shell looks after them.
    own = (signal.SIGINT, signal.SIGTERM)
    return {
        int(number): signal.getsignal(number)
        for number in signal.valid_signals() - set(own)
        if signal.getsignal(number) is not None
    }


def _set_signals(state: dict) -> None:
    for number, handler in state.items():
        if signal.getsignal(number) != handler:
            signal.signal(number, handler)


def _digits() -> int:
    return getattr(sys, "get_int_max_str_digits", int)()


def _set_digits(state: int) -> None:
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(state)


def _stack_size() -> int:
    size = threading.stack_size()  # which sets it to the default
    threading.stack_size(size)
    return size


def _limits() -> dict[str, int]:
    """Return the soft limits by the names of their resources."""
    resource = sys.modules["resource"]
    names = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    return {name: resource.getrlimit(getattr(resource, name))[0] for name in names}


def _set_limits(state: dict[str, int]) -> None:
    resource = sys.modules["resource"]
    for name, soft in state.items():
        number = getattr(resource, name)
        there, hard = resource.getrlimit(number)
        if soft != there:
            resource.setrlimit(number, (soft, hard))


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _set_collection(enabled: bool) -> None:
    (gc.enable if enabled else gc.disable)()


def _dialects() -> dict:
    return {
        name: {key: getattr(csv.get_dialect(name), key) for key in _DIALECT}
        for name in csv.list_dialects()
    }


def _set_dialects(state: dict) -> None:
    for name in set(csv.list_dialects()) - set(state):
        csv.unregister_dialect(name)
    for name, parts in state.items():
        csv.register_dialect(name, **parts)


def _start_method() -> str:
    package = sys.modules["multiprocessing"]
    # Whoever asks first sets the first one there is.
    default = package.get_all_start_methods()[0]
    return str(package.get_start_method(allow_none=True) or default)


_XML = "xml.etree.ElementTree"
_DIALECT = (
    *("delimiter", "doublequote", "escapechar", "lineterminator", "quotechar"),
    *("quoting", "skipinitialspace", "strict"),
)

_PROVIDERS: dict[str, tuple[str, Callable[[], Any], Callable[[Any], Any]]] = {
    "random": ("random", random.getstate, random.setstate),
    "numpy.random": (
        "numpy.random",
        _numpy_random,
        lambda state: sys.modules["numpy.random"].set_state(state),
    ),
    "environ": ("os", _environ, _set_environ),
    "cwd": ("os", os.getcwd, os.chdir),
    "sys.path": (
        "sys",
        lambda: list(sys.path),
        lambda state: sys.path.__setitem__(slice(None), state),
    ),
    "warnings": (
        "warnings",
        filters,
        _set_filters,
    ),
    "decimal": ("decimal", _decimal, _set_decimal),
    "locale": (
        "locale",
        lambda: locale.setlocale(locale.LC_ALL),
        lambda state: locale.setlocale(locale.LC_ALL, state),
    ),
    "logging": ("logging", logs.capture, logs.restore),
    "torch.random": (
        "torch",
        lambda: bytes(sys.modules["torch"].get_rng_state().numpy()),
        _set_torch,
    ),
    "torch.settings": ("torch", tensors.settings, tensors.set_settings),
    "time zone": ("time", lambda: time.tzname, lambda _state: time.tzset()),
    "numpy.errors": (
        "numpy",
        lambda: sys.modules["numpy"].geterr(),
        lambda state: sys.modules["numpy"].seterr(**state),
    ),
    "numpy.errorcall": (
        "numpy",
        lambda: sys.modules["numpy"].geterrcall(),
        lambda state: sys.modules["numpy"].seterrcall(state),
    ),
    "scipy.special.errors": (
        "scipy.special",
        lambda: sys.modules["scipy.special"].geterr(),
        lambda state: sys.modules["scipy.special"].seterr(**state),
    ),
    "shell": ("IPython", interaction.capture, interaction.restore),
    "umask": ("os", _umask, os.umask),
    "garbage collection": ("gc", gc.isenabled, _set_collection),
    "garbage collection's thresholds": (
        "gc",
        gc.get_threshold,
        lambda state: gc.set_threshold(*state),
    ),
    "arguments": (
        "sys",
        lambda: list(sys.argv),
        lambda state: sys.argv.__setitem__(slice(None), state),
    ),
    "namespaces of XML": (
        _XML,
        lambda: dict(sys.modules[_XML]._namespace_map),
        lambda state: sys.modules[_XML]._namespace_map.update(state),
    ),
    "start of processes": (
        "multiprocessing",
        _start_method,
        lambda state: sys.modules["multiprocessing"].set_start_method(
            state, force=True
        ),
    ),
    "csv dialects": ("csv", _dialects, _set_dialects),
    "csv field size": ("csv", csv.field_size_limit, csv.field_size_limit),
    "sklearn.config": (
        "sklearn._config",
        lambda: sys.modules["sklearn._config"].get_config(),
        lambda state: sys.modules["sklearn._config"].set_config(**state),
    ),
    "digits of numbers": ("sys", _digits, _set_digits),
    "switch interval": ("sys", sys.getswitchinterval, sys.setswitchinterval),
    "stack of threads": ("threading", _stack_size, threading.stack_size),
    "resource limits": ("resource", _limits, _set_limits),
    "paths of time zones": (
        "zoneinfo",
        lambda: sys.modules["zoneinfo"].TZPATH,
        lambda state: sys.modules["zoneinfo"].reset_tzpath(state),
    ),
    "first day of the week": (
        "calendar",
        lambda: sys.modules["calendar"].firstweekday(),
        lambda state: sys.modules["calendar"].setfirstweekday(state),
    ),
    "recursion limit": ("sys", sys.getrecursionlimit, sys.setrecursionlimit),
    "signals": ("signal", _signals, _set_signals),
    "socket timeout": ("socket", socket.getdefaulttimeout, socket.setdefaulttimeout),
    "numpy.printoptions": (
        "numpy",
        lambda: sys.modules["numpy"].get_printoptions(),
        lambda state: sys.modules["numpy"].set_printoptions(**state),
    ),
    **drawing.PROVIDERS,
    **seeds.PROVIDERS,
    "pandas.options": ("pandas._config.config", _pandas, _set_pandas),
}


def capture(package: str = "") -> dict[str, Any]:
    """Return every state of the modules that are loaded, or of those of a package."""
    return {
        key: get()
        for key, (module, get, _) in _PROVIDERS.items()
        if module in sys.modules and package in ("", module.partition(".")[0])
    }


def restore(key: str, state: Any) -> None:
    """Bring a state back."""
    module, _, put = _PROVIDERS[key]
    if module not in sys.modules:
        __import__(module)
    put(state)


def seed(text: str, but: Any) -> None:
    """Seed the global generators that no step has handed on."""
    number = int(text[:8] or "0", 16)
    if "random" not in but:
        random.seed(number)
    if "numpy.random" not in but and "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed(number)
    if "torch.random" not in but and "torch" in sys.modules:
        sys.modules["torch"].manual_seed(number)
