"""`jupyter kfx`: the command line; it has no logic of its own."""

from jupyter_kfx.cli.main import main

__all__ = ["main"]
