"""Where a run observes what the analysis had not predicted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_kfx.engines.protocol import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_kfx.engines.protocol import Observation
    from jupyter_kfx.pipeline.model import Cell, Pipeline, Step

__all__ = ["Contradiction", "Prediction"]


@dataclass(frozen=True)
class Contradiction:
    """A step that did what another one could not know when it started."""

    sentence: str
    """Without a full stop."""
    cure: str
    """What to do, in a line; empty if the prediction has missed nothing."""
    cell: Cell | None = None
    """Where it was done, as far as one can tell."""
    name: str | None = None

    def failure(self) -> Failure:
        """Return the error that it is where a run is to stop at such a thing."""
        return Failure(
            "NotPredicted",
            f"{self.sentence}. {self.cure}",
            cell=None if self.cell is None else self.cell.id,
            index=None if self.cell is None else self.cell.index,
            name=self.name,
            kind="contradicted",
        )


class Prediction:
    """What the graph says of who waits for whom."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._steps = pipeline.steps
        position = {step.name: i for i, step in enumerate(pipeline.steps)}
        self._above: list[set[int]] = [set() for _ in pipeline.steps]
        self._origins: dict[tuple[int, str], int] = {}
        for edge in sorted(pipeline.edges, key=lambda edge: position[edge.target]):
            source, target = position[edge.source], position[edge.target]
            self._above[target] |= {source, *self._above[source]}
            for name in edge.names:
                last = self._origins.get((target, name), -1)
                self._origins[target, name] = max(last, source)
        for i, step in enumerate(pipeline.steps):
            if step.opaque:
                self._above[i] = set(range(i))

    def contradiction(self, i: int, observation: Observation) -> Contradiction | None:
        """Return what a step changed though a step below need not wait for it."""
        step = self._steps[i]
        predicted = {*step.writes, *step.mutates, *step.deletes}
        for name in sorted((observation.changed | observation.deleted) - predicted):
            reader = self._first_reader(i, name)
            if reader is not None:
                return _of_name(step, reader, name)
        for key in sorted(observation.ambient.keys() - {*step.ambient}):
            for k in range(i + 1, len(self._steps)):
                if i not in self._above[k] and key in self._steps[k].ambient:
                    return _of_state(step, self._steps[k], key)
        return None

    def rerun(
        self, i: int, broken: str, done: Sequence[Observation | None]
    ) -> Contradiction:
        """Return why a step has to run again: a step above changed what it had read."""
        reader = self._steps[i]
        for writer, seen in reversed(list(zip(self._steps[:i], done, strict=False))):
            if seen is not None and broken in seen.changed | seen.deleted:
                return _of_name(writer, reader, broken)
            if seen is not None and broken in seen.ambient:
                return _of_state(writer, reader, broken)
        sentence = f"a step above `{reader.name}` changed `{broken}`, which it had read"
        return Contradiction(
            sentence, _order("the step above it", reader), None, broken
        )

    def late_file(
        self, i: int, files: Sequence[str], done: Sequence[Observation | None]
    ) -> Contradiction:
        """Return why a step has to run again: files changed after it had read them."""
        reader = self._steps[i]
        shown = ", ".join(files)
        for writer, seen in reversed(list(zip(self._steps[:i], done, strict=False))):
            if seen is not None and {*files} & {
                *seen.observed.get("files_written", ())
            }:
                return Contradiction(
                    f"step `{writer.name}` wrote {shown}, which step `{reader.name}` had "
                    "read before",
                    _order(f"`{writer.name}`", reader),
                    writer.cells[-1],
                )
        sentence = f"{shown} changed after step `{reader.name}` had read it"
        return Contradiction(sentence, "Let nothing change the file meanwhile.")

    def _first_reader(self, i: int, name: str) -> Step | None:
        for k in range(i + 1, len(self._steps)):
            if name in self._steps[k].reads:
                last = self._origins.get((k, name), -1)
                if i not in self._above[k] and last < i:
                    return self._steps[k]
        return None


def _of_name(writer: Step, reader: Step, name: str) -> Contradiction:
    return Contradiction(
        f"step `{writer.name}` changed `{name}`, which its code does not show, and step "
        f"`{reader.name}` uses it",
        _order(f"`{writer.name}`", reader),
        _mentioning(writer, name),
        name,
    )


def _of_state(writer: Step, reader: Step, key: str) -> Contradiction:
    return Contradiction(
        f"step `{writer.name}` changed the state of `{key}`, which its code does not "
        f"show, and step `{reader.name}` may depend on it",
        _order(f"`{writer.name}`", reader),
        writer.cells[-1],
        key,
    )


def _order(writer: str, reader: Step) -> str:
    tag = f"`after:{writer.strip('`')}`" if "`" in writer else "`after:` and its name"
    return f"Add the tag {tag} to a cell of step `{reader.name}`."


def _mentioning(step: Step, name: str) -> Cell:
    word = re.compile(rf"\b{re.escape(name)}\b")
    found = [cell for cell in step.cells if word.search(cell.source)]
    return found[0] if found else step.cells[-1]
