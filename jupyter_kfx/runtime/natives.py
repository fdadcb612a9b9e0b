"""Functions of libraries that open files in compiled code, which raises no audit event."""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import sys
import types
from typing import Any, Callable

__all__ = ["Natives"]

_READERS = {
    "pyarrow.parquet.core": (
        "read_table read_metadata read_schema read_pandas ParquetFile ParquetDataset"
    ),
    "pyarrow.parquet": (
        "read_table read_metadata read_schema read_pandas ParquetFile ParquetDataset"
    ),
    "pyarrow.feather": "read_table read_feather",
    "pyarrow.dataset": "dataset",
    "pyarrow.csv": "read_csv open_csv",
    "pyarrow.json": "read_json open_json",
    "pyarrow.orc": "read_table ORCFile",
    "pyarrow": "memory_map input_stream",
    "polars": (
        "read_csv read_parquet read_ipc read_json read_ndjson read_avro scan_csv "
        "scan_parquet scan_ipc scan_ndjson"
    ),
    "cv2": "imread VideoCapture",
    "soundfile": "read",
}
_WRITERS = {
    "pyarrow.parquet.core": "write_table write_metadata write_to_dataset ParquetWriter",
    "pyarrow.parquet": "write_table write_metadata write_to_dataset ParquetWriter",
    "pyarrow.feather": "write_feather",
    "pyarrow.dataset": "write_dataset",
    "pyarrow.csv": "write_csv",
    "pyarrow.orc": "write_table",
    "pyarrow": "output_stream OSFile",
    "polars.DataFrame": "write_csv write_parquet write_ipc write_json write_ndjson",
    "polars.LazyFrame": "sink_csv sink_parquet sink_ipc sink_ndjson",
    "cv2": "imwrite VideoWriter",
    "soundfile": "write",
    # Their mode says whether they only read.
    "h5py": "File",
    "tables": "open_file",
    "netCDF4": "Dataset",
    "xgboost.Booster": "save_model load_model",
    "lightgbm.Booster": "save_model",
    "torch": "save load",
}
_ROOTS = frozenset(owner.partition(".")[0] for owner in {**_READERS, **_WRITERS})
_READ_ONLY = frozenset({"r", "rb"})
_PATHS = (str, bytes, os.PathLike)


class Natives:
    """Lets such functions tell which paths they are given before they open them."""

    def __init__(self, hear: Callable[..., None]) -> None:
        self._hear = hear
        self._done: set[tuple[str, str]] = set()

    def start(self) -> None:
        """Let those tell whose modules are there."""
        for table, writes in ((_READERS, False), (_WRITERS, True)):
            for owner, names in table.items():
                for name in names.split():
                    if (owner, name) not in self._done:
                        self._tell(owner, name, writes)

    def imported(self, module: types.ModuleType) -> None:
        """Let those tell that a new module brings along."""
        if module.__name__.partition(".")[0] in _ROOTS:
            self.start()

    def _tell(self, owner: str, name: str, writes: bool) -> None:
        place: Any = sys.modules.get(owner)
        if place is None:
            module, _, kind = owner.rpartition(".")
            place = getattr(sys.modules.get(module), kind, None)
        original = getattr(place, name, None)
        if original is None:
            return
        self._done.add((owner, name))
        if getattr(original, "__kfx_told__", False):
            return
        if isinstance(original, type):
            initialise = "__init__"
            with contextlib.suppress(TypeError):  # a class of compiled code
                told = self._telling(getattr(original, initialise), writes, 1)
                setattr(original, initialise, told)
        else:
            skipped = int(isinstance(place, type))
            setattr(place, name, self._telling(original, writes, skipped))

    def _telling(self, original: Any, writes: bool, skipped: int) -> Any:
        @functools.wraps(original)
        def tell(*arguments: Any, **named: Any) -> Any:
            names = _parameters(original)
            given = {**dict(zip(names, arguments)), **named}
            values = [*arguments[skipped:], *named.values()]
            mode = given.get("mode", _default(original, "mode"))
            reads = mode in _READ_ONLY if writes else True
            updates = writes and isinstance(mode, str) and mode[:1] in ("a", "r")
            for value in values[:2]:
                if isinstance(value, _PATHS) and value is not mode:
                    self._hear(
                        value, reads=reads or updates, writes=writes and not reads
                    )
            return original(*arguments, **named)

        tell.__kfx_told__ = True  # type: ignore[attr-defined]
        return tell


@functools.cache
def _parameters(function: Any) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def _default(function: Any, name: str) -> Any:
    try:
        return inspect.signature(function).parameters[name].default
    except (TypeError, ValueError, KeyError):
        return None
