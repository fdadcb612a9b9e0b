"""Which names a star import binds, read from the module's source."""

from __future__ import annotations

import ast
import sys
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path

from jupyter_kfx.analysis.words import words

__all__ = ["StarImports"]

_COMPILED = {
    "math": words(
        "acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos "
        "cosh degrees dist e erf erfc exp exp2 expm1 fabs factorial floor fma "
        "fmod frexp fsum gamma gcd hypot inf isclose isfinite isinf isnan isqrt "
        "lcm ldexp lgamma log log10 log1p log2 modf nan nextafter perm pi pow "
        "prod radians remainder sin sinh sqrt sumprod tan tanh tau trunc ulp "
    ),
    "cmath": words(
        "acos acosh asin asinh atan atanh cos cosh e exp inf infj isclose "
        "isfinite isinf isnan log log10 nan nanj phase pi polar rect sin sinh "
        "sqrt tan tanh tau "
    ),
    "itertools": words(
        "accumulate batched chain combinations combinations_with_replacement "
        "compress count cycle dropwhile filterfalse groupby islice pairwise "
        "permutations product repeat starmap takewhile tee zip_longest "
    ),
    "time": words(
        "CLOCK_BOOTTIME CLOCK_MONOTONIC CLOCK_MONOTONIC_RAW "
        "CLOCK_PROCESS_CPUTIME_ID CLOCK_REALTIME CLOCK_TAI "
        "CLOCK_THREAD_CPUTIME_ID altzone asctime clock_getres clock_gettime "
        "clock_gettime_ns clock_settime clock_settime_ns ctime daylight "
        "get_clock_info gmtime localtime mktime monotonic monotonic_ns "
        "perf_counter perf_counter_ns process_time process_time_ns "
        "pthread_getcpuclockid sleep strftime strptime struct_time thread_time "
        "thread_time_ns time time_ns timezone tzname tzset "
    ),
}
"""Public names of modules that have no source to read."""


class StarImports:
    """Reads modules as text; none is ever imported."""

    def __init__(self, folder: str | None) -> None:
        self._path = [str(folder or "."), *sys.path]
        self._found: dict[str, set[str] | None] = {}

    def names(self, module: str) -> set[str] | None:
        """Return the public names of a module, or none if they cannot be read."""
        if module not in self._found:
            self._found[module] = None  # a module that imports itself ends here
            self._found[module] = self._read(module)
        return self._found[module]

    def _read(self, module: str) -> set[str] | None:
        if module in _COMPILED:
            return set(_COMPILED[module])
        source = self._source(module)
        if source is None:
            return None
        try:
            body = ast.parse(source.read_bytes()).body
        except (OSError, SyntaxError, ValueError):
            return None
        bound: set[str] = set()
        listed: set[str] | None = None
        todo = list(body)
        while todo:
            node = todo.pop(0)
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                inner = self._absolute(module, node, source)
                more = self.names(inner) if inner else None
                if more is None:
                    return None
                bound |= more
            else:
                bound |= _bound(node)
            if isinstance(node, ast.Assign) and _names(node.targets) == {"__all__"}:
                listed = _texts(node.value)
                if listed is None:
                    return None
            elif isinstance(node, ast.AugAssign) and _names([node.target]) == {
                "__all__"
            }:
                return None
            for block in ("body", "orelse", "finalbody"):
                if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                    todo += getattr(node, block, [])
            for handler in getattr(node, "handlers", []):
                todo += handler.body
        if listed is not None:
            return listed
        return {name for name in bound if not name.startswith("_")}

    def _source(self, module: str) -> Path | None:
        if not module or module.startswith("."):
            return None
        path: list[str] | None = self._path
        parts = module.split(".")
        spec = None
        for i, _ in enumerate(parts):
            spec = PathFinder.find_spec(".".join(parts[: i + 1]), path)
            if spec is None:
                return None
            path = list(spec.submodule_search_locations or [])
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            return Path(spec.origin) if spec.origin else None
        return None

    def _absolute(self, module: str, node: ast.ImportFrom, source: Path) -> str | None:
        if not node.level:
            return node.module
        parts = module.split(".")
        if source.name != "__init__.py":
            parts = parts[:-1]
        parts = parts[: len(parts) - (node.level - 1)]
        return ".".join([*parts, *([node.module] if node.module else [])]) or None


def _bound(node: ast.stmt) -> set[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return {name}
        case ast.ClassDef(name=name):
            return {name}
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {a.asname or a.name.split(".")[0] for a in aliases}
        case ast.Assign(targets=targets):
            return _names(targets)
        case ast.AnnAssign(target=target, value=ast.expr()):
            return _names([target])
        case ast.For(target=target):
            return _names([target])
    return set()


def _names(targets: list[ast.expr]) -> set[str]:
    return {
        node.id
        for target in targets
        for node in ast.walk(target)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _texts(node: ast.expr) -> set[str] | None:
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    texts = [e.value for e in node.elts if isinstance(e, ast.Constant)]
    if len(texts) != len(node.elts) or not all(isinstance(t, str) for t in texts):
        return None
    return {str(text) for text in texts}
