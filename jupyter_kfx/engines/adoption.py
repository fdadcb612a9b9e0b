"""Makes what an earlier execution left behind the files of a new one."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["adopt"]


def adopt(source: Path, target: Path, order: Mapping[str, Any]) -> None:
    """Fill the directory of an execution with the log, result and notebook of another.

    Cells are those of the order, by their place in the step: their ids, comments and
    execution counts may be others than they were.
    """
    places = {
        cell["index"]: new["index"]
        for cell, new in zip(_cells(source), order["cells"], strict=True)
    }
    if all(then == now for then, now in places.items()):
        _share(source / "result.json", target / "result.json")
    else:
        result = json.loads((source / "result.json").read_bytes())
        for cell in result["cells"]:
            cell["index"] = places[cell["index"]]
        (target / "result.json").write_text(json.dumps(result), "utf-8")
    notebook = json.loads((source / "step.ipynb").read_bytes())
    for cell, new in zip(notebook["cells"], order["cells"], strict=True):
        _renew(cell, new)
    notebook["metadata"] = {
        **order["notebook_metadata"],
        "language_info": notebook["metadata"]["language_info"],
        "kfx": {
            **notebook["metadata"]["kfx"],
            **{key: order[key] for key in ("run", "step", "execution", "attempt")},
        },
    }
    (target / "step.ipynb").write_text(json.dumps(notebook), "utf-8")
    _share(source / "log", target / "log")


def _share(source: Path, target: Path) -> None:
    """Let two executions have one file, which neither of them changes any more."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)


def _cells(source: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads((source / "order.json").read_bytes())[
        "cells"
    ]
    return cells


def _renew(cell: dict[str, Any], new: Mapping[str, Any]) -> None:
    """Give an executed cell the place and the source that it has now."""
    own = {**cell["metadata"]["kfx"], "cell": new["id"], "index": new["index"]}
    cell["id"], cell["source"] = new["id"], new["source"]
    cell["metadata"] = {**new["metadata"], "kfx": own}
    if cell["execution_count"] is not None:
        cell["execution_count"] = new["execution_count"]
    for output in cell["outputs"]:
        if output["output_type"] == "execute_result":
            output["execution_count"] = new["execution_count"]
