"""The values that a step was given or handed on, loaded into this process."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import StoreError, UsageError
from jupyter_kfx.notebook.magics import translate
from jupyter_kfx.runtime import artifacts
from jupyter_kfx.runtime.exits import VersionMismatchError
from jupyter_kfx.runtime.unpickling import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.inspection.attempts import Attempt
    from jupyter_kfx.store import Store

__all__ = ["loaded"]


def loaded(
    store: Store,
    attempt: Attempt,
    found: Mapping[str, Mapping[str, str]],
    *,
    verify: bool = False,
) -> dict[str, Any]:
    """Return values by name, from the artifacts that hold them.

    Loading runs code of the notebook: pickles do, and classes and functions of the
    notebook come from its setup, which is run where a value needs it. StoreError if an
    artifact is gone, or damaged where that is to be verified, UsageError if it was made
    by another Python or cannot be loaded here.
    """
    definitions = _Definitions(attempt)
    parts: dict[str, dict[str, Any]] = {}
    for name, where in found.items():
        digest = where["digest"]
        if digest not in parts:
            if not store.files.use(digest):
                message = f"the value of `{name}` was deleted from the store."
                raise StoreError(message, cure="Run the notebook again.")
            if verify:
                store.files.verify(digest)
            parts[digest] = _part(store, digest, name, definitions)
    return {name: parts[where["digest"]][name] for name, where in found.items()}


def _part(
    store: Store, digest: str, name: str, definitions: _Definitions
) -> dict[str, Any]:
    try:
        data, buffers, _ = artifacts.read(str(store.artifacts), digest)
        values: dict[str, Any] = load(data, buffers, main=definitions.namespace)
    except Exception as error:  # a pickle runs code of the values' classes
        why = _of_versions(store, digest) or str(error)
        message = f"`{name}` cannot be loaded here: {why}{definitions.failures()}"
        cure = "`jupyter kfx debug RUN STEP` loads it in the notebook's own kernel."
        raise UsageError(message, cure=cure) from error
    return values


def _of_versions(store: Store, digest: str) -> str:
    """Say which versions are others than those of who stored an artifact."""
    try:
        artifacts.read(str(store.artifacts), digest, strict=True)
    except VersionMismatchError as error:
        return str(error)
    except (OSError, ValueError):
        pass
    return ""


class _Definitions:
    """What the setup above a step and in it defines, run once it is needed."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._namespace: dict[str, Any] | None = None
        self._failed: list[str] = []

    def namespace(self) -> dict[str, Any]:
        """Return the globals that setup statements leave."""
        if self._namespace is None:
            self._namespace = {"__name__": "__main__", "__builtins__": __builtins__}
            order = self._attempt.order
            statements = {s["id"]: s for s in (*order["setup"], *order["own_setup"])}
            place = order["workdir"]
            sys.path.append(place)  # modules beside the notebook
            try:
                for number in sorted(statements):
                    self._run(statements[number], self._namespace)
            finally:
                sys.path.remove(place)
            self._namespace.update(order["parameters"])
        return self._namespace

    def failures(self) -> str:
        """Say which statements could not be run, for the end of a message."""
        return "".join(f"; {failed}" for failed in self._failed)

    def _run(self, statement: Mapping[str, Any], namespace: dict[str, Any]) -> None:
        try:
            code = translate(statement["code"]).code
            exec(compile(code, f"<cell {statement['index'] + 1}>", "exec"), namespace)  # noqa: S102
        except Exception as error:  # noqa: BLE001  (said if something is missing)
            self._failed.append(f"cell {statement['index'] + 1} raised {error!r}")
