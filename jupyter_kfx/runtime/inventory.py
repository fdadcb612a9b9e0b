"""What is met in a value while it is pickled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .pickles import Pickle

__all__ = ["Inventory"]


@dataclass
class Inventory:
    """What a pickle refers to outside of itself, and what of its parts matters."""

    needs: set[str] = field(default_factory=set)
    """Names of the notebook that its functions use."""
    definitions: set[str] = field(default_factory=set)
    """Names of the notebook's functions and classes that it refers to as such."""
    modules: set[str] = field(default_factory=set)
    """Modules whose classes and functions it refers to."""
    anchored: set[int] = field(default_factory=set)
    """Objects that it only names as attributes of modules, by their ids."""
    classes: list[type] = field(default_factory=list)
    """Classes of the notebook that are kept as what they are made of."""
    storages: list[Any] = field(default_factory=list)
    """Memory of tensors."""
    databases: set[str] = field(default_factory=set)
    """Files that it is connected to; an empty path for a database in memory."""
    files: bool = False
    """Whether there is an open file in it."""
    tracebacks: bool = False
    """Whether there is a caught error in it, whose traceback stays behind."""
    reorders: bool = False
    """Whether a set in it will iterate in another order when it is loaded."""
    within: list[Pickle] = field(default_factory=list)
    """Pickles that stand for parts of this one, which then cannot be loaded."""

    def names(self) -> set[str]:
        """Return the names of the notebook that what is in it uses."""
        return self.needs | self.definitions

    def take_in(self, whole: Pickle) -> int:
        """Let a pickle stand for a part of this one, and return its place among such."""
        if whole not in self.within:
            self.within.append(whole)
            self._include(whole.met)
        return self.within.index(whole)

    def _include(self, other: Inventory) -> None:
        self.needs |= other.needs
        self.definitions |= other.definitions
        self.modules |= other.modules
        self.anchored |= other.anchored
        self.storages += other.storages
        self.databases |= other.databases
        self.files |= other.files
        self.tracebacks |= other.tracebacks
        self.reorders |= other.reorders
