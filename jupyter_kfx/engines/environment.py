"""What is installed where a kernel's Python runs."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import EngineError
from jupyter_kfx.runtime.tokens import stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from jupyter_kfx.engines.interpreter import Interpreter

__all__ = ["Environment", "environment"]

_ASK = """\
import json, os, platform, re, sys
from importlib import metadata

def plain(name):
    return re.sub("[-_.]+", "-", name).lower()

def required(one, optional):
    return sorted(
        {
            plain(re.match("[A-Za-z0-9._-]+", text).group())
            for text in one.requires or ()
            if ("extra ==" in text) == optional
        }
    )

found = {}
for one in metadata.distributions():
    name = one.metadata["Name"]
    if not name or plain(name) in found:
        continue
    tops = (one.read_text("top_level.txt") or "").split()
    if not tops:
        tops = {file.parts[0].partition(".")[0] for file in one.files or ()}
    found[plain(name)] = {
        "version": one.version,
        "modules": sorted(top for top in tops if top.isidentifier()),
        "requires": required(one, False),
        "extras": required(one, True),
    }
print(
    json.dumps(
        {
            "python": [platform.python_implementation(), *sys.version_info[:3]],
            "folders": [path for path in sys.path if path and os.path.isdir(path)],
            "distributions": found,
        }
    )
)
"""


@dataclass(frozen=True)
class Environment:
    """A Python and the packages that it finds."""

    python: str
    distributions: Mapping[str, Mapping[str, Any]]
    _owners: Mapping[str, str]

    def version(self, name: str) -> str | None:
        """Return the version of a package, if it is installed."""
        known = self.distributions.get(name)
        return None if known is None else known["version"]

    def versions(
        self, modules: Iterable[str], loaded: Iterable[str] = ()
    ) -> dict[str, str]:
        """Return the versions of the packages that hold modules, and of what they need.

        What they can do without counts where its modules are loaded. Modules that no
        installed package holds are left out.
        """
        optional = {self._owners[name] for name in loaded if name in self._owners}
        todo = [self._owners[name] for name in modules if name in self._owners]
        found: dict[str, str] = {}
        while todo:
            name = todo.pop()
            if name in found or name not in self.distributions:
                continue
            known = self.distributions[name]
            found[name] = known["version"]
            todo += [*known["requires"], *optional.intersection(known["extras"])]
        return found


def environment(interpreter: Interpreter, folder: Path) -> Environment:
    """Return the environment of an interpreter.

    It is asked once and remembered in the folder, until the interpreter or a folder
    that it imports from changes.
    """
    told = json.dumps(
        [_ASK, interpreter.command, sorted(interpreter.env.items()), _paths()]
    )
    place = folder / f"{hashlib.sha256(told.encode()).hexdigest()[:32]}.json"
    known = _remembered(place)
    if known is None:
        known = _asked(interpreter)
        known["stamps"] = {path: stamp(path) for path in _stamped(interpreter, known)}
        _remember(place, known)
    owners = {
        module: name
        for name, one in known["distributions"].items()
        for module in one["modules"]
    }
    python = " ".join([known["python"][0], ".".join(map(str, known["python"][1:]))])
    return Environment(python, known["distributions"], owners)


def _paths() -> list[str | None]:
    return [os.environ.get(name) for name in ("PYTHONPATH", "PYTHONHOME", "PATH")]


def _stamped(interpreter: Interpreter, known: Mapping[str, Any]) -> list[str]:
    return [os.path.realpath(interpreter.command[0]), *known["folders"]]


def _remembered(place: Path) -> dict[str, Any] | None:
    try:
        known: dict[str, Any] = json.loads(place.read_bytes())
        fresh = all(stamp(path) == then for path, then in known["stamps"].items())
    except (OSError, ValueError, KeyError):
        return None
    return known if fresh else None


def _remember(place: Path, known: Mapping[str, Any]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_suffix(f".{os.getpid()}.part")
    temporary.write_text(json.dumps(known), "utf-8")
    temporary.replace(place)


def _asked(interpreter: Interpreter) -> dict[str, Any]:
    ended = subprocess.run(  # noqa: S603  (the kernel's own command)
        [*interpreter.command, "-c", _ASK],
        env={**os.environ, **interpreter.env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd=sys.prefix,
    )
    if ended.returncode:
        last = ended.stderr.strip().rpartition("\n")[2]
        message = f"The kernel's Python cannot say what is installed: {last}"
        raise EngineError(message, cure="Repair its environment.")
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer
