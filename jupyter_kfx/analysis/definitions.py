"""Which functions and classes are the same whenever they are defined."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.constancy import (
    is_constant,
    is_from_setup,
    is_immutable,
    path_of,
)
from jupyter_kfx.analysis.words import words

if TYPE_CHECKING:
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["is_made_alike", "is_plain_class", "is_plain_function", "makes_class"]

_DECORATORS = words("""
    staticmethod classmethod property functools.wraps functools.lru_cache
    functools.cache functools.total_ordering functools.cached_property
    functools.singledispatch dataclasses.dataclass contextlib.contextmanager
    contextlib.asynccontextmanager abc.abstractmethod typing.overload typing.final
    typing.no_type_check typing.runtime_checkable enum.unique numba.jit numba.njit
    numba.vectorize typing.override
    IPython.core.magic.register_line_magic IPython.core.magic.register_cell_magic
    IPython.core.magic.register_line_cell_magic IPython.core.magic.needs_local_scope
    pandas.api.extensions.register_dataframe_accessor
    pandas.api.extensions.register_series_accessor
    pandas.api.extensions.register_index_accessor
    xarray.register_dataarray_accessor xarray.register_dataset_accessor
    altair.theme.register altair.themes.register
    polars.api.register_dataframe_namespace polars.api.register_expr_namespace
    polars.api.register_lazyframe_namespace polars.api.register_series_namespace
    attr.s attr.attrs attr.dataclass attr.define attr.frozen attr.mutable attrs.define
    attrs.frozen attrs.mutable
    """)
_MAKERS = words("""
    collections.namedtuple enum.Enum enum.IntEnum enum.Flag enum.IntFlag enum.StrEnum
    typing.NamedTuple typing.TypedDict typing.NewType typing.TypeVar typing.ParamSpec
    dataclasses.make_dataclass typing.TypeVarTuple
    """)
_IN_CLASSES = words("""
    dataclasses.field enum.auto property staticmethod classmethod frozenset tuple
    functools.partialmethod
    attr.ib attr.attrib attr.field attr.Factory attrs.field attrs.Factory
    attr.validators.instance_of attr.validators.in_ attr.validators.optional
    attrs.validators.instance_of attrs.validators.in_ attrs.validators.optional
    """)
_VARYING = words("""
    builtins random time datetime uuid os io sys secrets tempfile itertools pathlib glob
    subprocess shutil socket numpy pandas requests urllib logging
    """)
"""Modules whose calls depend on more than their arguments."""
_METACLASSES = words("type abc.ABCMeta enum.EnumMeta enum.EnumType")
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


def is_plain_function(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    walk: Walk,
    own: frozenset[str] = frozenset(),
) -> bool:
    """Tell whether a function is the same whenever its statement runs."""
    arguments = node.args
    defaults = [*arguments.defaults, *arguments.kw_defaults]
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    annotations = [a.annotation for a in every] + [node.returns]
    return (
        all(is_immutable(default, walk) for default in defaults)
        and all(_is_annotation(a, walk) for a in annotations)
        and all(_is_pure_decorator(d, walk, own) for d in node.decorator_list)
    )


def _is_annotation(node: ast.expr | None, walk: Walk) -> bool:
    return isinstance(node, ast.Constant) or is_from_setup(node, walk)


def _is_pure_decorator(
    node: ast.expr, walk: Walk, own: frozenset[str] = frozenset()
) -> bool:
    if isinstance(node, ast.Attribute) and node.attr in ("setter", "deleter", "getter"):
        return isinstance(node.value, ast.Name) and node.value.id in own
    if isinstance(node, ast.Call):
        given = [*node.args, *(k.value for k in node.keywords)]
        return path_of(node.func, walk) in _DECORATORS and all(
            is_immutable(value, walk) or is_constant(value) for value in given
        )
    return path_of(node, walk) in _DECORATORS


def is_plain_class(node: ast.ClassDef, walk: Walk) -> bool:
    """Tell whether a class is the same whenever its statement runs."""
    parts = [*node.bases, *(keyword.value for keyword in node.keywords)]
    if any(isinstance(part, ast.Name) and part.id == node.name for part in parts):
        return False
    if not all(is_from_setup(part, walk) or makes_class(part, walk) for part in parts):
        return False
    if not all(_is_pure_decorator(d, walk) for d in node.decorator_list):
        return False
    if _makes_classes(node, walk):
        return False
    own: frozenset[str] = frozenset()
    for statement in node.body:
        if not _is_plain_member(statement, walk, own):
            return False
        if isinstance(statement, _FUNCTIONS | ast.ClassDef):
            own |= {statement.name}
        elif isinstance(statement, ast.Assign):
            own |= {t.id for t in statement.targets if isinstance(t, ast.Name)}
    return True


def _makes_classes(node: ast.ClassDef, walk: Walk) -> bool:
    """Tell whether a class has a say when others are made, and may keep what they are."""
    bases = {path_of(base, walk) for base in node.bases}
    return bool(bases & _METACLASSES) or any(
        isinstance(part, _FUNCTIONS) and part.name == "__init_subclass__"
        for part in node.body
    )


def _is_plain_member(node: ast.stmt, walk: Walk, own: frozenset[str]) -> bool:
    match node:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return is_plain_function(node, walk, own)
        case ast.ClassDef():
            return is_plain_class(node, walk)
        case ast.Assign(targets=targets, value=value):
            names_only = all(isinstance(t, ast.Name) for t in targets)
            return names_only and _is_member_value(value, walk, own)
        case ast.AnnAssign(target=ast.Name(), annotation=annotation, value=value):
            return _is_annotation(annotation, walk) and (
                value is None or _is_member_value(value, walk, own)
            )
    return False


def _is_member_value(node: ast.expr, walk: Walk, own: frozenset[str]) -> bool:
    if is_constant(node) or is_immutable(node, walk):
        return True
    if isinstance(node, ast.Name):
        return node.id in own
    if isinstance(node, ast.Tuple):
        return all(_is_member_value(e, walk, own) for e in node.elts)
    if isinstance(node, ast.Call) and _makes_alike(node.func, walk):
        given = [*node.args, *(k.value for k in node.keywords)]
        return all(_is_member_value(v, walk, own) for v in given)
    return isinstance(node, ast.Lambda) and not node.args.defaults


def _makes_alike(node: ast.expr, walk: Walk) -> bool:
    """Tell whether calls with equal arguments give equal results, and do no more.

    That is taken on trust of classes, which members of other classes are made of; where
    it is not so, the commit sees a class unlike the one that setup makes. A function may
    do anything, and would do it again in every step.
    """
    path = path_of(node, walk)
    if path in _IN_CLASSES:
        return True
    name = path or (node.id if isinstance(node, ast.Name) else "")
    if not name.rpartition(".")[2][:1].isupper():
        return False
    if path:
        return "." in path and path.partition(".")[0] not in _VARYING
    return name in walk.setup


def is_made_alike(node: ast.expr, walk: Walk) -> bool:
    """Tell whether an expression makes an equal value whenever it is evaluated."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return all(is_made_alike(element, walk) for element in node.elts)
    if isinstance(node, ast.Dict):
        parts = [*node.keys, *node.values]
        return all(part is not None and is_made_alike(part, walk) for part in parts)
    return _is_member_value(node, walk, frozenset())


def makes_class(node: ast.expr, walk: Walk) -> bool:
    """Tell whether a call makes a class, as `namedtuple` does."""
    if not isinstance(node, ast.Call) or path_of(node.func, walk) not in _MAKERS:
        return False
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    return all(is_constant(value) or is_from_setup(value, walk) for value in given)
