"""A Jupyter server with our extension, as a process of its own, and how to ask it."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from commands import environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Jupyter", "document", "serving"]


class Jupyter:
    """A running server."""

    def __init__(self, port: int, token: str, pid: int) -> None:
        self.port = port
        self.token = token
        self.pid = pid

    def ask(self, route: str, body: Any = None, method: str | None = None) -> Any:
        """Return the answer of a route of ours."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/jupyter-kfx/{route}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}"},
            method=method,
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            text = answer.read()
        return json.loads(text) if text else None

    def stream(self, run: str) -> tuple[str, dict[str, str]]:
        """Return the address on which a run is followed, and the headers it needs."""
        url = f"ws://127.0.0.1:{self.port}/jupyter-kfx/runs/{run}/stream"
        return url, {"Authorization": f"token {self.token}"}


@contextmanager
def serving(
    folder: Path, *options: str, module: str = "jupyter_server"
) -> Iterator[Jupyter]:
    """Give a server of a folder that has answered once: `jupyterlab`, or one without."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex()
    own = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "RUNTIME")}
    (folder / "log").touch()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", module),
                *(f"--port={port}", "--no-browser", "--allow-root"),
                f"--IdentityProvider.token={token}",
                f"--ServerApp.root_dir={folder}",
                "--ServerApp.jpserver_extensions=jupyter_kfx=True",
                f"--KfxExtension.store={folder / 'store'}",
                *options,
            ],
            env=environment(**own),
            stdout=log,
            stderr=log,
        )
    server = Jupyter(port, token, process.pid)
    try:
        while True:
            try:
                server.ask("health")
            except (OSError, urllib.error.URLError):
                if process.poll() is not None:
                    sys.exit((folder / "log").read_text("utf-8"))
                time.sleep(0.05)
            else:
                break
        yield server
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.wait()


def document(*cells: tuple[str, str]) -> dict[str, Any]:
    """Return a notebook of code cells, each with its tag."""
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "language": "python"}},
        "cells": [
            {
                "id": f"c{number}",
                "cell_type": "code",
                "metadata": {"tags": [tag]},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for number, (tag, source) in enumerate(cells)
        ],
    }
