"""Classes of the notebook, their instances and what both have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_kfx.analysis.values import NOTHING, Thing, Value, contents, joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_kfx.analysis.functions import Functions
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["Classes"]


class Classes:
    """Looks up members, and runs those that Python runs by itself."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._members: dict[Thing, dict[str, Value]] = {}
        self.functions: Functions

    def make_class(
        self,
        thing: Thing,
        bases: Sequence[Value],
        members: Mapping[str, Value | None],
    ) -> None:
        """Give a class its members."""
        found = {name: v for name, v in members.items() if v is not None}
        self._members[thing] = found
        thing.bases = tuple(
            base for value in bases for base in value.things if base.type == "class"
        )
        for value in found.values():
            thing.hold(value.things)
            for member in value.things:
                if member.code is not None and member.code.owner is None:
                    member.code.owner = thing
        thing.hold(thing.bases)

    def method(self, owner: Value, name: str) -> Value | None:
        """Return the method of that name of instances or classes of the notebook."""
        found = []
        for thing in owner.things:
            maker = thing.maker or (thing if thing.type == "class" else None)
            value = None if maker is None else self.lookup(maker, name)
            if value is not None and any(t.is_code for t in value.things):
                found.append(value)
        return joined(found) if found else None

    def member(self, owner: Value, name: str) -> Value | None:
        """Return an attribute of instances or classes of the notebook."""
        found = []
        for thing in owner.things:
            maker = thing.maker or (thing if thing.type == "class" else None)
            if name == "__class__" and thing.maker is not None:
                found.append(Value(frozenset({thing.maker}), "class"))
                continue
            value = None if maker is None else self.lookup(maker, name)
            if value is None:
                continue
            codes = [t.code for t in value.things if t.code is not None]
            if any({"property", "cached_property"} & code.flags for code in codes):
                found.append(self.functions.call(value, [owner], {}))
            elif not codes:
                found.append(value)
            else:
                found.append(self._bound(thing, value))
        if not found:
            return None
        if any(thing.maker is not None for thing in owner.things):
            found.append(self._walk.parts(owner))  # the instance may have its own
        return joined(found)

    def _bound(self, owner: Thing, method: Value) -> Value:
        """Return a method that remembers the instance it was taken from."""
        things: set[Thing] = set()
        for function in method.things:
            code = function.code
            if code is None or owner.maker is None or "staticmethod" in code.flags:
                things.add(function)
                continue
            thing = Thing("function")
            thing.code = code
            thing.bound = Value(frozenset({owner}))
            thing.hold([owner, function])
            things.add(thing)
        return Value(frozenset(things), "function")

    def special(self, owner: Value, name: str, given: list[Value]) -> Value | None:
        """Call a special method, where the notebook defines one."""
        if not any(thing.maker is not None for thing in owner.things):
            return None
        method = self.method(owner, name)
        if method is None:
            return None
        return self.functions.call(method, [owner, *given[1:]], {})

    def all_special(self, value: Value) -> None:
        """Call every special method, as operators, `print` and `len` may."""
        if not value.things:
            return
        instances: dict[Thing, list[Thing]] = {}
        for thing in contents(value.things):
            if thing.maker is not None:
                instances.setdefault(thing.maker, []).append(thing)
        for maker, things in instances.items():
            own = Value(frozenset(things), sure=len(things) == 1)
            names = {n for n in self._names(maker) if n.startswith("__")}
            for name in sorted(names - {"__init__", "__new__", "__call__"}):
                with self._walk.maybe():
                    self.special(own, name, [NOTHING, value])

    def look_into(self, value: Value) -> None:
        """Note that a value is iterated, entered, displayed or tested."""
        self.all_special(value)

    def called_by(self, thing: Thing) -> list[Thing]:
        """Return the functions that may be called by who has a thing."""
        if thing.maker is None:
            return [thing]
        found: dict[Thing, None] = {}
        for name in sorted(self._names(thing.maker)):
            value = self.lookup(thing.maker, name)
            if value is not None:
                found.update(dict.fromkeys(value.things))
        return list(found)

    def lookup(self, maker: Thing, name: str) -> Value | None:
        """Return what a class has under a name, itself or from its bases."""
        found = self._members.get(maker, {}).get(name)
        if found is not None:
            return found
        for base in maker.bases:
            found = self.lookup(base, name)
            if found is not None:
                return found
        return None

    def _names(self, maker: Thing) -> set[str]:
        found = set(self._members.get(maker, ()))
        for base in maker.bases:
            found |= self._names(base)
        return found
