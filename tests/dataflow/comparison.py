"""What the analysis finds in a notebook, beside what is true of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_kfx.pipeline.model import EdgeKind
from jupyter_kfx.project import load_json

if TYPE_CHECKING:
    from jupyter_kfx.pipeline.model import Pipeline
    from tests.dataflow.notebooks import Checked, Edges

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True)
class Comparison:
    """The edges of one notebook, checked by hand and found."""

    checked: Checked
    pipeline: Pipeline
    found: Edges

    @property
    def missing(self) -> dict[tuple[str, str], frozenset[str]]:
        """True edges that are not found, with the names that are not."""
        absent = {
            ends: names - self.found.get(ends, frozenset())
            for ends, names in self.checked.edges.items()
        }
        return {ends: names for ends, names in absent.items() if names}

    @property
    def spurious(self) -> list[tuple[str, str]]:
        """Edges that are found and are not true."""
        return [ends for ends in self.found if ends not in self.checked.edges]

    def live_after(self, step: str) -> set[str]:
        """Return the names that travel past the end of a step in truth."""
        place = {s.name: i for i, s in enumerate(self.pipeline.steps)}
        return {
            name
            for (source, target), names in self.checked.edges.items()
            if place[source] <= place[step] < place[target]
            for name in names
        }


def compare(checked: Checked) -> Comparison:
    """Return what is found in a notebook; possible edges count as much as others."""
    pipeline = load_json(checked.document()).pipeline
    found: dict[tuple[str, str], frozenset[str]] = {}
    for edge in pipeline.edges:
        ends = (edge.source, edge.target)
        is_state = edge.kind is EdgeKind.ORDER
        names = {f"({name})" if is_state else name for name in edge.names}
        found[ends] = found.get(ends, frozenset()) | names
    return Comparison(checked, pipeline, found)
