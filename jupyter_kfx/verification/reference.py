"""A notebook run as a notebook, in a kernel, with its variables kept on the way."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

__all__ = ["Condition", "NotebookRun", "run_notebook"]

# A child of the kernel does it: the kernel itself must not notice anything.
_SNAPSHOT = """\
import os, sys, warnings
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    child = os.fork()
if child == 0:
    code = 1
    try:
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
        sys.stdout = sys.stderr = open(2, "w", closefd=False)
        sys.path.insert(0, archive)
        from _kfx_runtime import openmp, snapshot
        from _kfx_runtime.document import write_json
        from _kfx_runtime.shell import hidden_names
        openmp.use_no_threads()
        values = snapshot.variables(main, hidden_names(get_ipython()))
        if against is None:
            snapshot.take(values, main, folder, place)
        else:
            found = snapshot.differences(values, main, against, place)
            write_json(os.path.join(folder, place + ".json"), found)
        code = 0
    except BaseException:
        import traceback
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)
if os.waitpid(child, 0)[1]:
    raise RuntimeError("the variables could not be kept: see " + log)
"""

# Sets of objects iterate by where these lie, and kernels put them in the same places
# again and again: whatever depends on that has to come out another way.
_UNSETTLED = """\
import os
counts = os.urandom(32)
kept = get_ipython().__dict__.setdefault("_kfx_kept", [])
for number, count in enumerate(counts):
    kept.append([object() if number < 2 else bytes(16 * number - 17)
                 for _ in range(count % 64)])
"""


@dataclass(frozen=True)
class Condition:
    """What a cell's step runs on."""

    test: str
    first: int
    """Position of the step's first cell, before which it is asked."""


@dataclass(frozen=True)
class NotebookRun:
    """What a notebook showed, by the positions of its cells."""

    outputs: Mapping[int, list[dict[str, Any]]]
    error: tuple[int, str, str] | None = None
    """Position of the cell that ended it, name and text of the error."""
    seconds: float = 0.0
    compared: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    """How variables differ from those of the run that it was held against."""
    skipped: frozenset[int] = frozenset()
    """The first cells of the steps whose conditions were false."""
    files: Mapping[str, str] = field(default_factory=dict)
    """What it left in its folder, with digests."""


async def run_notebook(
    cells: Sequence[tuple[int, str, bool]],
    places: Collection[int],
    *,
    kernel: str,
    workdir: Path,
    env: Mapping[str, str],
    archive: Path,
    folder: Path,
    against: Path | None = None,
    timeout: float | None = None,  # noqa: ASYNC109  (of one cell)
    conditions: Mapping[int, Condition] | None = None,
) -> NotebookRun:
    """Run cells (position, source, whether it may raise) in a fresh kernel.

    Those that stand under `conditions`, by their positions, run only where they hold.
    After the cells at the places the variables are kept in the folder, or compared with
    those kept in another; then objects also lie elsewhere in memory. EngineError if the
    kernel dies, a cell takes too long or the variables cannot be kept.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import (
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    folder.mkdir(parents=True)
    document = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(
                source, metadata={"tags": ["raises-exception"] if may_raise else []}
            )
            for _, source, may_raise in cells
        ]
    )
    client = NotebookClient(
        document,
        kernel_name=kernel,
        timeout=timeout,
        resources={"metadata": {"path": str(workdir)}},
    )
    outputs: dict[int, list[dict[str, Any]]] = {}
    skipped: set[int] = set()
    error: tuple[int, str, str] | None = None
    seconds = 0.0
    clock = asyncio.get_running_loop().time
    quiet = (folder / "kernel.log").open("wb")
    try:
        async with client.async_setup_kernel(env=dict(env), stderr=quiet):
            for number, (place, _, _) in enumerate(cells):
                cell = document.cells[number]
                began = clock()
                shown: list[dict[str, Any]] = []
                condition = (conditions or {}).get(place)
                if condition is not None and condition.first == place:
                    holds = await _asked(client.kc, condition.test, shown)
                    if holds is False:
                        skipped.add(place)
                    elif holds is not True:
                        error = (place, *holds)
                    outputs[place] = shown
                if error is None and (
                    condition is None or condition.first not in skipped
                ):
                    if against is not None:
                        await _silently(client.kc, _scoped(_UNSETTLED, {}), folder)
                    try:
                        await client.async_execute_cell(cell, number)
                    except CellExecutionError as raised:
                        error = (place, raised.ename, raised.evalue)
                    outputs[place] = shown + [dict(output) for output in cell.outputs]
                seconds += clock() - began
                if error is not None:
                    break
                if place in places:
                    code = _snapshot(archive, folder, against, place)
                    await _silently(client.kc, code, folder)
    except CellTimeoutError:
        message = f"A cell of the notebook took longer than {timeout:g} seconds."
        raise EngineError(message, cure="Allow it more time.") from None
    except DeadKernelError:
        message = "The kernel died while it ran the notebook."
        raise EngineError(message, cure="Run the notebook in JupyterLab.") from None
    finally:
        quiet.close()
    compared = {}
    if against is not None:
        compared = {
            place: json.loads((folder / f"{place}.json").read_text("utf-8"))
            for place in places
            if (folder / f"{place}.json").exists()
        }
    return NotebookRun(outputs, error, seconds, compared, frozenset(skipped))


async def _asked(
    client: Any, test: str, shown: list[dict[str, Any]]
) -> bool | tuple[str, str]:
    """Return whether an expression is true in the kernel, or the error that it raises."""
    from nbformat.v4 import output_from_msg

    def hear(message: dict[str, Any]) -> None:
        if message["msg_type"] in ("stream", "display_data"):
            shown.append(output_from_msg(message))

    reply = await client.execute_interactive(
        "",
        store_history=False,
        allow_stdin=False,
        user_expressions={"holds": f"not not ({test}\n)"},
        output_hook=hear,
    )
    found = reply["content"]["user_expressions"]["holds"]
    if found["status"] == "error":
        return found["ename"], found["evalue"]
    return bool(found["data"]["text/plain"] == "True")


def _snapshot(archive: Path, folder: Path, against: Path | None, place: int) -> str:
    values = {
        "archive": str(archive),
        "folder": str(folder),
        "against": None if against is None else str(against),
        "place": str(place),
        "log": str(folder / "log"),
    }
    return _scoped(_SNAPSHOT, values)


def _scoped(code: str, values: dict[str, str | None]) -> str:
    """Return code that runs where it binds nothing among the notebook's variables."""
    names = "'main': __import__('sys').modules['__main__'].__dict__, "
    names += "'get_ipython': __import__('IPython').get_ipython"
    return f"__import__('builtins').exec({code!r}, {{**{values!r}, {names}}})"


async def _silently(client: Any, code: str, folder: Path) -> None:
    reply = await client.execute_interactive(
        code,
        silent=True,
        store_history=False,
        allow_stdin=False,
        output_hook=lambda _message: None,
    )
    if reply["content"]["status"] != "ok":
        log = folder / "log"
        tail = log.read_text("utf-8", "replace")[-2000:] if log.exists() else ""
        text = reply["content"].get("evalue", "")
        message = f"The notebook's variables cannot be kept: {text}\n{tail}".rstrip()
        raise EngineError(message, cure="Make room in memory and on the disk.")
