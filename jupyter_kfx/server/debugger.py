"""Kernels of the server in which a step of a run can be debugged."""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING, Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_core.utils import ensure_async

from jupyter_kfx.errors import EngineError

if TYPE_CHECKING:
    from jupyter_kfx.inspection.debugging import Debugging

__all__ = ["kernel_at_step"]

_READY = 60.0
"""Seconds that a kernel may take to start."""
_LOOK = 0.2
"""Seconds between two looks whether the kernel is still there."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


async def kernel_at_step(manager: Any, found: Debugging) -> dict[str, Any]:
    """Start a kernel that stands where a step began, and return what a console needs.

    It is one of the server's own kernels: a console attaches to it by its id, and ends
    it. `said` is what was printed on the way. EngineError if the kernel has ended.
    """
    document = found.to_json()
    try:
        kernel = await ensure_async(
            manager.start_kernel(
                kernel_name=found.kernel,
                cwd=found.cwd,
                env={**os.environ, **document["env"]},
            )
        )
    except (NoSuchKernel, OSError) as error:
        message = f"the kernel {found.kernel!r} could not be started: {error}."
        raise EngineError(message, cure="Look at its kernelspec.") from error
    try:
        said = await _brought(manager, kernel, found)
    except BaseException:
        if kernel in manager:
            await ensure_async(manager.shutdown_kernel(kernel, now=True))
        raise
    return {
        "kernel": {"id": kernel, "name": found.kernel},
        "said": said,
        "cells": [cell["source"] for cell in document["cells"]],
        "to_rerun": [] if found.error is None else document["to_rerun"],
    }


async def _brought(manager: Any, kernel: str, found: Debugging) -> str:
    """Bring a kernel to the step, and return what it printed on the way."""
    client = AsyncKernelClient()
    running = manager.get_kernel(kernel)
    await running.ready  # which it may not be yet, if the server does not wait for it
    client.load_connection_info(running.get_connection_info(session=False))
    # Heartbeats come late on a busy machine; the server knows whether a kernel lives.
    client.start_channels(hb=False)
    restarted = asyncio.Event()
    manager.add_restart_callback(kernel, restarted.set, "restart")
    loading = asyncio.create_task(_load(client, found.code()))
    try:
        while not loading.done():
            await asyncio.wait([loading], timeout=_LOOK)
            if restarted.is_set() or not await ensure_async(running.is_alive()):
                message = f"the kernel ended while it loaded what `{found.step}` takes."
                raise EngineError(message, cure="Look at the log of the server.")
        return loading.result()
    except RuntimeError as error:
        message = f"the kernel {found.kernel!r} did not start: {error}."
        raise EngineError(message, cure="Look at its kernelspec.") from error
    finally:
        loading.cancel()
        manager.remove_restart_callback(kernel, restarted.set, "restart")
        client.stop_channels()


async def _load(client: AsyncKernelClient, code: str) -> str:
    """Run code, and return what it printed."""
    said: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream":
            said.append(content["text"])
        elif message["msg_type"] == "error":
            said.append("\n".join(content["traceback"]) + "\n")

    await client.wait_for_ready(timeout=_READY)
    await client.execute_interactive(
        code, store_history=False, allow_stdin=False, output_hook=hear
    )
    return _COLOURS.sub("", "".join(said))
