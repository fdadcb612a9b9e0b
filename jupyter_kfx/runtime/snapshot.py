"""A notebook's variables at one place, kept to compare others with them."""

from __future__ import annotations

import io
import json
import os
from binascii import a2b_base64, b2a_base64  # cells may patch the module
from typing import Any

from . import artifacts
from .compare import Comparison
from .contrast import contrast
from .document import write_json
from .pickles import Pickle
from .pickling import NotHandedOnError, dump
from .reach import Reach, leading
from .sharing import partition
from .unpickling import load

__all__ = ["differences", "take", "variables"]

_SMALL = 4096
"""Bytes of a pickle that is not worth a file of its own."""


def variables(namespace: dict[str, Any], hidden: frozenset) -> dict[str, Any]:
    """Return the notebook's own variables of a namespace."""
    return {
        name: value
        for name, value in namespace.items()
        if name not in hidden and not name.startswith("__") and not _is_history(name)
    }


def take(values: dict[str, Any], main: dict[str, Any], folder: str, place: str) -> None:
    """Write the values to a folder, as they are at a place."""
    pickles, refused = _dumped(values, main)
    together = _sharers(pickles)
    groups, index = [], {}
    for names in sorted(map(sorted, set(partition(pickles).values()))):
        whole = _whole(names, pickles, values, main)
        groups.append({"names": names, **_kept(folder, ", ".join(names), whole)})
        for name in names:
            index[name] = {
                "group": len(groups) - 1,
                "content": pickles[name].digest(),
                "together": sorted(together[name]),
            }
    kept = {"values": index, "groups": groups, "refused": refused}
    write_json(os.path.join(folder, f"{place}.json"), kept)


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
    pickles, refused = _dumped(values, main)
    unknown.update(refused)
    known = {name for name in values if name in kept["values"] and name in pickles}
    doubtful: dict[int, list[str]] = {}
    for name in sorted(known):
        entry = kept["values"][name]
        if pickles[name].digest() != entry["content"]:
            doubtful.setdefault(entry["group"], []).append(name)
    for group, names in doubtful.items():
        try:
            whole = load(*_read(folder, kept["groups"][group]), apart=True)
            there = _by_name(whole, kept["groups"][group]["names"])
            if not _unlike(names, values, there, tolerance):
                continue
            there = _by_name(_copied(whole, main), kept["groups"][group]["names"])
            whole = _loaded(_whole(names, pickles, values, main))
            here = _by_name(_copied(whole, main), names)
        except Exception as error:  # a pickle runs code of the values' classes
            why = f"it cannot be loaded to be compared: {error}"
            unknown.update(dict.fromkeys(names, why))
            continue
        for name, why in _unlike(names, here, there, tolerance).items():
            different[name] = contrast(here[name], there[name], tolerance) or why
    for name in sorted(values.keys() - kept["values"].keys() - unknown.keys()):
        different[name] = "the notebook has no such variable here"
    known -= different.keys() | unknown.keys()
    together = _sharers({name: pickles[name] for name in known})
    for name in sorted(known):
        others = known.intersection(kept["values"][name]["together"])
        if others != together[name]:
            apart = ", ".join(sorted(others ^ together[name]))
            different[name] = f"shares objects in another way with: {apart}"
    return {
        "different": different,
        "unknown": {name: why for name, why in unknown.items() if name in values},
        "same": sorted(known - different.keys()),
    }


def _unlike(
    names: list[str], here: dict[str, Any], there: dict[str, Any], tolerance: float
) -> dict[str, str]:
    """Return how values differ, for each that does."""
    together = Comparison(tolerance=tolerance, sharing=False)
    if all(together.difference(here[n], there[n]) is None for n in names):
        return {}
    found = {}
    for name in names:
        apart = Comparison(tolerance=tolerance, sharing=False)
        why = apart.difference(here[name], there[name])
        if why is not None:
            found[name] = why
    return found


def _kept(folder: str, name: str, pickled: Pickle) -> dict[str, str]:
    """Keep a value and return what `_read` takes."""
    data = pickled.file.getvalue()
    if len(data) <= _SMALL and not pickled.buffers:
        return {"pickle": b2a_base64(data, newline=False).decode("ascii")}
    digest, _ = artifacts.write(folder, data, pickled.buffers, name)
    return {"digest": digest}


def _read(folder: str, entry: dict[str, Any]) -> tuple[bytes, list]:
    """Return the pickle of a value that was kept, and its buffers."""
    if "pickle" in entry:
        return a2b_base64(entry["pickle"]), []
    data, buffers, _ = artifacts.read(folder, entry["digest"])
    return data, buffers


def _whole(
    names: list[str], pickles: dict[str, Pickle], values: dict, main: dict
) -> Pickle:
    """Return the pickle of values that share objects; `_by_name` takes them apart."""
    if len(names) > 1:
        return dump({name: values[name] for name in names}, main)
    only = pickles[names[0]]
    return dump(values[names[0]], main) if only.met.within else only


def _by_name(values: Any, names: list[str]) -> dict[str, Any]:
    return values if len(names) > 1 else {names[0]: values}


def _sharers(pickles: dict[str, Pickle]) -> dict[str, set[str]]:
    """Return, for each name, the names that reach a mutable object that it reaches."""
    owners: dict[int, set[str]] = {}
    for name, pickled in pickles.items():
        for identity in pickled.shared():
            owners.setdefault(identity, set()).add(name)
    found: dict[str, set[str]] = {name: {name} for name in pickles}
    for names in {frozenset(names) for names in owners.values() if len(names) > 1}:
        for name in names:
            found[name] |= names
    return found


def _copied(value: Any, main: dict[str, Any]) -> Any:
    """Return the value as it is after a pickle: some share less then, or forget."""
    return _loaded(dump(value, main))


def _loaded(pickled: Pickle) -> Any:
    return load(pickled.file.getvalue(), pickled.buffers, apart=True)


def _dumped(
    values: dict[str, Any], main: dict[str, Any]
) -> tuple[dict[str, Pickle], dict[str, str]]:
    pickles, refused = {}, {}
    reach = Reach()
    for name, value in leading(values).items():
        try:
            pickles[name] = dump(value, main, reach=reach)
            reach.add(value, pickles[name])
        except NotHandedOnError as error:
            refused[name] = f"it cannot be stored: {error}"
    return pickles, refused


def _is_history(name: str) -> bool:
    """Tell whether IPython keeps a past input or output under this name."""
    if not name.startswith("_"):
        return False
    rest = name.strip("_")
    return rest in ("", "i", "ii", "iii", "oh", "dh", "ih") or (
        rest.lstrip("i").isdigit()
    )
