"""Walks calls: by the notebook's own code, by tables, or as calls of the unknown."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from jupyter_kfx.analysis import ambient, known, methods
from jupyter_kfx.analysis.effects import Touch
from jupyter_kfx.analysis.targets import root_of
from jupyter_kfx.analysis.values import NOTHING, Thing, Value, contents, joined
from jupyter_kfx.analysis.walk import BUILTINS
from jupyter_kfx.analysis.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jupyter_kfx.analysis.expressions import Expressions
    from jupyter_kfx.analysis.functions import Functions
    from jupyter_kfx.analysis.magic_calls import MagicCalls
    from jupyter_kfx.analysis.statements import Statements
    from jupyter_kfx.analysis.walk import Walk

__all__ = ["Calls"]

_NAMES_OF_SCOPE = frozenset({"globals", "locals", "vars", "dir"})
_WORD = re.compile(r"[^\W\d]\w*")
_DRAWING = words("fit fit_transform fit_predict split partial_fit fit_resample")
_OF_CONTAINERS = words("append extend setdefault popitem appendleft")
"""Methods that functions of modules are not named after."""
_SPREAD = "**"
"""Stands for arguments whose number or names are not known."""


class Calls:
    """Gives what calls give, and notes what they change."""

    def __init__(
        self, walk: Walk, expressions: Expressions, functions: Functions
    ) -> None:
        self._walk = walk
        self._expressions = expressions
        self._functions = functions
        self.magics: MagicCalls
        self.statements: Statements

    def call(self, node: ast.Call) -> Value:
        """Return what a call gives."""
        if self.magics.is_magic(node):
            return self.magics.call(node)
        func = node.func
        if isinstance(func, ast.Attribute):
            owner = self._expressions.value(func.value)
            if owner.type == "shell":
                return self.magics.call(node)
            if not owner.path:
                return self._method(node, func, owner)
            if owner.things and func.attr in _OF_CONTAINERS:
                self._walk.mutate(owner, root=root_of(func.value))
            callee = Value(path=f"{owner.path}.{func.attr}")
        else:
            callee = self._expressions.value(func)
        given, keywords = self._arguments(node)
        if callee.path:
            stored = callee.path.rpartition(".")[2] in ("setattr", "delattr")
            if stored and given and given[0].path and not given[0].things:
                self._walk.touch({Touch("modules", writes=True)})
            return self._known(node, callee.path, given, keywords)
        self._read_texts(node, func.id if isinstance(func, ast.Name) else "")
        return self._object(callee, given, keywords)

    def _arguments(self, node: ast.Call) -> tuple[list[Value], dict[str, Value]]:
        given: list[Value] = []
        keywords: dict[str, Value] = {}
        spread: set[Thing] = set()
        is_spread = False
        for argument in node.args:
            value = self._expressions.value(argument)
            if isinstance(argument, ast.Starred) or is_spread:
                is_spread = True
                spread |= value.things
            else:
                given.append(value)
        for keyword in node.keywords:
            value = self._expressions.value(keyword.value)
            if keyword.arg is None:
                is_spread = True
                spread |= self._walk.parts(value).things
            else:
                keywords[keyword.arg] = value
        if is_spread:
            keywords[_SPREAD] = self._walk.fresh("kwargs", spread, is_container=True)
        return given, keywords

    def _object(
        self,
        callee: Value,
        given: list[Value],
        keywords: Mapping[str, Value],
    ) -> Value:
        """Call the value of a variable."""
        code = frozenset(thing for thing in callee.things if thing.is_code)
        results = []
        if code:
            results.append(self._functions.call(Value(code), given, keywords))
        others = callee.things - code
        if others:
            rest = Value(others, sure=callee.sure)
            called = self._functions.method(rest, "__call__")
            if called is not None:
                results.append(self._functions.call(called, [rest, *given], keywords))
            else:
                # Calling an object seldom changes it; what it gives may be a part.
                results.append(self._unknown([*given, *keywords.values()]))
                results.append(self._functions.escape(rest, given))
                results.append(rest)
        elif not code:
            results.append(self._unknown([*given, *keywords.values()]))
        return joined(results)

    def _unknown(self, values: Iterable[Value]) -> Value:
        """Call what is not known: it may change and give any part of what it gets."""
        values = list(values)
        walk = self._walk
        extra = [
            self._functions.escape(value, values) for value in values if value.things
        ]
        things: set[Thing] = set()
        for value in values:
            walk.mutate(value, possible=True, deep=True)
            things |= value.things
        for value in extra:
            things |= value.things
        if any(not (thing.is_container or thing.is_code) for thing in things):
            # A new object would share with these in any case.
            return Value(frozenset(things), sure=False)
        return Value(walk.fresh().things | things, sure=not things)

    # Methods

    def _method(self, node: ast.Call, func: ast.Attribute, owner: Value) -> Value:
        walk, name = self._walk, func.attr
        given, keywords = self._arguments(node)
        everything = [*given, *keywords.values()]
        if _is_super(func.value):
            return self._super(name, given, keywords, everything)
        self._read_texts(node, name)
        if owner.type != "generator":
            walk.touch(ambient.of_method(name, node, owner.type))
        method = self._functions.method(owner, name)
        if method is not None:
            return self._own_method(owner, method, given, keywords)
        attribute = self._functions.member(owner, name)
        if attribute is not None and attribute.things:
            code = Value(frozenset(t for t in attribute.things if t.is_code))
            if code.things:
                return self._functions.call(code, given, keywords)
        if any(thing.maker is not None for thing in owner.things):
            # Inherited from somewhere else: it may call any method of the class.
            held = [t for t in walk.parts(owner).things if t.is_code]
            if held:
                return self._functions.call(Value(frozenset(held)), given, keywords)
            if name in methods.READING and name not in methods.MUTATING:
                self._functions.escape(owner, everything)
                return walk.parts(owner)
            return self._unknown([owner, *everything])
        return self._tabled(node, func, owner, everything)

    def _own_method(
        self,
        owner: Value,
        method: Value,
        given: list[Value],
        keywords: Mapping[str, Value],
    ) -> Value:
        codes = [thing.code for thing in method.things if thing.code is not None]
        if any("staticmethod" in code.flags for code in codes):
            return self._functions.call(method, given, keywords)
        if any("classmethod" in code.flags for code in codes):
            return self._functions.call(method, given, keywords)
        makers = [thing.maker for thing in owner.things]
        if not any(makers) and any(t.type == "class" for t in owner.things):
            return self._functions.call(method, given, keywords)
        return self._functions.call(method, [owner, *given], keywords)

    def _super(
        self,
        name: str,
        given: list[Value],
        keywords: Mapping[str, Value],
        everything: list[Value],
    ) -> Value:
        active = self._functions.active
        maker = None if active is None else active.owner
        frame = self._walk.frames[-1] if self._walk.frames else None
        own = NOTHING
        if active is not None and frame is not None and active.node.args.args:
            own = self._walk.read(active.node.args.args[0].arg)
        if maker is not None:
            bases = Value(frozenset(maker.bases), "class")
            method = self._functions.method(bases, name)
            if method is not None:
                return self._functions.call(method, [own, *given], keywords)
        for thing in own.things:
            thing.hold(t for value in everything for t in value.things)
        self._walk.mutate(own, possible=True)
        return Value(own.things, sure=False)

    def _tabled(
        self, node: ast.Call, func: ast.Attribute, owner: Value, given: list[Value]
    ) -> Value:
        walk, name = self._walk, func.attr
        root = root_of(func.value)
        for keyword, value in zip(node.keywords, given[len(node.args) :], strict=False):
            if keyword.arg in ("out", "ax"):
                walk.mutate(value, root=root_of(keyword.value))
        called = [
            self._functions.escape(value, [owner, *given])
            for value in given
            if value.things
        ]
        if name in _DRAWING and any(thing.draws for thing in contents(owner.things)):
            walk.touch({ambient.DRAW})
        table = methods.MUTATING_BY_TYPE.get(owner.type)
        is_drawn = owner.type in ("axes", "figure")  # too many setters for a table
        is_known = not owner.things or (table is not None and not is_drawn)
        if _is_inplace(node) or name in (table or ()):
            changes = True
        elif is_known or (name in methods.DRAWING_OWN_DATA and not node.args):
            changes = False
        elif name in methods.MUTATING:
            changes = True
        elif name in methods.READING or name.startswith(methods.READING_PREFIXES):
            changes = False
        elif name.startswith(methods.CHANGING_PREFIXES):
            changes = True
        else:
            # What it holds is seldom changed, what it is given may be.
            walk.mutate(owner, root=root, possible=True)
            return joined((owner, self._unknown(given)))
        if changes:
            self._change(owner, name, given, root)
        return self._result(owner, name, called)

    def _change(
        self, owner: Value, name: str, given: list[Value], root: str | None
    ) -> None:
        """Note that a method changes its receiver, which may keep what it gets."""
        walk = self._walk
        deep = owner.type == "pipeline" or name in methods.DEEP
        walk.mutate(owner, root=root, deep=deep)
        is_adding = name in methods.HOLDING or name.startswith(("add_", "register_"))
        if is_adding and owner.type not in ("dataframe", "series"):
            held = {t for value in given for t in value.things}
            if name in ("extend", "update", "extendleft"):
                held |= {t for v in given for t in walk.parts(v).things}
            for thing in owner.things:
                thing.hold(held)

    def _result(self, owner: Value, name: str, called: list[Value]) -> Value:
        walk = self._walk
        kind = methods.result_type(owner.type, name)
        if not owner.things:
            if kind in ("list", "dict"):
                return walk.fresh(kind, is_container=True)
            if owner.type in ("str", "bytes", "number", "int", "float", "bool"):
                return Value(type_=kind or "")
            return Value(type_=kind) if kind in ("str", "number") else walk.fresh()
        if kind in ("number", "float", "int", "str", "none"):
            return Value(type_=kind)
        if name in ("fit", "set_params", "set_output", "partial_fit"):
            return owner
        if name in methods.SHARING and owner.type not in ("dataframe", "series"):
            if owner.type in ("list", "dict", "set", "tuple", "deque", "instance"):
                parts = walk.parts(owner)
                if name in ("items", "values", "keys", "copy", "elements"):
                    holds = () if name == "keys" else parts.things
                    return walk.fresh(kind or "list", holds, is_container=True)
                return parts
            if owner.type == "figure":
                return Value(owner.things, "axes" if "plot" in name else "")
            if owner.type == "ndarray" and name in ("copy", "get"):
                return walk.fresh("ndarray")
            if name == "copy":
                return walk.fresh(owner.type)
            return Value(owner.things, kind or "", sure=False)
        things: set[Thing] = set()
        for value in called:
            things |= value.things
        new = walk.fresh(kind or "", things)
        if kind in ("list", "dict", "set"):
            new = walk.fresh(kind, things, is_container=True)
        return new

    # Functions

    def _known(
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
        self._read_texts(node, name)
        everything = [*given, *keywords.values()]
        if path in ("exec", "eval", "compile", "__import__"):
            return self._evaluated(node, path, everything)
        if path in _NAMES_OF_SCOPE and not node.args:
            if not (walk.depth and path in ("locals", "vars")):
                walk.opaque(path, writes=path != "dir")
                walk.find(
                    "opaque-names",
                    f"which names `{path}()` uses cannot be known.",
                    "The step waits for all steps above it; use the names themselves.",
                )
            return NOTHING
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
            self._change(given[0], rest, everything[1:], root_of(node.args[0]))
            return walk.parts(given[0])
        if root not in BUILTINS and not known.is_known(path):
            return self._unknown(everything)
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
                self._functions.look_into(value)
        elif not path.endswith(".partial"):
            called = [
                self._functions.escape(value, everything)
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
        if kind == "subplots":
            figure = walk.fresh("figure")
            return Value(figure.things, "subplots")
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
            if path not in ("zip", "enumerate") or _SPREAD in keywords:
                return rows
            columns = [walk.parts(v) for v in everything[: len(node.args)]]
            if path == "enumerate":
                columns = [Value(type_="int"), *columns[:1]]
            row = Value(pair.things, "tuple", items=tuple(columns))
            return Value(rows.things, kind, items=(row,))
        return walk.fresh(kind, things, is_container=True)

    # Texts

    def _evaluated(self, node: ast.Call, path: str, given: list[Value]) -> Value:
        """Run `exec` and `eval` of a constant text as the code that it is."""
        walk = self._walk
        text = node.args[0] if node.args else None
        is_text = isinstance(text, ast.Constant) and isinstance(text.value, str)
        if path == "__import__" and is_text:
            return Value(type_="module", path=str(text.value))  # type: ignore[union-attr]
        if path in ("exec", "eval") and is_text and len(node.args) == 1:
            try:
                body = ast.parse(str(text.value).strip()).body  # type: ignore[union-attr]
            except (SyntaxError, ValueError):
                return NOTHING
            line = walk.line
            walk.depth += 1
            if path == "eval" and body and isinstance(body[0], ast.Expr):
                result = self._expressions.used(body[0].value)
            else:
                result = NOTHING
                self.statements.run(body)
            walk.depth -= 1
            walk.line = line
            return result
        walk.opaque(path, writes=path != "eval")
        walk.find(
            "opaque-names",
            f"which names `{path}` uses cannot be known.",
            "The step waits for all steps above it; write the code itself.",
        )
        return self._unknown(given)

    def _read_texts(self, node: ast.Call, name: str) -> None:
        """Read the names that a query, a formula or an expression mentions."""
        if name not in methods.TEXT_WITH_NAMES:
            return
        walk = self._walk
        for argument in (*node.args, *(k.value for k in node.keywords)):
            for part in ast.walk(argument):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    for word in _WORD.findall(part.value):
                        if word in walk.known and walk.key(word) is None:
                            value = walk.read(word)
                            if any(t.is_code for t in contents(value.things)):
                                self._functions.escape(value, ())


def _is_super(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "super"
    )


def _is_inplace(node: ast.Call) -> bool:
    return any(
        keyword.arg == "inplace"
        and not (
            isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        )
        for keyword in node.keywords
    )
