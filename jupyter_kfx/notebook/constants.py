"""The values of constant expressions, without running any code."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NotConstantError", "constant"]

_LIMIT = 10_000
"""Longest text or container that arithmetic may make, and largest exponent."""
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
_MAKERS: dict[str, Callable[..., Any]] = {
    "dict": dict,
    "list": list,
    "tuple": tuple,
    "set": set,
    "float": float,
    "int": int,
    "str": str,
    "bool": bool,
    "complex": complex,
}


class NotConstantError(ValueError):
    """The expression is not a constant one."""


def constant(node: ast.expr) -> Any:
    """Return the value of a constant expression; NotConstantError if it is none."""
    try:
        return _value(node)
    except (ArithmeticError, TypeError, ValueError, RecursionError) as error:
        raise NotConstantError(str(error)) from error


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.List(elts=items):
            return [_value(item) for item in items]
        case ast.Tuple(elts=items):
            return tuple(_value(item) for item in items)
        case ast.Set(elts=items):
            return {_value(item) for item in items}
        case ast.Dict(keys=keys, values=values) if None not in keys:
            pairs = zip(keys, values, strict=True)
            return {_value(k): _value(v) for k, v in pairs if k is not None}
        case ast.UnaryOp(op=op, operand=operand):
            return _UNARY[type(op)](_value(operand))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _arithmetic(op, _value(left), _value(right))
        case ast.JoinedStr(values=parts):
            return "".join(_value(part) for part in parts)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if (
            name in _MAKERS and all(keyword.arg for keyword in keywords)
        ):
            named = {k.arg: _value(k.value) for k in keywords if k.arg}
            return _MAKERS[name](*map(_value, args), **named)
        case _:
            message = "not a constant"
            raise NotConstantError(message)


def _arithmetic(op: ast.operator, left: Any, right: Any) -> Any:
    sizes = [len(v) if hasattr(v, "__len__") else abs(v) for v in (left, right)]
    grows = isinstance(op, ast.Pow | ast.LShift) and sizes[1] > _LIMIT
    repeats = isinstance(op, ast.Mult) and any(
        hasattr(v, "__len__") for v in (left, right)
    )
    if grows or (repeats and sizes[0] * sizes[1] > _LIMIT):
        message = "too large"
        raise NotConstantError(message)
    return _BINARY[type(op)](left, right)
