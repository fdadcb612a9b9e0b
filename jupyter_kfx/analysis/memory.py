"""Remembers calls that changed nothing, so that they are followed once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jupyter_kfx.analysis.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.analysis.effects import Touch
    from jupyter_kfx.analysis.values import Code
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["Memory"]


class _Call(NamedTuple):
    """What a call did that changed nothing."""

    reads: frozenset[str]
    bindings: Mapping[str, Value | None]
    touches: frozenset[Touch]
    type: str
    is_container: bool | None
    """Of the new object that it gives; none if what it gives cannot be changed."""


class Memory:
    """What calls did, by the function and the types of what it was given."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._calls: dict[tuple[Code, tuple[str, ...]], _Call] = {}

    def recall(self, code: Code, kinds: tuple[str, ...]) -> Value | None:
        """Return what a call gives that was followed before, if all is as it was."""
        walk = self._walk
        known = self._calls.get((code, kinds))
        if known is None:
            return None
        values = walk.state.values
        if any(values.get(n) is not value for n, value in known.bindings.items()):
            return None
        for name in known.reads:
            walk.note(name)
        walk.touch(known.touches)
        if known.is_container is None:
            return Value(type_=known.type)
        return walk.fresh(known.type, is_container=known.is_container)

    def keep(
        self,
        code: Code,
        kinds: tuple[str, ...],
        result: Value,
        touches: set[Touch],
        start: int,
    ) -> None:
        """Keep what a call did, if all that it gives is new or cannot be changed."""
        walk = self._walk
        if result.path or result.items or len(result.things) > 1:
            return
        for thing in result.things:
            if thing.serial < start or thing.is_code or thing.holds or thing.maker:
                return
        self._calls[code, kinds] = _Call(
            frozenset(walk.noted),
            {name: walk.state.values.get(name) for name in walk.noted},
            frozenset(touches),
            result.type,
            next((thing.is_container for thing in result.things), None),
        )
