"""Which of the user's own modules matter to a step that has imported them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["imported", "is_inert", "mattering"]

_DECORATORS = frozenset(
    {"abstractmethod", "cache", "cached_property", "classmethod", "dataclass"}
    | {"lru_cache", "overload", "property", "setter", "staticmethod", "total_ordering"}
)


def mattering(
    paths: Iterable[str], project: Path, names: Collection[str]
) -> frozenset[str]:
    """Return the files of modules that code can reach which names these packages.

    A module is reached by its package's name, or from a module that is. Modules outside
    of the project always matter.
    """
    packages: dict[str, list[str]] = {}
    found = set()
    for path in paths:
        package = _package(Path(path), project)
        if package is None:
            found.add(path)
        else:
            packages.setdefault(package, []).append(path)
    todo, seen = [*names], set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for path in packages.get(name, ()):
            found.add(path)
            todo += imported(path)
    return frozenset(found)


def is_inert(path: str) -> bool:
    """Tell whether importing a module only defines what it has: nobody else can tell."""
    tree = _parsed(path)
    return tree is not None and all(map(_defines, tree.body))


def _package(path: Path, project: Path) -> str | None:
    if not path.is_relative_to(project):
        return None
    return path.relative_to(project).parts[0].partition(".")[0]


def _parsed(path: str) -> ast.Module | None:
    try:
        return ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None


def imported(path: str) -> list[str]:
    """Return the packages that the code of a module may import."""
    tree = _parsed(path)
    found: list[str] = []
    for node in () if tree is None else ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found += [alias.name.partition(".")[0] for alias in names]
            case ast.ImportFrom(module=str(module), level=0):
                found.append(module.partition(".")[0])
            case ast.Constant(value=str(text)):
                found.append(text.partition(".")[0])  # for importlib
    return found


def _defines(node: ast.stmt) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=targets, value=value):
            return _is_plain(value) and all(isinstance(t, ast.Name) for t in targets)
        case ast.AnnAssign(target=ast.Name(), value=value):
            return value is None or _is_plain(value)
        case ast.FunctionDef(args=args) | ast.AsyncFunctionDef(args=args):
            defaults = [*args.defaults, *filter(None, args.kw_defaults)]
            return all(map(_is_plain, defaults)) and _is_decorated_plainly(node)
        case ast.ClassDef(bases=bases, keywords=[], body=body):
            return (
                all(isinstance(base, ast.Name | ast.Attribute) for base in bases)
                and all(map(_defines, body))
                and _is_decorated_plainly(node)
            )
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
            return True
    return False


def _is_decorated_plainly(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
) -> bool:
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = getattr(called, "attr", getattr(called, "id", None))
        if name not in _DECORATORS:
            return False
    return True


def _is_plain(node: ast.expr) -> bool:
    """Tell whether an expression only takes constants together."""
    plain = (
        *(ast.Constant, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.UnaryOp),
        *(ast.BinOp, ast.operator, ast.unaryop, ast.expr_context, ast.Name),
    )
    return all(isinstance(each, plain) for each in ast.walk(node))
