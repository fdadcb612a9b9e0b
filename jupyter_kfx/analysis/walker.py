"""Walks the cells of a notebook in order and gives the effects of each."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.calls import Calls
from jupyter_kfx.analysis.classes import Classes
from jupyter_kfx.analysis.effects import Effects
from jupyter_kfx.analysis.expressions import Expressions
from jupyter_kfx.analysis.functions import Functions
from jupyter_kfx.analysis.magic_calls import MagicCalls
from jupyter_kfx.analysis.parts import Parts
from jupyter_kfx.analysis.paths import Paths
from jupyter_kfx.analysis.skimming import Skimming
from jupyter_kfx.analysis.state import State, merge
from jupyter_kfx.analysis.statements import Statements
from jupyter_kfx.analysis.targets import Targets
from jupyter_kfx.analysis.values import contents
from jupyter_kfx.analysis.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_kfx.analysis.stars import StarImports
    from jupyter_kfx.analysis.values import Value

__all__ = ["Walker"]


class Walker:
    """Puts the parts of a walk together; they know one another."""

    def __init__(
        self, stars: StarImports, changing: frozenset[str] = frozenset()
    ) -> None:
        self.walk = Walk(changing)
        expressions = Expressions(self.walk)
        classes = Classes(self.walk)
        skimming = Skimming(self.walk)
        functions = Functions(self.walk, expressions, classes, skimming)
        magics = MagicCalls(self.walk, expressions)
        parts = Parts(self.walk, expressions, classes, magics)
        targets = Targets(self.walk, expressions, classes, parts)
        calls = Calls(self.walk, expressions, classes, functions, skimming, magics)
        paths = Paths(self.walk, expressions, targets)
        self._statements = Statements(
            self.walk, expressions, targets, classes, functions, skimming, stars, paths
        )
        self._magics = magics
        self._without: State | None = None
        self._outlived: dict[str, tuple[str, Value]] = {}
        """What holds instances of a class that was defined anew, with its name."""
        self.redefined: set[str] = set()
        """Names of classes that were defined anew while instances were in use."""
        classes.functions = functions
        expressions.calls = calls
        expressions.classes = classes
        expressions.functions = functions
        expressions.parts = parts
        expressions.targets = targets
        functions.paths = paths
        calls.texts.statements = self._statements
        magics.statements = self._statements
        paths.statements = self._statements

    def begin(self, gone: Iterable[str] = ()) -> None:
        """Start a cell; variables that are gone are named in no cell from here on."""
        walk = self.walk
        walk.effects = Effects()
        walk.state.bound = set()
        walk.state.dead = False
        walk.figure = None
        walk.spent = 0
        for name in gone:
            walk.state.values.pop(name, None)

    def end(self) -> Effects:
        """Return the effects of the cell."""
        effects, state = self.walk.effects, self.walk.state
        effects.deletes -= state.bound
        effects.drops = effects.deletes - state.values.keys()
        effects.may_bind -= effects.drops
        effects.defines &= state.bound
        effects.binds = state.bound & effects.may_bind
        return effects

    def part(self) -> None:
        """Come to cells that may not run."""
        self._without = self.walk.state.copy()

    def meet(self) -> None:
        """Come to where it does not matter any more whether they have run."""
        if self._without is not None:
            self.walk.state.dead = False  # the notebook may go on below an error
            self.walk.state = merge([self.walk.state, self._without])
            self._without = None

    def run(self, body: Iterable[ast.stmt]) -> None:
        """Take statements in."""
        self._statements.run(body)
        self._check_instances()

    def run_apart(self, body: list[ast.stmt]) -> None:
        """Take in statements that bind names of their own."""
        self._magics.apart(body)

    def define(self, names: Iterable[str], node: ast.stmt) -> None:
        """Take in a setup statement: it binds names, as code."""
        walk = self.walk
        if isinstance(node, ast.ClassDef):
            self._look_for_instances(node)
        effects, walk.effects = walk.effects, Effects()
        self._statements.run([node])
        # It is replayed where it is needed: nothing of it travels as data. Where it
        # goes to a directory, what is below waits until that is sure to be there.
        effects.reads |= walk.effects.reads
        effects.touches |= {t for t in walk.effects.touches if t.key == "cwd"}
        effects.findings += walk.effects.findings
        effects.opaque = effects.opaque or walk.effects.opaque
        effects.writes_any = effects.writes_any or walk.effects.writes_any
        walk.effects = effects
        effects.defines |= set(names)
        walk.state.bound |= set(names)
        walk.known |= set(names)
        walk.setup |= set(names)

    def _look_for_instances(self, node: ast.ClassDef) -> None:
        """Remember what holds instances of a class that is about to be defined anew.

        They are handed on with the class's name, which would give them the new class.
        """
        walk = self.walk
        old = walk.state.values.get(node.name)
        classes = set() if old is None else {t for t in old.things if not t.maker}
        for name, value in walk.state.values.items():
            made = [t.maker for t in contents(value.things) if t.maker in classes]
            if made and "@" not in name:
                self._outlived[name] = node.name, value

    def _check_instances(self) -> None:
        """Refuse a statement that reads what holds an instance of a class of before."""
        walk = self.walk
        for name, (kind, value) in list(self._outlived.items()):
            if name in walk.effects.reads:
                self.redefined.add(kind)
                walk.find(
                    "redefined-class",
                    f"`{name}` holds an instance of a class `{kind}` that has been "
                    "defined anew.",
                    "Give the new class another name, or make the instance anew.",
                    error=True,
                )
                del self._outlived[name]
            elif walk.state.values.get(name) is not value:
                del self._outlived[name]

    def type_of(self, name: str) -> str:
        """Return the type of a variable as far as it is known."""
        value = self.walk.state.values.get(name)
        return "" if value is None else value.type
