"""A real kernel, and what it answers to a cell; and a kernel in another Python."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sysconfig
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.manager import start_new_kernel
from jupyter_core.utils import ensure_event_loop


@dataclass
class Answer:
    status: str = ""
    out: str = ""
    err: str = ""
    data: list[dict[str, Any]] = field(default_factory=list)
    """The MIME bundles of displays and results."""
    traceback: list[str] = field(default_factory=list)


@dataclass
class Kernel:
    client: Any
    manager: Any

    def run(self, code: str) -> Answer:
        """Run a cell and return what it showed."""
        answer = Answer()

        def take(message: Mapping[str, Any]) -> None:
            content = message["content"]
            match message["msg_type"]:
                case "stream" if content["name"] == "stdout":
                    answer.out += content["text"]
                case "stream":
                    answer.err += content["text"]
                case "display_data" | "execute_result":
                    answer.data.append(content["data"])
                case "error":
                    answer.traceback = content["traceback"]

        reply = self.client.execute_interactive(code, output_hook=take, timeout=120)
        answer.status = reply["content"]["status"]
        return answer

    def interrupt(self) -> None:
        """Press its stop button; from another thread."""
        os.kill(self.manager.provisioner.pid, signal.SIGINT)


@contextmanager
def kernel(**options: Any) -> Iterator[Kernel]:
    """Give a kernel that ends with the block."""
    manager, client = start_new_kernel(kernel_name="python3", **options)
    try:
        yield Kernel(client, manager)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        # The client makes a loop for the thread and leaves it open.
        ensure_event_loop().close()
        asyncio.set_event_loop(None)


@dataclass
class Place:
    """An environment of its own, with a kernel in it that is called `elsewhere`."""

    folder: Path

    @property
    def packages(self) -> Path:
        return Path(sysconfig.get_path("purelib", vars={"base": str(self.folder)}))

    def install(self, name: str, version: str, code: str) -> None:
        """Install a package of one module, in place of another version of it."""
        for old in self.packages.glob(f"{name}-*.dist-info"):
            (old / "METADATA").unlink()
            (old / "top_level.txt").unlink()
            old.rmdir()
        info = self.packages / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
        (info / "top_level.txt").write_text(name)
        (self.packages / f"{name}.py").write_text(code)


def elsewhere(folder: Path) -> Place:
    """Make an environment that finds what this one has, and a spec of its kernel.

    It is found where JUPYTER_PATH is the folder.
    """
    venv.create(folder, symlinks=True)
    place = Place(folder)
    (place.packages / "these.pth").write_text(sysconfig.get_path("purelib"))
    spec = folder / "kernels" / "elsewhere"
    spec.mkdir(parents=True)
    argv = [str(folder / "bin" / "python"), "-m", "ipykernel_launcher"]
    content = {
        "argv": [*argv, "-f", "{connection_file}"],
        "display_name": "Elsewhere",
        "language": "python",
    }
    (spec / "kernel.json").write_text(json.dumps(content))
    return place
