"""The Python that runs a notebook's kernel."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import EngineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Interpreter", "interpreter"]


@dataclass(frozen=True)
class Interpreter:
    """How to start the Python of a kernel."""

    command: tuple[str, ...]
    """What comes before `-m ipykernel_launcher`: the executable and its options."""
    env: Mapping[str, str] = field(default_factory=dict)
    """What the kernelspec adds to the environment."""


def interpreter(kernel: str) -> Interpreter:
    """Return the interpreter of the kernelspec of that name."""
    spec = _native(kernel)
    if spec is None:
        spec = _installed(kernel)
    language = str(spec.get("language", "")).lower()
    if language != "python":
        message = f"Kernel {kernel!r} is for {language or 'no known language'}."
        raise UsageError(message, cure="Choose a Python kernel for the notebook.")
    command: list[str] = []
    for argument in spec["argv"]:
        if argument == "-m" or argument.endswith(".py") or "{" in argument:
            break
        command.append(argument)
    if not command:
        message = f"The kernelspec of {kernel!r} names no Python to start."
        raise EngineError(
            message, cure="Install the kernel again (`ipykernel install`)."
        )
    if command[0] in ("python", "python3", _versioned()):
        # jupyter_client means its own Python by these, whatever PATH says.
        command[0] = sys.executable
    env = {name: os.path.expandvars(value) for name, value in _env(spec).items()}
    return Interpreter(tuple(command), env)


def _versioned() -> str:
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def _env(spec: Mapping[str, Any]) -> dict[str, str]:
    return dict(spec.get("env") or {})


def _native(kernel: str) -> dict[str, Any] | None:
    """Return this environment's own spec of the kernel without a search, if it decides.

    A spec in the user's or an explicitly configured directory comes first.
    """
    if any(os.environ.get(name) for name in ("JUPYTER_PATH", "JUPYTER_DATA_DIR")):
        return None
    own = Path(sys.prefix, "share", "jupyter", "kernels", kernel, "kernel.json")
    user = Path.home() / ".local/share/jupyter/kernels" / kernel
    if sys.platform != "linux" or user.exists() or not own.is_file():
        return None
    loaded: dict[str, Any] = json.loads(own.read_text("utf-8"))
    return loaded


def _installed(kernel: str) -> dict[str, Any]:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    manager = KernelSpecManager()
    try:
        found = manager.get_kernel_spec(kernel)
    except NoSuchKernel:
        there = ", ".join(sorted(manager.find_kernel_specs())) or "none"
        message = f"There is no kernel {kernel!r} here. Installed: {there}."
        raise UsageError(
            message, cure="Install it, or choose another kernel for the notebook."
        ) from None
    spec: dict[str, Any] = found.to_dict()
    return spec
