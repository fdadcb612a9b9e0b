"""What code consists of: `==` of code objects is wrong where one has run already."""

from __future__ import annotations

import types
from typing import Any

__all__ = ["parts_of"]


def parts_of(code: types.CodeType) -> tuple[Any, ...]:
    """Return what makes code what it does; where it comes from is no part."""
    constants = [
        parts_of(c) if isinstance(c, types.CodeType) else (type(c).__name__, repr(c))
        for c in code.co_consts
    ]
    return (
        code.co_name, code.co_code, code.co_names, code.co_varnames, code.co_freevars,
        code.co_cellvars, code.co_flags, code.co_argcount, code.co_kwonlyargcount,
        code.co_posonlyargcount, constants,
    )  # fmt: skip
