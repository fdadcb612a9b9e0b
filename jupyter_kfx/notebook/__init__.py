"""Reads notebooks, their tags, their IPython syntax and their parameters."""

from jupyter_kfx.notebook.reading import Notebook, NotebookCell, from_json, read

__all__ = ["Notebook", "NotebookCell", "from_json", "read"]
