"""What it costs to tell, at the end of a step, which of its values have changed."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from jupyter_kfx.runtime import artifacts
from jupyter_kfx.runtime.mappings import Mappings
from jupyter_kfx.runtime.pickling import dump
from jupyter_kfx.runtime.unpickling import load

if TYPE_CHECKING:
    from collections.abc import Callable

_COLUMNS = 10
_ROUNDS = 5
_MOST = 50.0
"""Milliseconds a gigabyte that was not written may cost."""


class Node:
    """An object of a plain class."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.name = f"node {number}"
        self.next: Node | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    gigabytes = parser.parse_args().gigabytes
    rows = int(gigabytes * 1e9 / 8)
    kinds: dict[str, Callable[[], Any]] = {
        "array": lambda: np.arange(rows, dtype="f8"),
        "frame": lambda: pd.DataFrame(
            np.zeros((rows // _COLUMNS, _COLUMNS)), columns=list("abcdefghij")
        ),
    }
    print(f"buffers of {gigabytes:g} GB that were read and not written")
    slow = False
    for name, make in kinds.items():
        best = _best(make, touch=_read)
        slow = slow or best * 1000 / gigabytes > _MOST
        print(
            f"  {name:<28} {best * 1000:8.1f} ms  {best * 1000 / gigabytes:6.1f} ms/GB"
        )
    print("buffers, one byte of each page written")
    best = _best(kinds["array"], touch=_write)
    print(
        f"  {'array':<28} {best * 1000:8.1f} ms  {best * 1000 / gigabytes:6.1f} ms/GB"
    )
    graphs: dict[str, Callable[[], Any]] = {
        "1,000,000 integers": lambda: list(range(1_000_000)),
        "100,000 texts": lambda: [f"text {i}" for i in range(100_000)],
        "100,000 lists in a mapping": lambda: {i: [i] for i in range(100_000)},
        "100,000 objects of a class": lambda: [Node(i) for i in range(100_000)],
        "a frame of 100,000 texts": lambda: pd.DataFrame(
            {"a": [f"text {i}" for i in range(100_000)]}
        ),
    }
    print("object graphs")
    for name, make in graphs.items():
        print(f"  {name:<28} {_best(make) * 1000:8.1f} ms")
    if slow:
        sys.exit(f"more than {_MOST:g} ms a gigabyte")


def _best(make: Callable[[], Any], touch: Callable[[Any], None] | None = None) -> float:
    """Return the CPU seconds of the quickest check of a value that was handed over."""
    with tempfile.TemporaryDirectory() as root:
        first = dump(make(), globals())
        digest, _ = artifacts.write(root, first.file.getvalue(), first.buffers, "value")
        del first
        mappings = Mappings()
        data, buffers, mapping = artifacts.read(root, digest)
        mappings.add(digest, mapping)
        value = load(data, buffers)
        before = dump(value, globals()).digest(mappings.token)
        if touch is not None:
            touch(value)
        found = []
        for _ in range(_ROUNDS):
            start = time.process_time()
            after = dump(value, globals()).digest(mappings.token)
            found.append(time.process_time() - start)
        assert (after == before) == (touch is not _write)
        return min(found)


def _read(value: Any) -> None:
    float(np.asarray(value).sum())


def _write(value: Any) -> None:
    value[:: artifacts.PAGE // value.itemsize] += 1


if __name__ == "__main__":
    main()
