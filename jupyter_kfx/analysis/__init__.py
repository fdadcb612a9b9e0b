"""Finds the data flow of a notebook without running it."""

from jupyter_kfx.analysis.build import build

__all__ = ["build"]
