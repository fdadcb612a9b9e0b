"""Objects that mean something as parts of others, which pickle would take out of them."""

from __future__ import annotations

import operator
import sys
from typing import Any

__all__ = ["KINDS", "place_in_figure", "unlike_frame"]

KINDS = (
    ("plotly.basedatatypes", "BasePlotlyType"),
    ("statsmodels.base.data", "ModelData"),
)
"""Modules and classes of such objects."""


def place_in_figure(obj: Any) -> tuple | None:
    """Return how a part of a figure of plotly is found in it; none if it is no such."""
    kinds = sys.modules.get("plotly.basedatatypes")
    if (
        kinds is None
        or not isinstance(obj, kinds.BasePlotlyType)
        or obj._parent is None
    ):
        return None
    parent = obj._parent
    if isinstance(parent, kinds.BaseFigure):
        if parent._layout_obj is obj:
            return getattr, (parent, "layout")
        for place, trace in enumerate(parent._data_objs):
            if trace is obj:
                return _trace, (parent, place)
        return None
    for name, part in parent._compound_props.items():
        if part is obj:
            return operator.getitem, (parent, name)
    for name, parts in parent._compound_array_props.items():
        for place, part in enumerate(parts or ()):
            if part is obj:
                return _element, (parent, name, place)
    return None


def unlike_frame(obj: Any) -> bool:
    """Tell whether a model's formula would give other columns now than it has given.

    Loaded, statsmodels works them out again from the data frame, which may be another
    by now.
    """
    kinds = sys.modules.get("statsmodels.base.data")
    if kinds is None or not isinstance(obj, kinds.ModelData):
        return False
    own = vars(obj)
    if own.get("model_spec") is None or own.get("frame") is None:
        return False
    numpy: Any = sys.modules["numpy"]
    frame = own["frame"]
    left_out = own.get("missing_row_idx")
    if left_out is not None and len(left_out):
        frame = frame.iloc[numpy.delete(numpy.arange(len(frame)), left_out)]
    try:
        now = numpy.asarray(_columns(own["model_spec"], frame))
    except Exception:  # whatever the formula raises where the frame has changed
        return True
    return not numpy.array_equal(now, numpy.asarray(obj.orig_exog), equal_nan=True)


def _columns(spec: Any, frame: Any) -> Any:
    if hasattr(spec, "get_model_matrix"):
        return spec.get_model_matrix(frame)
    return sys.modules["patsy"].build_design_matrices([spec], frame)[0]


def _trace(figure: Any, place: int) -> Any:
    return figure.data[place]


def _element(parent: Any, name: str, place: int) -> Any:
    return parent[name][place]
