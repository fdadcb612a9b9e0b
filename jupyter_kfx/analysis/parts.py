"""Walks attributes and items: what they read, and what they share with their owner."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from jupyter_kfx.analysis import methods
from jupyter_kfx.analysis.values import NOTHING, Value

if TYPE_CHECKING:
    from jupyter_kfx.analysis.classes import Classes
    from jupyter_kfx.analysis.expressions import Expressions
    from jupyter_kfx.analysis.magic_calls import MagicCalls
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["ARRAYS", "Parts"]

ARRAYS = ("dataframe", "series", "ndarray")
"""Types whose operators give a new one."""
_ATTRIBUTE_OF_FRAME = frozenset(
    {"loc", "iloc", "at", "iat", "str", "dt", "cat", "plot"}
)


class Parts:
    """Gives the value of what an object has."""

    def __init__(
        self,
        walk: Walk,
        expressions: Expressions,
        classes: Classes,
        magics: MagicCalls,
    ) -> None:
        self._walk = walk
        self._expressions = expressions
        self._classes = classes
        self._magics = magics

    def _attribute(self, node: ast.Attribute) -> Value:
        owner = self._expressions.value(node.value)
        if owner.path:
            return Value(path=f"{owner.path}.{node.attr}")
        if owner.type == "shell":
            return self._magics.attribute(node.attr)
        return self._attribute_of(owner, node.attr)

    def _attribute_of(self, owner: Value, name: str) -> Value:
        """Return an attribute of an object."""
        if not owner.things:
            return NOTHING
        found = self._classes.member(owner, name)
        if found is not None:
            return found
        if owner.type in ARRAYS and name not in _ATTRIBUTE_OF_FRAME:
            if owner.type == "ndarray":
                is_view = name in ("T", "flat", "real", "imag", "base", "data", "mT")
                return Value(owner.things, "ndarray") if is_view else NOTHING
            if name in ("values", "array"):
                return self._walk.fresh("ndarray")
            if name in ("shape", "size", "ndim", "empty", "name", "dtype", "dtypes"):
                return NOTHING
            if name in ("index", "columns"):
                return self._walk.fresh("index")
            return self._walk.fresh("dataframe" if name == "T" else "series")
        if name in methods.PLAIN_ATTRIBUTES:
            return NOTHING
        if owner.type == "estimator":
            kind = "ndarray" if name.endswith("_") else ""
            return Value(owner.things, kind, sure=owner.sure)
        if owner.type in methods.REMEMBERING:
            return Value(owner.things, owner.type, sure=owner.sure)
        return self._walk.parts(owner)

    def value(self, node: ast.Attribute | ast.Subscript) -> Value:
        """Return what `owner.name` or `owner[key]` gives."""
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        owner = self._expressions.used(node.value)
        index = self._expressions.used(node.slice)
        if owner.path:
            return NOTHING if owner.type == "module" else Value(path=owner.path)
        special = self._classes.special(owner, "__getitem__", [NOTHING, index])
        if special is not None:
            return special
        if owner.items is not None and isinstance(node.slice, ast.Constant):
            position = node.slice.value
            if isinstance(position, int) and 0 <= position < len(owner.items):
                return owner.items[position]
        if owner.type in ("str", "bytes"):
            return Value(type_=owner.type)
        if not owner.things:
            return NOTHING
        return self._item(owner, node.slice, index)

    def _item(self, owner: Value, key: ast.expr, index: Value) -> Value:
        walk = self._walk
        if owner.type == "dataframe":
            is_column = isinstance(key, ast.Constant)
            if isinstance(key, ast.Attribute | ast.Subscript | ast.Name):
                return walk.fresh("series" if index.type == "str" else "")
            return walk.fresh("series" if is_column else "dataframe")
        if owner.type == "series":
            is_one = isinstance(key, ast.Constant)
            return walk.fresh("" if is_one else "series")
        if owner.type in ("index", "splits", "groupby"):
            return walk.fresh()
        if owner.type == "ndarray":
            if isinstance(key, ast.Compare | ast.List | ast.BoolOp) or (
                index.type in ("series", "list")
            ):
                return walk.fresh("ndarray")
            kind = "ndarray" if isinstance(key, ast.Slice) else ""
            return Value(owner.things, kind, sure=owner.sure and _is_basic(key))
        if isinstance(key, ast.Slice) and owner.type in ("list", "tuple"):
            parts = walk.parts(owner)
            return walk.fresh(owner.type, parts.things, is_container=True)
        if owner.type in ("indexer", "axesarray"):
            return Value(owner.things, "axes" if owner.type == "axesarray" else "")
        if _is_mask(key) and not any(thing.is_container for thing in owner.things):
            return walk.fresh(owner.type)
        return walk.parts(owner)


def _is_basic(key: ast.expr) -> bool:
    """Tell whether an array's part is a view, if it is an array at all."""
    if isinstance(key, ast.Tuple):
        return all(_is_basic(part) for part in key.elts)
    if isinstance(key, ast.UnaryOp):
        return _is_basic(key.operand)
    return isinstance(key, ast.Slice | ast.Constant)


def _is_mask(key: ast.expr) -> bool:
    """Tell whether an index chooses elements by a condition: that makes a copy."""
    if isinstance(key, ast.BinOp):
        return isinstance(key.op, ast.BitAnd | ast.BitOr) and _is_mask(key.left)
    if isinstance(key, ast.UnaryOp):
        return isinstance(key.op, ast.Invert)
    return isinstance(key, ast.Compare | ast.List)
