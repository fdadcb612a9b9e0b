"""Where a front end draws the steps and edges of a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_kfx.pipeline.labels import hints, one_line, visible_edges
from jupyter_kfx.pipeline.layout import arrange
from jupyter_kfx.pipeline.svg import columns, labels

if TYPE_CHECKING:
    from jupyter_kfx.pipeline.model import Pipeline

__all__ = ["drawing"]

_CHAR, _HINT = 7.6, 6.2
_SIDE, _STATUS = 52, 14
"""Room for the mark of its status beside a step's name, and columns for its text."""
_LINE, _HINTED = 44.0, 58.0


def drawing(pipeline: Pipeline) -> dict[str, Any]:
    """Return a drawing: nodes by their middle and upper side, edges by their points."""
    edges = visible_edges(pipeline.edges)
    names = {step.name: one_line(step.name) for step in pipeline.steps}
    details = {step.name: ", ".join(hints(step, None)) for step in pipeline.steps}
    said = {step.name: ", ".join(hints(step)) for step in pipeline.steps}
    sizes = {
        name: (
            _SIDE
            + max(
                columns(shown) * _CHAR,
                max(columns(said[name]), _STATUS) * _HINT,
            ),
            _HINTED if said[name] else _LINE,
        )
        for name, shown in names.items()
    }
    layout = arrange(pipeline, edges, sizes)
    texts = {id(label.edge): label for label in labels(layout)}
    drawn = []
    for route in layout.routes:
        label = texts.get(id(route.edge))
        drawn.append(
            {
                "source": route.edge.source,
                "target": route.edge.target,
                "kind": route.edge.kind.value,
                "names": [one_line(name) for name in route.edge.names],
                "points": [[round(x, 1), round(y, 1)] for x, y in route.points],
                "label": label
                and {
                    "text": label.text,
                    "x": round(label.x, 1),
                    "y": round(label.y, 1),
                },
            }
        )
    return {
        "width": round(layout.width, 1),
        "height": round(layout.height, 1),
        "nodes": [
            {
                "step": name,
                "title": names[name],
                "hint": said[name],
                "details": details[name],
                "x": round(place.x, 1),
                "y": round(place.y, 1),
                "width": round(place.width, 1),
                "height": round(place.height, 1),
            }
            for name, place in layout.places.items()
        ],
        "edges": drawn,
    }
