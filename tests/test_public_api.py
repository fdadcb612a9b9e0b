"""What `import jupyter_kfx` gives, and how little it costs."""

from __future__ import annotations

import subprocess
import sys

import jupyter_kfx as kfx
from jupyter_kfx import project


def test_every_public_name_is_there() -> None:
    assert kfx.__all__ == sorted(kfx.__all__)
    for name in kfx.__all__:
        assert getattr(kfx, name) is not None
        assert name in dir(kfx)
    assert not hasattr(kfx, "no_such_name")


def test_they_are_those_of_the_facade() -> None:
    public = {name for name in kfx.__all__ if hasattr(project, name)}
    assert public == {
        "Project",
        "compare",
        "load",
        "open_run",
        "open_store",
        "run",
        "suggest",
        "verify",
    }


def test_nothing_is_imported_before_it_is_used() -> None:
    code = (
        "import sys; before = set(sys.modules); import jupyter_kfx\n"
        "print(sorted(m for m in set(sys.modules) - before if 'kfx' in m))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "['jupyter_kfx']\n"
