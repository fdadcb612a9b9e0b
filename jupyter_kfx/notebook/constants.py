"""The values of constant expressions, without running any code."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NotConstantError", "constant"]

_LIMIT = 10_000
"""Longest text or container that arithmetic may make, and most bits of a number."""
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
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
    "frozenset": frozenset,
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
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _COMPARISONS[type(op)](_value(left), _value(right))
        case ast.BoolOp(op=ast.And(), values=parts):
            results = [_value(part) for part in parts]
            return next((result for result in results if not result), results[-1])
        case ast.BoolOp(values=parts):
            results = [_value(part) for part in parts]
            return next((result for result in results if result), results[-1])
        case ast.IfExp(test=test, body=body, orelse=orelse):
            either = _value(body), _value(orelse)
            return either[0] if _value(test) else either[1]
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
    if _is_large(op, left, right):
        message = "too large"
        raise NotConstantError(message)
    return _BINARY[type(op)](left, right)


def _is_large(op: ast.operator, left: Any, right: Any) -> bool:
    """Tell whether the result could be so large that computing it is an attack."""
    match op:
        case ast.Mult():
            sizes = [len(v) if hasattr(v, "__len__") else v for v in (left, right)]
            texts = any(hasattr(v, "__len__") for v in (left, right))
            return bool(texts and sizes[0] * sizes[1] > _LIMIT) or (
                _bits(left) + _bits(right) > _LIMIT
            )
        case ast.Pow():
            return bool(_bits(left) * abs(right) > _LIMIT)
        case ast.LShift():
            return bool(_bits(left) + right > _LIMIT)
        case ast.Mod():
            # `"%999999999d" % 1` is a gigabyte.
            return isinstance(left, str | bytes)
    return False


def _bits(value: Any) -> int:
    return value.bit_length() if isinstance(value, int) else 0
