"""The pipeline of a notebook as a widget."""

from jupyter_kfx.widget.widget import PipelineWidget

__all__ = ["PipelineWidget"]
