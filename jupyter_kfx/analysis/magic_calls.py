"""Walks the calls that IPython syntax stands for: `%magic`, `%%magic`, `!command`."""

from __future__ import annotations

import ast
import itertools
import re
from typing import TYPE_CHECKING

from jupyter_kfx.analysis import ambient
from jupyter_kfx.analysis.values import NOTHING, Value
from jupyter_kfx.analysis.words import words

if TYPE_CHECKING:
    from jupyter_kfx.analysis.expressions import Expressions
    from jupyter_kfx.analysis.statements import Statements
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["MagicCalls"]

_UNKNOWN_NAMES = words(
    "run store reset reset_selective xdel who whos who_ls load "
    "loadpy edit debug pdb R cython px autopx pylab"
)
_NO_NAMES = words(
    "matplotlib config load_ext reload_ext unload_ext autoreload time timeit capture "
    "prun env set_env cd pwd pushd popd dirs writefile file bash sh script system sx "
    "pip conda html HTML latex markdown javascript js svg SVG perl ruby pinfo pinfo2 "
    "psearch precision lsmagic magic ls ll cat mkdir rm rmdir cp mv "
    "autocall automagic colors xmode logstart logstop pprint psource pfile pdoc pdef "
    "page quickref tb alias unalias rehashx gui python python3 pypy mamba uv less more "
    "man subplots tensorboard watermark memit mprun lprun memray_flamegraph "
    "doctest_mode killbgscripts bookmark sql kfx"
)
_LISTING = words("who whos who_ls ev")
_HISTORY = words("history hist macro recall rerun rep notebook save")
"""What shows, or runs, cells of the kernel's history."""
_OUTER = frozenset({"user_ns", "user_global_ns", "ex", "ev", "run_cell", "push"})
_OPTIONS = re.compile(r"^(?:-[a-zA-Z]\w*(?:\s+\d+)?\s+)+")
_DOLLAR = re.compile(r"(?<!\$)\$([^\W\d]\w*)")
_BRACES = re.compile(r"\{([^{}]+)\}")


class MagicCalls:
    """Gives what IPython's calls give, and notes what they do."""

    def __init__(self, walk: Walk, expressions: Expressions) -> None:
        self._walk = walk
        self._expressions = expressions
        self.statements: Statements

    def is_magic(self, node: ast.Call) -> bool:
        """Tell whether a call is one of `get_ipython().…(…)`."""
        match node.func:
            case ast.Attribute(
                value=ast.Call(func=ast.Name(id="get_ipython"), args=[])
            ):
                return True
        return False

    def call(self, node: ast.Call) -> Value:
        """Return what such a call gives."""
        assert isinstance(node.func, ast.Attribute)
        walk, method = self._walk, node.func.attr
        words = [
            argument.value
            for argument in node.args
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ]
        if method in ("system", "getoutput"):
            walk.touch(ambient.of_magic("system", ""))
            self._interpolated(" ".join(words))
            return walk.fresh("list", is_container=True)
        if method in ("run_line_magic", "run_cell_magic", "magic") and words:
            return self._magic(words[0], words[1] if len(words) > 1 else "", method)
        self.attribute(method)
        for argument in node.args:
            self._expressions.used(argument)
        return NOTHING

    def attribute(self, name: str) -> Value:
        """Return an attribute of the shell."""
        if name in _OUTER:
            self._unknown(f"get_ipython().{name}")
        return NOTHING

    def _unknown(self, what: str) -> None:
        self._walk.opaque(what, writes=what.strip("%") not in _LISTING)
        self._walk.find(
            "opaque-names",
            f"which names `{what}` uses cannot be known.",
            "The step waits for all steps above it; write it as Python.",
        )

    def _magic(self, name: str, line: str, method: str) -> Value:
        walk = self._walk
        walk.touch(ambient.of_magic(name, line))
        is_line = method != "run_cell_magic"
        if name in ("time", "timeit", "prun") and (is_line or line):
            self._python(line, surely=name != "timeit")
            return walk.fresh()
        self._interpolated(line)
        if name == "capture":
            for word in line.split():
                if not word.startswith("-"):
                    walk.bind(word, walk.fresh())
                    break
        elif name in ("bash", "sh", "script", "perl", "ruby", "python", "python3"):
            for option, target in itertools.pairwise(line.split()):
                if option in ("--out", "--err", "--proc"):
                    walk.bind(target, walk.fresh())
        elif name in _HISTORY:
            walk.read("In")
        elif name in _UNKNOWN_NAMES or name not in _NO_NAMES:
            self._unknown(f"%{name}" if is_line else f"%%{name}")
        return walk.fresh()

    def _python(self, line: str, *, surely: bool) -> None:
        try:
            body = ast.parse(_OPTIONS.sub("", line.strip())).body
        except (SyntaxError, ValueError):
            return
        walk = self._walk
        at = walk.line
        walk.depth += 1
        if surely:
            self.statements.run(body)
        else:
            self.apart(body)
        walk.depth -= 1
        walk.line = at

    def apart(self, body: list[ast.stmt]) -> None:
        """Walk code whose assignments are its own, as `%timeit` runs it."""
        walk = self._walk
        binds, known = set(walk.effects.may_bind), set(walk.known)
        before = walk.state.copy()
        self.statements.run(body)
        new = walk.effects.may_bind - binds
        for name in new:
            walk.state.values.pop(name, None)
            if name in before.values:
                walk.state.values[name] = before.values[name]
        walk.effects.may_bind = binds
        walk.known = known
        walk.state.bound = before.bound
        walk.state.dead = False

    def _interpolated(self, text: str) -> None:
        """Read the names in `{expression}` and `$name`."""
        walk = self._walk
        for word in _DOLLAR.findall(text):
            if word in walk.known:
                walk.read(word)
        for expression in _BRACES.findall(text):
            try:
                body = ast.parse(expression.strip(), mode="eval").body
            except (SyntaxError, ValueError):
                continue
            names = {n.id for n in ast.walk(body) if isinstance(n, ast.Name)}
            if names & walk.known:
                self._expressions.used(body)
