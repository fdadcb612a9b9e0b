"""A notebook's variables at one place, kept to compare others with them."""

from __future__ import annotations

import io
import json
import os
from typing import Any

from . import artifacts
from .compare import Comparison
from .contrast import contrast
from .document import write_json
from .pickling import Dumper, NotHandedOnError, dump
from .unpickling import load

__all__ = ["differences", "take", "variables"]


def variables(namespace: dict[str, Any], hidden: frozenset) -> dict[str, Any]:
    """Return the notebook's own variables of a namespace."""
    return {
        name: value
        for name, value in namespace.items()
        if name not in hidden and not name.startswith("__") and not _is_history(name)
    }


def take(values: dict[str, Any], main: dict[str, Any], folder: str, place: str) -> None:
    """Write the values to a folder, as they are at a place."""
    dumpers, refused = _dumped(values, main)
    together = _sharers(dumpers)
    index: dict[str, Any] = {}
    for name, dumper in dumpers.items():
        digest, _ = artifacts.write(
            folder, dumper.file.getvalue(), dumper.buffers, name
        )
        index[name] = {
            "digest": digest,
            "content": dumper.digest(),
            "together": sorted(together[name]),
        }
    write_json(
        os.path.join(folder, f"{place}.json"), {"values": index, "refused": refused}
    )


def differences(
    values: dict[str, Any],
    main: dict[str, Any],
    folder: str,
    place: str,
    tolerance: float = 0.0,
) -> dict[str, Any]:
    """Return how values differ from those kept at a place, and what was not compared.

    Objects that two names share must be shared here too; what one name shares within
    itself shows where it is changed. `different` and `unknown` map names to sentences; `same` lists names.
    """
    path = os.path.join(folder, f"{place}.json")
    if not os.path.exists(path):  # the notebook has ended before
        return {"different": {}, "unknown": {}, "same": []}
    with io.open(path, encoding="utf-8") as file:
        kept = json.load(file)
    different: dict[str, str] = {}
    unknown: dict[str, str] = dict(kept["refused"])
    dumpers, refused = _dumped(values, main)
    unknown.update(refused)
    known = {name for name in values if name in kept["values"] and name in dumpers}
    for name in sorted(known):
        entry = kept["values"][name]
        if dumpers[name].digest() == entry["content"]:
            continue
        try:
            data, buffers, _ = artifacts.read(folder, entry["digest"])
            there = _copied(load(data, buffers, apart=True), main)
            here = _copied(_loaded(dumpers[name]), main)
        except Exception as error:  # a pickle runs code of the values' classes
            unknown[name] = f"it cannot be loaded to be compared: {error}"
            continue
        comparison = Comparison(tolerance=tolerance, sharing=False)
        why = comparison.difference(here, there)
        if why is not None:
            different[name] = contrast(here, there, tolerance) or why
    for name in sorted(values.keys() - kept["values"].keys() - unknown.keys()):
        different[name] = "the notebook has no such variable here"
    known -= different.keys() | unknown.keys()
    together = _sharers({name: dumpers[name] for name in known})
    for name in sorted(known):
        there = known.intersection(kept["values"][name]["together"])
        if there != together[name]:
            apart = ", ".join(sorted(there ^ together[name]))
            different[name] = f"shares objects in another way with: {apart}"
    return {
        "different": different,
        "unknown": {name: why for name, why in unknown.items() if name in values},
        "same": sorted(known - different.keys()),
    }


def _sharers(dumpers: dict[str, Dumper]) -> dict[str, set[str]]:
    """Return, for each name, the names that reach a mutable object that it reaches."""
    owners: dict[int, set[str]] = {}
    for name, dumper in dumpers.items():
        for identity in dumper.shared():
            owners.setdefault(identity, set()).add(name)
    found: dict[str, set[str]] = {name: {name} for name in dumpers}
    for names in {frozenset(names) for names in owners.values() if len(names) > 1}:
        for name in names:
            found[name] |= names
    return found


def _copied(value: Any, main: dict[str, Any]) -> Any:
    """Return the value as it is after a pickle: some share less then, or forget."""
    return _loaded(dump(value, main))


def _loaded(dumper: Dumper) -> Any:
    return load(dumper.file.getvalue(), dumper.buffers, apart=True)


def _dumped(
    values: dict[str, Any], main: dict[str, Any]
) -> tuple[dict[str, Dumper], dict[str, str]]:
    dumpers, refused = {}, {}
    for name, value in values.items():
        try:
            dumpers[name] = dump(value, main)
        except NotHandedOnError as error:
            refused[name] = f"it cannot be stored: {error}"
    return dumpers, refused


def _is_history(name: str) -> bool:
    """Tell whether IPython keeps a past input or output under this name."""
    if not name.startswith("_"):
        return False
    rest = name.strip("_")
    return rest in ("", "i", "ii", "iii", "oh", "dh", "ih") or (
        rest.lstrip("i").isdigit()
    )
