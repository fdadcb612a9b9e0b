"""The variables at one place of the walk."""

from __future__ import annotations

from jupyter_kfx.analysis.values import Value, joined

__all__ = ["State", "merge"]


class State:
    """Values by variable, and the variables that are surely bound.

    A global variable goes by its name; a local one by a key that no name can be.
    """

    __slots__ = ("bound", "dead", "values")

    def __init__(
        self, values: dict[str, Value] | None = None, bound: set[str] | None = None
    ) -> None:
        self.values: dict[str, Value] = {} if values is None else values
        self.bound: set[str] = set() if bound is None else bound
        """Bound on every path since the cell began."""
        self.dead = False
        """Whether no path leads here."""

    def copy(self) -> State:
        """Return a state that can go its own way."""
        twin = State(self.values.copy(), self.bound.copy())
        twin.dead = self.dead
        return twin


def merge(states: list[State]) -> State:
    """Return the state where several paths meet."""
    alive = [state for state in states if not state.dead]
    if not alive:
        return states[0].copy()
    if len(alive) == 1:
        return alive[0]
    first, *rest = alive
    result = State(dict(first.values), set.intersection(*(s.bound for s in alive)))
    for other in rest:
        for key, value in other.values.items():
            mine = result.values.get(key)
            if mine is value:
                continue
            if mine is None:
                result.values[key] = Value(
                    value.things, value.type, value.path, sure=value.sure
                )
            else:
                result.values[key] = joined((mine, value))
    return result
