"""Walks calls of builtins and of what is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_kfx.analysis import ambient, known, methods
from jupyter_kfx.analysis.scopes import BUILTINS
from jupyter_kfx.analysis.targets import root_of
from jupyter_kfx.analysis.values import NOTHING, Thing, Value, joined

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

    from jupyter_kfx.analysis.classes import Classes
    from jupyter_kfx.analysis.method_calls import MethodCalls
    from jupyter_kfx.analysis.texts import Texts
    from jupyter_kfx.analysis.unknown import Unknown
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["SPREAD", "LibraryCalls"]

SPREAD = "**"
"""Stands for arguments whose number or names are not known."""
_NAMES_OF_SCOPE = frozenset({"globals", "locals", "vars", "dir"})

_LOOKING_AROUND = frozenset({"doctest.testmod", "unittest.main"})


class LibraryCalls:
    """Judges functions by tables of what they change, share and make."""

    def __init__(
        self,
        walk: Walk,
        classes: Classes,
        unknown: Unknown,
        texts: Texts,
        method_calls: MethodCalls,
    ) -> None:
        self._walk = walk
        self._classes = classes
        self._unknown = unknown
        self._texts = texts
        self._methods = method_calls

    def call(
        self,
        node: ast.Call,
        path: str,
        given: list[Value],
        keywords: Mapping[str, Value],
    ) -> Value:
        """Call a builtin or something imported."""
        walk = self._walk
        walk.touch(ambient.of_call(path, node))
        name = path.rpartition(".")[2]
        self._texts.names(node, name)
        everything = [*given, *keywords.values()]
        if path in ("exec", "eval", "compile", "__import__"):
            return self._texts.evaluate(node, path, everything)
        if path in _NAMES_OF_SCOPE and not node.args:
            if not (walk.depth and path in ("locals", "vars")):
                walk.opaque(path, writes=path != "dir")
                walk.find(
                    "opaque-names",
                    f"which names `{path}()` uses cannot be known.",
                    "The step waits for all steps above it; use the names themselves.",
                )
            return NOTHING
        if path in _LOOKING_AROUND:
            walk.opaque(path, writes=False)  # it runs whatever it finds in `__main__`
        if path == "input" or name in ("getpass", "raw_input"):
            walk.find(
                "asks-the-user",
                f"`{name}()` waits for an answer, and nobody is there to give one.",
                "Make it a parameter: assign a default in a cell tagged `parameters`.",
                error=True,
            )
            return Value(type_="str")
        root, _, rest = path.partition(".")
        if rest in methods.MUTATING_BY_TYPE.get(root, ()) and given:
            self._methods.change(given[0], rest, everything[1:], root_of(node.args[0]))
            return walk.parts(given[0])
        if root not in BUILTINS and not known.is_known(path):
            return self._unknown.call(everything)
        return self._tabled_function(node, path, everything, keywords)

    def _tabled_function(
        self,
        node: ast.Call,
        path: str,
        everything: list[Value],
        keywords: Mapping[str, Value],
    ) -> Value:
        walk = self._walk
        called: list[Value] = []
        if path in known.PURE_BUILTINS:
            for value in everything:
                self._classes.look_into(value)
        elif not path.endswith(".partial"):
            called = [
                self._unknown.escape(value, everything)
                for value in everything
                if value.things
            ]
        for argument in node.keywords:
            if argument.arg in ("out", "ax"):
                root = root_of(argument.value)
                walk.mutate(keywords[argument.arg], root=root)
        if path in known.FIRST_CHANGES and everything:
            root = root_of(node.args[0]) if node.args else None
            walk.mutate(everything[0], root=root)
            rest = {t for value in everything[1:] for t in value.things}
            for thing in everything[0].things:
                thing.hold(rest)
        if path in ("pickle.dump", "json.dump", "yaml.dump") and len(everything) > 1:
            walk.mutate(everything[1])  # the file
        if path in known.OPENERS:
            return walk.fresh("file")
        if path in known.CONTAINER_MAKERS:
            return self._container(node, path, everything, keywords, called)
        if path in known.SHARING_BUILTINS or path == "random.choice":
            parts = [walk.parts(value) for value in everything]
            if len(everything) > 1 or not everything:
                parts += everything
            return joined([*parts, *called])
        if path == "super":
            return NOTHING
        if path == "type" and everything:
            makers = {t.maker for t in everything[0].things if t.maker is not None}
            return Value(frozenset(makers), "class" if makers else "type")
        kind, is_mutable = known.made_by(path)
        if not is_mutable:
            return Value(type_=kind)
        if kind in ("subplots", "figure", "axes"):
            return Value(walk.drawn(anew=path in known.NEW_FIGURES).things, kind)
        things = {t for value in everything for t in value.things}
        if known.shares(path):
            if path.startswith("numpy."):
                return Value(
                    frozenset(things) or walk.fresh().things, "ndarray", sure=False
                )
            if path.startswith("torch.") and not path.rpartition(".")[2][:1].isupper():
                return Value(walk.fresh().things | things, sure=False)
            made = walk.fresh(kind, things)
            for thing in made.things:
                thing.draws = ambient.is_unseeded(path, node)
            return made
        extra = {t for value in called for t in value.things}
        if path.partition(".")[0] not in known.NEW_FROM_CALLS:
            return walk.fresh(kind, extra)
        return walk.fresh(kind)

    def _container(
        self,
        node: ast.Call,
        path: str,
        everything: list[Value],
        keywords: Mapping[str, Value],
        called: list[Value],
    ) -> Value:
        walk = self._walk
        kind = known.CONTAINER_MAKERS[path]
        things: set[Thing] = set()
        if path == "map":
            # What it gives comes from the function, and it reads its argument as it is
            # consumed.
            for value in called:
                things |= value.things
        for value in everything:
            if any(thing.is_code for thing in value.things) and path == "map":
                continue
            is_view = kind in ("generator-object", "deque") and path != "map"
            is_element = kind == "instance" or value in keywords.values()
            things |= value.things if is_element else walk.parts(value).things
            if is_view:
                things |= value.things
            if value.items:
                things |= {t for item in value.items for t in item.things}
        if kind == "copy":
            source = everything[0] if everything else NOTHING
            if not source.things:
                return source
            copied = walk.fresh(source.type, things, is_container=True)
            for thing in copied.things:
                thing.maker = next((t.maker for t in source.things if t.maker), None)
            return copied
        if path in ("zip", "enumerate", "itertools.product", "itertools.zip_longest"):
            pair = walk.fresh("tuple", things, is_container=True)
            rows = walk.fresh(kind, [*pair.things], is_container=True)
            if path not in ("zip", "enumerate") or SPREAD in keywords:
                return rows
            columns = [walk.parts(v) for v in everything[: len(node.args)]]
            if path == "enumerate":
                columns = [Value(type_="int"), *columns[:1]]
            row = Value(pair.things, "tuple", items=tuple(columns))
            return Value(rows.things, kind, items=(row,))
        return walk.fresh(kind, things, is_container=True)
