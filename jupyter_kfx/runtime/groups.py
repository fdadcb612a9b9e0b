"""Groups of values that share objects: as steps above have stored them, and anew."""

from __future__ import annotations

import functools
import sys
from typing import Any, Container

from . import artifacts, drawing
from .databases import UNTOLD
from .exits import CURE, NotLoadedError, VersionMismatchError
from .libraries import Libraries
from .mappings import Mappings
from .opened import NotRecreatedError
from .order import Order
from .pickles import Pickle
from .pickling import NotHandedOnError, dump
from .raised import missing
from .reach import Reach, leading
from .unpickling import load

__all__ = ["Groups"]


class Groups:
    """Loads the groups of a step's order, and pickles and stores what it has."""

    def __init__(
        self,
        order: Order,
        namespace: dict[str, Any],
        libraries: Libraries,
        replayed: Container[str],
    ) -> None:
        """Take the names of functions and classes that setup defines in each step."""
        self._order = order
        self._namespace = namespace
        self._libraries = libraries
        self._replayed = replayed
        self._mappings = Mappings()
        self._anchors: dict[int, tuple[str, Any]] = {}

    def token(self, buffer: Any) -> bytes | None:
        """Return what stands for a buffer of a group that nobody wrote to, or none."""
        return self._mappings.token(buffer)

    def load(self, group: dict[str, Any]) -> dict[str, Any]:
        """Return the values of a group by their names.

        NotLoadedError or VersionMismatchError, with a cure, if it cannot be loaded.
        """
        digest = group["digest"]
        try:
            values = self._loaded(digest, apart=False)
            return {name: values[name] for name in group["names"]}
        except VersionMismatchError as error:
            message = f"{', '.join(group['names'])} cannot be loaded: {error}. "
            message += "Run the step that made it again, in this environment."
            raise VersionMismatchError(message) from None
        except Exception as error:
            names = ", ".join(f"`{name}`" for name in group["names"])
            if not artifacts.is_whole(self._order.artifacts, digest):
                message = f"the stored value of {names} is damaged. "
                message += "`jupyter kfx store check --remove` removes it; the "
                message += "next run computes it anew."
                raise NotLoadedError(message) from None
            if isinstance(error, NotRecreatedError):
                message = f"{names} cannot be handed on: {error}."
                raise NotLoadedError(message, cure=CURE, artifact=digest) from None
            message = f"{names} cannot be handed on, for it cannot be loaded again: "
            raise NotLoadedError(
                f"{message}{error!r}.", missing(error), cure=CURE, artifact=digest
            ) from error

    def load_again(self, digest: str) -> dict[str, Any]:
        """Return the values of a group once more, apart from those of the step."""
        return self._loaded(digest, apart=True)

    def _loaded(self, digest: str, *, apart: bool) -> dict[str, Any]:
        folder = self._order.artifacts
        data, buffers, mapping = artifacts.read(folder, digest, strict=not apart)
        self._mappings.add(digest, mapping)
        values: dict[str, Any] = load(
            data, buffers, apart=apart, holder=self._libraries.holder
        )
        return values

    def pickled(
        self, values: dict[str, Any], refused: dict[str, str]
    ) -> dict[str, Pickle]:
        """Return each value's own pickle; what has none is `refused`, with why."""
        found = {}
        self._anchors = {**_process(), **self._libraries.anchors}
        reach = Reach()
        for name, value in leading(values).items():
            try:
                pickled = dump(
                    value,
                    self._namespace,
                    anchors=self._anchors,
                    replayed=self._replayed,
                    reach=reach,
                )
                reach.add(value, pickled)
                if pickled.met.files and self._says("newline"):
                    refused[name] = "an open file, which does not tell its `newline`"
                elif pickled.met.databases and (word := self._says(*UNTOLD)):
                    refused[name] = f"a connection, which does not tell its `{word}`"
                else:
                    found[name] = pickled
            except NotHandedOnError as error:
                refused[name] = str(error)
        return found

    def digests(self, pickles: dict[str, Pickle]) -> dict[str, str]:
        """Return what stands for the content of each value."""
        return {name: pickled.digest(self.token) for name, pickled in pickles.items()}

    def store(
        self, names: frozenset[str], pickles: dict[str, Pickle], content: dict[str, str]
    ) -> dict[str, Any]:
        """Store values as a group, and return what is to be known of it.

        NotHandedOnError if they cannot be stored together.
        """
        values = {name: self._namespace[name] for name in sorted(names)}
        parts = [pickles[name] for name in names]
        roots = [i for each in parts for i in (*each.shared(), *each.lent())]
        memory = [s for name in sorted(names) for s in pickles[name].met.storages]
        together = functools.partial(
            dump,
            values,
            self._namespace,
            frozenset(roots),
            anchors=self._anchors,
            memory=tuple(memory),
            replayed=self._replayed,
        )
        pickled = together()
        used = pickled.attributes.used()
        if used:
            pickled = together(attributes=used)
        met = pickled.met
        digest, size = artifacts.write(
            self._order.artifacts,
            pickled.file.getvalue(),
            pickled.buffers,
            ", ".join(sorted(names)),
            met.modules,
        )
        return {
            "digest": digest,
            "size": size,
            "names": sorted(names),
            "content": {name: content[name] for name in names},
            "needs": sorted(met.names()),
            "definitions": sorted(met.definitions),
            "modules": sorted(met.modules),
            "types": {
                name: f"{type(value).__module__}.{type(value).__qualname__}"
                for name, value in values.items()
            },
        }

    def _says(self, *words: str) -> str:
        """Return the first of some words that the code uses up to here, or nothing."""
        codes = [*(source.source for source in self._order.sources), *self._order.code]
        return next((w for w in words if any(w in code for code in codes)), "")


def _process() -> dict[int, tuple[str, str]]:
    """Return where that is found which a process has one of, by its ids."""
    places = (
        *(("os", "environ"), ("sys", "path"), ("sys", "argv"), ("sys", "modules")),
        ("warnings", "filters"),
    )
    maps = {id(each): ("matplotlib.cm", n) for n, each in drawing.colormaps().items()}
    return {**maps, **{id(getattr(sys.modules[m], n)): (m, n) for m, n in places}}
