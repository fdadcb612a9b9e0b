"""Walks the cells of a notebook in order and gives the effects of each."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.calls import Calls
from jupyter_kfx.analysis.effects import Effects
from jupyter_kfx.analysis.expressions import Expressions
from jupyter_kfx.analysis.functions import Functions
from jupyter_kfx.analysis.magic_calls import MagicCalls
from jupyter_kfx.analysis.statements import Statements
from jupyter_kfx.analysis.targets import Targets
from jupyter_kfx.analysis.values import contents
from jupyter_kfx.analysis.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_kfx.analysis.stars import StarImports

__all__ = ["Walker"]


class Walker:
    """Puts the parts of a walk together; they know one another."""

    def __init__(self, stars: StarImports) -> None:
        self.walk = Walk()
        expressions = Expressions(self.walk)
        functions = Functions(self.walk, expressions)
        targets = Targets(self.walk, expressions, functions)
        calls = Calls(self.walk, expressions, functions)
        magics = MagicCalls(self.walk, expressions)
        self._statements = Statements(self.walk, expressions, targets, functions, stars)
        self._magics = magics
        expressions.calls = calls
        expressions.functions = functions
        expressions.targets = targets
        functions.statements = self._statements
        calls.magics = magics
        calls.statements = magics.statements = self._statements

    def begin(self, gone: Iterable[str] = ()) -> None:
        """Start a cell; variables that are gone are named in no cell from here on."""
        walk = self.walk
        walk.effects = Effects()
        walk.state.bound = set()
        walk.state.dead = False
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

    def run(self, body: Iterable[ast.stmt]) -> None:
        """Take statements in."""
        self._statements.run(body)

    def run_apart(self, body: list[ast.stmt]) -> None:
        """Take in statements that bind names of their own."""
        self._magics.apart(body)

    def define(self, names: Iterable[str], node: ast.stmt) -> None:
        """Take in a setup statement: it binds names, as code."""
        walk = self.walk
        if isinstance(node, ast.ClassDef):
            self._check_instances(node)
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

    def _check_instances(self, node: ast.ClassDef) -> None:
        """Refuse a class of a name whose instances are still about.

        They are handed on with the class's name, which would give them the new class.
        """
        walk = self.walk
        old = walk.state.values.get(node.name)
        classes = set() if old is None else {t for t in old.things if not t.maker}
        for name, value in walk.state.values.items():
            made = [t.maker for t in contents(value.things) if t.maker in classes]
            if made and "@" not in name:
                walk.line = node.lineno
                walk.find(
                    "redefined-class",
                    f"`{node.name}` is defined anew while `{name}` still holds an "
                    "instance of the old class.",
                    "Give the new class another name, or make the instance anew.",
                    error=True,
                )
                return

    def type_of(self, name: str) -> str:
        """Return the type of a variable as far as it is known."""
        value = self.walk.state.values.get(name)
        return "" if value is None else value.type
