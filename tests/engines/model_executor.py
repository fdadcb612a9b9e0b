"""An executor without processes: steps are run on unpickled copies, in this process.

It exists to interleave executions in every order, which real processes cannot be made
to do.
"""

from __future__ import annotations

import ast
import asyncio
import hashlib
import itertools
import pickle
import random
from typing import TYPE_CHECKING, Any

from jupyter_kfx.engines.protocol import (
    Failure,
    Group,
    Observation,
    Order,
    Signal,
)
from jupyter_kfx.pipeline.model import Cell, Edge, Pipeline, Step

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

MUTABLE = (list, dict, set)


def canon(value: Any, seen: dict[int, int] | None = None) -> Any:
    """Return the value's contents and inner sharing, comparable by ==."""
    seen = {} if seen is None else seen
    if isinstance(value, tuple):
        return tuple(canon(v, seen) for v in value)
    if not isinstance(value, MUTABLE):
        return value
    if id(value) in seen:
        return ("seen", seen[id(value)])
    seen[id(value)] = len(seen)
    items = sorted(value.items()) if isinstance(value, dict) else value
    return (type(value).__name__, tuple(canon(v, seen) for v in items))


def mutables(value: Any, found: set[int] | None = None) -> set[int]:
    """Return the ids of the mutable objects that a value reaches."""
    found = set() if found is None else found
    children: Any = ()
    if isinstance(value, tuple):
        children = value
    elif isinstance(value, MUTABLE) and id(value) not in found:
        found.add(id(value))
        children = (
            itertools.chain.from_iterable(value.items())
            if isinstance(value, dict)
            else value
        )
    for child in children:
        mutables(child, found)
    return found


def groups_of(namespace: dict[str, Any]) -> list[frozenset[str]]:
    """Return the names that share a mutable object, as a partition."""
    parts: list[tuple[set[int], set[str]]] = []
    for name, value in namespace.items():
        ids, names, keep = mutables(value), {name}, []
        for other_ids, other in parts:
            if ids & other_ids:
                ids |= other_ids
                names |= other
            else:
                keep.append((other_ids, other))
        parts = [*keep, (ids, names)]
    return [frozenset(names) for _, names in parts]


def touch(value: Any) -> None:
    """Change a value in a way that the prediction does not see."""
    if isinstance(value, list):
        value.append(len(value))
    elif isinstance(value, dict):
        value["t"] = 1


def relink(value: Any, other: Any) -> None:
    """Change what is shared, and nothing that can be printed."""
    if isinstance(value, list) and value and value[0] == other:
        value[0] = other


TOOLS = {"touch": touch, "relink": relink, "same": lambda value: value}


class ModelExecutor:
    """Runs step sources in any interleaving; `printed` is what each step showed last."""

    def __init__(self, names: set[str], chance: random.Random) -> None:
        self.names = names
        self.printed: dict[str, list[str]] = {}
        self.acts: dict[str, int] = {}
        self.artifacts: dict[str, bytes] = {}
        self._chance = chance

    async def execute(
        self,
        order: Order,
        listener: Callable[[Signal], None],
        permit: Callable[[str], Awaitable[bool]],
    ) -> Observation:
        """Run one step after a random number of turns of the event loop."""
        source = order.step.cells[0].source
        await self._turns()
        if "act()" in source and not order.alone and not await permit("files"):
            return Observation("failed", Failure("Lost", "", kind="lost"))
        namespace: dict[str, Any] = {}
        for group, names in order.groups:
            values = pickle.loads(self.artifacts[group.digest])
            namespace.update({name: values[name] for name in names})
        bound = dict(namespace)
        before = {g: _content(namespace, g) for g in groups_of(namespace)}
        aside = {n: namespace.pop(n) for n in order.beside & namespace.keys()}
        printed: list[str] = []
        scope = {
            **TOOLS,
            **namespace,
            "show": lambda *values: printed.append(repr(values)),
            "act": lambda: self._act(order.step.name),
        }
        try:
            exec(source, scope)
        except Exception as error:
            self.printed[order.step.name] = [*printed, type(error).__name__]
            name = error.name if isinstance(error, NameError) else None
            return Observation(
                "failed",
                Failure(type(error).__name__, "", name=name),
                observed={"files_written": ["file"] * ("act()" in source)},
            )
        await self._turns()
        listener(Signal(order.execution, "output", {"text": "\n".join(printed)}))
        self.printed[order.step.name] = printed
        after = {n: v for n, v in scope.items() if n in self.names}
        for name, value in aside.items():
            if name in after:
                del bound[name]
            else:
                after[name] = value
        return self._observation(order, bound, before, after)

    def adopt(self, order: Order, run: str, execution: str) -> None:
        """Never asked for: nothing here is taken from an earlier run."""
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing runs outside of this process."""

    def _act(self, step: str) -> None:
        self.acts[step] = self.acts.get(step, 0) + 1

    async def _turns(self) -> None:
        for _ in range(self._chance.choice((0, 1, 1, 2, 3, 8))):
            await asyncio.sleep(0)

    def _observation(
        self,
        order: Order,
        bound: dict[str, Any],
        before: dict[frozenset[str], Any],
        after: dict[str, Any],
    ) -> Observation:
        stored = []
        changed: set[str] = set()
        for part in groups_of(after):
            is_same = all(n in bound and after[n] is bound[n] for n in part)
            if is_same and before.get(part) == _content(after, part):
                continue
            changed |= part
            kept = part & order.live
            if kept:
                data = pickle.dumps({n: after[n] for n in sorted(kept)})
                digest = hashlib.sha256(data).hexdigest()
                self.artifacts[digest] = data
                content = {n: repr(canon(after[n])) for n in kept}
                stored.append(Group(digest, frozenset(kept), content))
        return Observation(
            "succeeded",
            stored=tuple(stored),
            deleted=frozenset(set(bound) - set(after)),
            changed=frozenset(changed),
        )


def _content(namespace: dict[str, Any], names: frozenset[str]) -> Any:
    return canon([namespace[name] for name in sorted(names)])


def poor_pipeline(sources: Sequence[str], names: set[str]) -> Pipeline:
    """Predict badly: a step reads the names in its text and writes those it assigns."""
    steps, edges = [], []
    writer: dict[str, str] = {}
    for i, source in enumerate(sources):
        nodes = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)]
        reads = {n.id for n in nodes if isinstance(n.ctx, ast.Load | ast.Del)} & names
        writes = {n.id for n in nodes if not isinstance(n.ctx, ast.Load)} & names
        steps.append(
            Step(
                f"s{i}",
                (Cell(f"c{i}", i, source, i + 1),),
                reads=tuple(sorted(reads)),
                writes=tuple(sorted(writes)),
                live=tuple(sorted(names)),
            )
        )
        edges += [Edge(writer[n], f"s{i}") for n in sorted(reads) if n in writer]
        writer.update(dict.fromkeys(writes, f"s{i}"))
    return Pipeline("model", steps=tuple(steps), edges=tuple(edges))


def plain(sources: Sequence[str], names: set[str]) -> tuple[dict[str, Any], Any]:
    """Run top to bottom in one namespace, as a notebook does."""
    scope: dict[str, Any] = {**TOOLS, "act": lambda: None}
    outputs = {}
    for i, source in enumerate(sources):
        printed: list[str] = []
        outputs[f"s{i}"] = printed
        scope["show"] = lambda *values, into=printed: into.append(repr(values))
        try:
            exec(source, scope)
        except Exception as error:
            printed.append(type(error).__name__)
            break
    return {n: v for n, v in scope.items() if n in names}, outputs
