"""Walks the statements of a cell and collects their effects."""

from __future__ import annotations

import ast
import builtins
import itertools
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jupyter_kfx.analysis import ambient, calls
from jupyter_kfx.analysis.effects import Effects, Finding, Summary, Touch
from jupyter_kfx.analysis.scopes import local_names
from jupyter_kfx.analysis.state import NOTHING, State, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from jupyter_kfx.analysis.stars import StarImports

__all__ = ["Walker"]

_BUILTINS = frozenset(dir(builtins)) | {
    "__name__",
    "__file__",
    "__doc__",
    "__builtins__",
    "get_ipython",
    "display",
    "exit",
    "quit",
}
_OPAQUE = frozenset({"globals", "locals", "vars", "dir"})
_HISTORY = re.compile(r"_{1,3}|_i{0,3}\d*|_ih|_oh|_dh|In|Out")
_LITERALS = {
    bool: "bool",
    int: "int",
    float: "float",
    complex: "complex",
    str: "str",
    bytes: "bytes",
    type(None): "none",
    type(...): "none",
}
_NAME = re.compile(r"[^\W\d]\w*")
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
_OPAQUE_MAGICS = frozenset(
    "run store reset reset_selective xdel who whos who_ls macro rerun recall load "
    "loadpy edit notebook debug pdb R cython px autopx pylab".split()
)
_QUIET_MAGICS = frozenset(
    "matplotlib config load_ext reload_ext unload_ext autoreload time timeit capture "
    "prun env set_env cd pwd pushd popd dirs writefile file bash sh script system sx "
    "pip conda html HTML latex markdown javascript js svg SVG perl ruby pinfo pinfo2 "
    "psearch precision lsmagic magic history hist ls ll cat mkdir rm rmdir cp mv "
    "autocall automagic colors xmode logstart logstop pprint psource pfile pdoc pdef "
    "page quickref tb alias unalias rehashx gui python python3 pypy mamba uv less more "
    "man subplots tensorboard watermark memit mprun lprun".split()
)


class Walker:
    """Collects the effects of cells, in order, over one shared state."""

    def __init__(self, state: State, stars: StarImports) -> None:
        self.state = state
        self.effects = Effects()
        self._stars = stars
        self._bound: set[str] = set()
        self._scopes: list[dict[str, str]] = []
        self._class_scopes: list[bool] = []
        self._summary: Summary | None = None
        self._returned: list[Value] = []
        self._may = 0
        self._line = 0
        self._count = itertools.count()

    # Cells

    def begin(self) -> None:
        """Start a cell."""
        self.effects = Effects()
        self._bound = set()

    def end(self) -> Effects:
        """Return the effects of the cell."""
        effects = self.effects
        effects.binds = self._bound & effects.may_bind
        return effects

    def run(self, body: Iterable[ast.stmt]) -> None:
        """Take statements in."""
        for node in body:
            self._statement(node)

    def define(self, names: Iterable[str], node: ast.stmt) -> None:
        """Take in a setup statement: it binds names, as code."""
        before = set(self.effects.may_bind)
        reads = set(self.effects.reads)
        was = dict(self.effects.mutates)
        touches = set(self.effects.touches)
        self._statement(node)
        # It is replayed where it is needed: nothing of it travels as data.
        self.effects.may_bind = before
        self.effects.reads = reads
        self.effects.mutates = was
        self.effects.touches = touches
        self.effects.defines |= set(names)
        self._bound |= set(names)
        self.state.setup |= set(names)

    # Names

    def _key(self, name: str) -> str | None:
        """Return the key of a local variable, or none for a global name."""
        innermost = len(self._scopes) - 1
        for depth in range(innermost, -1, -1):
            if self._class_scopes[depth] and depth != innermost:
                continue
            if name in self._scopes[depth]:
                return self._scopes[depth][name]
        return None

    def _read(self, name: str) -> Value:
        key = self._key(name)
        if key is not None:
            return self.state.value(key)
        self._use(name)
        if name not in self.state.known and name in _BUILTINS:
            return Value(path=name, type="function")
        return self.state.value(name)

    def _use(self, name: str) -> None:
        """Note that a global name is read, and what using its value brings along."""
        self._note_read(name)
        for summary in self.state.closure(name):
            self._bring(summary)

    def _note_read(self, name: str) -> None:
        if self._summary is not None:
            self._summary.reads.add(name)
        elif name not in self._bound:
            self.effects.reads.add(name)

    def _bring(self, summary: Summary) -> None:
        for name in summary.reads:
            self._note_read(name)
        for name in summary.writes:
            self._bind_global(name, NOTHING, surely=False)
        for name, possible in summary.mutates.items():
            self._mutate(Value(frozenset({name})), possible=possible)
        self._touch(summary.touches)
        if summary.opaque:
            self._opaque(summary.opaque)

    def _bind(self, name: str, value: Value) -> None:
        key = self._key(name)
        if key is not None:
            self.state.assign(key, value, surely=not self._may)
        else:
            self._bind_global(name, value, surely=not self._may)

    def _bind_global(self, name: str, value: Value, *, surely: bool) -> None:
        if self._summary is not None:
            self._summary.writes.add(name)
            return
        self.effects.may_bind.add(name)
        self.effects.deletes.discard(name)
        self.state.assign(name, value, surely=surely)
        self.state.setup.discard(name)
        self.state.known.add(name)
        self._bound.add(name)

    def _mutate(self, value: Value, *, possible: bool = False) -> None:
        """Note that the objects a value may share change in place."""
        if value.is_immutable:
            return
        for key in self.state.sharers(value.shares):
            if self.state.value(key).is_immutable:
                continue
            if key.isidentifier():
                into = self.effects if self._summary is None else self._summary
                if isinstance(into, Effects):
                    into.mutate([key], possible=possible)
                else:
                    into.mutates[key] = into.mutates.get(key, True) and possible
                self._note_read(key)
            elif self._summary is not None and key in self._parameter_keys:
                name = self._parameter_keys[key]
                old = self._summary.changes.get(name, True)
                self._summary.changes[name] = old and possible

    def _touch(self, touches: Iterable[Touch]) -> None:
        into = self.effects if self._summary is None else self._summary
        for touch in touches:
            if touch.detail == "seed":
                self.state.seeded.add(touch.key)
            into.touches.add(touch)

    def _opaque(self, why: str) -> None:
        into = self.effects if self._summary is None else self._summary
        into.opaque = into.opaque or why

    def _find(self, code: str, message: str, cure: str, *, error: bool = False) -> None:
        self.effects.findings.append(Finding(code, message, cure, self._line, error))

    _parameter_keys: dict[str, str] = {}  # noqa: RUF012  (replaced, never changed)

    # Statements

    def _statement(self, node: ast.stmt) -> None:
        self._line = node.lineno
        method: Callable[[ast.stmt], None] | None = getattr(
            self, f"_do_{type(node).__name__}", None
        )
        if method is not None:
            method(node)
            return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self._visit(child)

    def _do_Expr(self, node: ast.Expr) -> None:
        self._visit(node.value)

    def _do_Assign(self, node: ast.Assign) -> None:
        value = self._visit(node.value)
        for target in node.targets:
            self._store(target, value, node.value)

    def _do_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._visit(node.annotation)
        if node.value is not None:
            self._store(node.target, self._visit(node.value), node.value)
        elif not isinstance(node.target, ast.Name):
            self._visit(node.target)

    def _do_AugAssign(self, node: ast.AugAssign) -> None:
        self._visit(node.value)
        target = node.target
        if isinstance(target, ast.Name):
            old = self._read(target.id)
            self._mutate(old)
            self._bind(target.id, old)
        else:
            self._store(target, NOTHING, node.value)
            self._visit(target)

    def _do_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Name):
                self._store(target, NOTHING, target)
            elif self._key(target.id) is None:
                self._note_read(target.id)
                if self._summary is not None:
                    self._summary.writes.add(target.id)
                    continue
                self.effects.deletes.add(target.id)
                self._bound.discard(target.id)
                if not self._may:
                    self.state.forget(target.id)

    def _do_Return(self, node: ast.Return) -> None:
        if node.value is not None:
            self._returned.append(self._visit(node.value))

    def _do_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.split(".")[0]
            path = alias.name if alias.asname else name
            self._bind(name, Value(type="module", path=path))

    def _do_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                self._star(module)
                continue
            path = f"{module}.{alias.name}"
            self._bind(alias.asname or alias.name, Value(path=path, type="function"))

    def _star(self, module: str) -> None:
        names = self._stars.names(module)
        if names is None:
            self._opaque(f"from {module} import *")
            self._find(
                "star-import",
                f"which names `from {module} import *` binds cannot be read from its "
                "source.",
                "Import the names that are used.",
            )
        for name in sorted(names or ()):
            self._bind(name, Value(path=f"{module}.{name}", type="function"))

    def _do_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        decorated = [self._visit(d) for d in node.decorator_list]
        summary = self._function(node, node.args, node.body)
        shares: frozenset[str] = frozenset()
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            shares |= self._visit(default).shares
        for argument in _arguments(node.args):
            if argument.annotation is not None:
                self._visit(argument.annotation)
        if node.returns is not None:
            self._visit(node.returns)
        for decorator in decorated:
            if decorator.carries is not None:
                summary = summary.join(decorator.carries)
        kind = "" if decorated else "function"
        self._bind(node.name, Value(shares, kind if not shares else "", "", summary))

    _do_AsyncFunctionDef = _do_FunctionDef

    def _do_ClassDef(self, node: ast.ClassDef) -> None:
        summary = Summary()
        for part in (
            *node.decorator_list,
            *node.bases,
            *(keyword.value for keyword in node.keywords),
        ):
            value = self._visit(part)
            if value.carries is not None:
                summary = summary.join(value.carries)
        names = local_names(node.body)
        with self._scope({name: self._new(name) for name in names}, is_class=True):
            for statement in node.body:
                self._statement(statement)
                if isinstance(statement, _FUNCTIONS):
                    key = self._key(statement.name)
                    method = self.state.carries.get(key or "")
                    if method is not None:
                        summary = summary.join(
                            Summary(
                                reads=method.reads,
                                writes=method.writes,
                                mutates=method.mutates,
                                touches=method.touches,
                                opaque=method.opaque,
                                methods={statement.name: method},
                            )
                        )
        self._bind(node.name, Value(type="class", carries=summary))

    def _do_If(self, node: ast.If) -> None:
        self._visit(node.test)
        self._branches(node.body, node.orelse)

    def _do_While(self, node: ast.While) -> None:
        before = set(self._bound)
        for _ in range(2):  # what the first turn bound may be shared in the next
            self._visit(node.test)
            with self._maybe():
                self.run(node.body)
            self._bound = set(before)
        with self._maybe():
            self.run(node.orelse)
        self._bound = before

    def _do_For(self, node: ast.For | ast.AsyncFor) -> None:
        value = self._visit(node.iter)
        element = Value(value.shares, "", "", value.carries)
        if _is_range(node.iter):
            element = Value(type="int")
        before = set(self._bound)
        for _ in range(2):
            with self._maybe():
                self._store(node.target, element, node.iter)
                self.run(node.body)
            self._bound = set(before)
        with self._maybe():
            self.run(node.orelse)
        self._bound = before

    _do_AsyncFor = _do_For

    def _do_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            value = self._visit(item.context_expr)
            if not value.path:
                self._mutate(value, possible=value.type not in ("file", "axes"))
            if item.optional_vars is not None:
                self._store(item.optional_vars, value, item.context_expr)
        before = set(self._bound)
        self.run(node.body)
        if self._may_swallow(node):
            self._bound = before

    _do_AsyncWith = _do_With

    def _may_swallow(self, node: ast.With | ast.AsyncWith) -> bool:
        """Tell whether the body may stop anywhere without an error."""
        for item in node.items:
            call = item.context_expr
            path = self._path_of(call.func) if isinstance(call, ast.Call) else ""
            if path.rpartition(".")[2] in ("suppress", "raises"):
                return True
        return False

    def _do_Try(self, node: ast.Try) -> None:
        start = set(self._bound)
        with self._maybe():
            self.run(node.body)
            self.run(node.orelse)
        ends = [set(self._bound)]
        for handler in node.handlers:
            self._bound = set(start)
            if handler.type is not None:
                self._visit(handler.type)
            names = {handler.name: self._new(handler.name)} if handler.name else {}
            with self._maybe(), self._scope(names):
                self.run(handler.body)
            if not _leaves(handler.body):
                ends.append(set(self._bound))
        self._bound = set.intersection(*ends)
        self.run(node.finalbody)

    _do_TryStar = _do_Try

    def _do_Match(self, node: ast.Match) -> None:
        subject = self._visit(node.subject)
        start = set(self._bound)
        ends = []
        for case in node.cases:
            self._bound = set(start)
            with self._maybe():
                self._pattern(case.pattern, subject)
                if case.guard is not None:
                    self._visit(case.guard)
                self.run(case.body)
            if not _leaves(case.body):
                ends.append(set(self._bound))
        last = node.cases[-1]
        is_total = last.guard is None and isinstance(last.pattern, ast.MatchAs)
        if not (is_total and last.pattern.pattern is None):  # type: ignore[attr-defined]
            ends.append(start)
        self._bound = set.intersection(*ends) if ends else start

    def _pattern(self, pattern: ast.pattern, subject: Value) -> None:
        for part in ast.walk(pattern):
            for attribute in ("name", "rest"):
                name = getattr(part, attribute, None)
                if isinstance(name, str):
                    self._bind(name, Value(subject.shares))
            if isinstance(part, ast.MatchValue):
                self._visit(part.value)
            elif isinstance(part, ast.MatchClass):
                self._visit(part.cls)
            elif isinstance(part, ast.MatchMapping):
                for key in part.keys:
                    self._visit(key)

    def _do_Global(self, node: ast.Global) -> None:
        """Names declared global are left out of the scope's locals."""

    def _branches(self, *blocks: Sequence[ast.stmt]) -> None:
        start = set(self._bound)
        ends = []
        for block in blocks:
            self._bound = set(start)
            with self._maybe():
                self.run(block)
            if not _leaves(block):
                ends.append(set(self._bound))
        self._bound = set.intersection(*ends) if ends else start

    @contextmanager
    def _maybe(self) -> Iterator[None]:
        """Walk code that may not run, or may stop anywhere."""
        self._may += 1
        try:
            yield
        finally:
            self._may -= 1

    # Scopes and functions

    def _new(self, name: str) -> str:
        return f"{name}@{next(self._count)}"

    @contextmanager
    def _scope(
        self, names: dict[str, str], *, is_class: bool = False
    ) -> Iterator[None]:
        self._scopes.append(names)
        self._class_scopes.append(is_class)
        try:
            yield
        finally:
            self._scopes.pop()
            self._class_scopes.pop()

    def _function(
        self, node: ast.AST, arguments: ast.arguments, body: Sequence[ast.stmt]
    ) -> Summary:
        """Return what calling a function does; its body is walked, not run."""
        parameters = [argument.arg for argument in _arguments(arguments)]
        names = dict.fromkeys(local_names(body, parameters))
        keys = {name: self._new(name) for name in names}
        outer = (self._summary, self._returned, self._parameter_keys, self._may)
        summary = self._summary = Summary(tuple(parameters))
        self._returned = []
        self._parameter_keys = {keys[name]: name for name in parameters}
        self._may = 0
        line = self._line
        with self._scope(keys):
            if isinstance(node, _FUNCTIONS):
                own = self._key(node.name)
                if own is None:
                    self.state.known.add(node.name)
            self.run(body)
            for value in self._returned:
                for key in self.state.sharers(value.shares):
                    if key in self._parameter_keys:
                        summary.shares.add(self._parameter_keys[key])
                    elif key.isidentifier():
                        summary.shares_globals.add(key)
                if value.carries is not None:
                    summary.reads |= value.carries.reads
                    summary.writes |= value.carries.writes
                    summary.touches |= value.carries.touches
        self._line = line
        for key in keys.values():
            self.state.forget(key)
        self._summary, self._returned, self._parameter_keys, self._may = outer
        if self._summary is not None:  # a function in a function: its globals are ours
            self._summary.reads |= summary.reads
            self._summary.writes |= summary.writes
            self._summary.touches |= summary.touches
        return summary

    # Storing

    def _store(self, target: ast.expr, value: Value, source: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                self._bind(name, value)
            case ast.Starred(value=inner):
                self._store(inner, Value(value.shares, "list"), source)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                self._unpack(elements, value, source)
            case ast.Attribute(value=owner) | ast.Subscript(value=owner):
                held = self._visit(owner)
                if isinstance(target, ast.Subscript):
                    self._visit(target.slice)
                self._mutate(held)
                path = self._path_of(target)
                self._touch(ambient.of_store(path))
                if (
                    not value.is_immutable
                    and value.shares
                    and held.type
                    not in (
                        "dataframe",
                        "series",
                        "ndarray",
                    )
                ):
                    self.state.link({*held.shares, *value.shares})
                if value.carries is not None:
                    for key in held.shares:
                        self.state.assign(
                            key, Value(frozenset(), "", "", value.carries), surely=False
                        )

    def _unpack(
        self, elements: Sequence[ast.expr], value: Value, source: ast.expr
    ) -> None:
        if isinstance(source, ast.Tuple | ast.List) and len(source.elts) == len(
            elements
        ):
            if not any(isinstance(e, ast.Starred) for e in (*elements, *source.elts)):
                parts = [self._visit(part) for part in source.elts]
                for element, part, own in zip(
                    elements, parts, source.elts, strict=True
                ):
                    self._store(element, part, own)
                return
        kinds = {"subplots": ["figure", "axes"]}.get(value.type, [])
        element_type = "ndarray" if value.type == "splits" else ""
        for i, element in enumerate(elements):
            kind = kinds[i] if i < len(kinds) else element_type
            self._store(element, Value(value.shares, kind, "", value.carries), source)
        if kinds and len(elements) == 2:  # noqa: PLR2004  (a figure and its axes)
            keys = set()
            for element in elements:
                for name in _stored_names(element):
                    keys.add(self._key(name) or name)
            self.state.link(keys)

    # Expressions

    def _visit(self, node: ast.expr) -> Value:
        method: Callable[[ast.expr], Value] | None = getattr(
            self, f"_see_{type(node).__name__}", None
        )
        if method is not None:
            return method(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self._visit(child)
        return NOTHING

    def _see_Constant(self, node: ast.Constant) -> Value:
        return Value(type=_LITERALS.get(type(node.value), ""))

    def _see_Name(self, node: ast.Name) -> Value:
        return self._read(node.id)

    def _see_JoinedStr(self, node: ast.JoinedStr) -> Value:
        for part in node.values:
            self._visit(part)
        return Value(type="str")

    def _see_Attribute(self, node: ast.Attribute) -> Value:
        owner = self._visit(node.value)
        path = f"{owner.path}.{node.attr}" if owner.path else ""
        if owner.path:
            return Value(path=path, type="function")
        if node.attr in ("shape", "size", "ndim", "dtype", "columns", "index", "name"):
            return Value(owner.shares if node.attr == "index" else frozenset())
        if node.attr in ("T", "values", "real", "imag", "flat") and owner.type:
            return Value(owner.shares, "ndarray" if owner.type != "dataframe" else "")
        if owner.type == "class":
            return Value(owner.shares, "", "", owner.carries)
        return Value(owner.shares, "", "", owner.carries)

    def _see_Subscript(self, node: ast.Subscript) -> Value:
        owner = self._visit(node.value)
        self._visit(node.slice)
        if owner.path:
            return Value()
        if owner.type == "str":
            return Value(type="str")
        if owner.type == "dataframe":
            kind, shares = self._frame_part(node)
            return Value(shares, kind)
        if owner.type in ("series", "ndarray"):
            is_view = isinstance(node.slice, ast.Slice | ast.Tuple)
            shares = (
                owner.shares if is_view and owner.type == "ndarray" else frozenset()
            )
            return Value(shares, owner.type if is_view else "")
        return Value(owner.shares, "", "", owner.carries)

    def _frame_part(self, node: ast.Subscript) -> tuple[str, frozenset[str]]:
        if isinstance(node.slice, ast.List):
            return "dataframe", frozenset()
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            return "series", frozenset()
        return "", frozenset()

    def _see_Starred(self, node: ast.Starred) -> Value:
        return self._visit(node.value)

    def _see_Await(self, node: ast.Await) -> Value:
        return self._visit(node.value)

    def _see_NamedExpr(self, node: ast.NamedExpr) -> Value:
        value = self._visit(node.value)
        # In a comprehension it binds in the scope around it.
        depth = len(self._scopes)
        hidden: list[tuple[dict[str, str], bool]] = []
        while depth and self._scopes[depth - 1].get("", "") == "comprehension":
            hidden.append((self._scopes.pop(), self._class_scopes.pop()))
            depth -= 1
        self._bind(node.target.id, value)
        for scope, is_class in reversed(hidden):
            self._scopes.append(scope)
            self._class_scopes.append(is_class)
        return value

    def _see_BoolOp(self, node: ast.BoolOp) -> Value:
        first = self._visit(node.values[0])
        bound = set(self._bound)
        shares = first.shares
        with self._maybe():
            for part in node.values[1:]:
                shares |= self._visit(part).shares
        self._bound = bound
        return Value(shares)

    def _see_IfExp(self, node: ast.IfExp) -> Value:
        self._visit(node.test)
        bound = set(self._bound)
        with self._maybe():
            body, other = self._visit(node.body), self._visit(node.orelse)
        self._bound = bound
        kind = body.type if body.type == other.type else ""
        carries = body.carries or other.carries
        if body.carries and other.carries:
            carries = body.carries.join(other.carries)
        return Value(body.shares | other.shares, kind, "", carries)

    def _see_Compare(self, node: ast.Compare) -> Value:
        self._visit(node.left)
        self._visit(node.comparators[0])
        bound = set(self._bound)
        with self._maybe():
            for part in node.comparators[1:]:
                self._visit(part)
        self._bound = bound
        return NOTHING

    def _see_BinOp(self, node: ast.BinOp) -> Value:
        left, right = self._visit(node.left), self._visit(node.right)
        numbers = {"int", "float", "number", "bool"}
        if left.type in numbers and right.type in numbers:
            return Value(type="number")
        for kind in ("dataframe", "series", "ndarray", "str", "list"):
            if kind in (left.type, right.type):
                return Value(type=kind)
        return NOTHING

    def _see_Tuple(self, node: ast.Tuple | ast.List | ast.Set) -> Value:
        values = [self._visit(element) for element in node.elts]
        kind = {ast.List: "list", ast.Set: "set"}.get(type(node), "")
        if not kind and all(value.is_immutable for value in values):
            kind = "number"
        return _joined(values, kind)

    _see_List = _see_Tuple
    _see_Set = _see_Tuple

    def _see_Dict(self, node: ast.Dict) -> Value:
        parts = [*filter(None, node.keys), *node.values]
        return _joined([self._visit(part) for part in parts], "dict")

    def _see_Lambda(self, node: ast.Lambda) -> Value:
        shares: frozenset[str] = frozenset()
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            shares |= self._visit(default).shares
        body = [ast.Return(value=node.body, lineno=node.lineno, col_offset=0)]
        return Value(shares, "", "", self._function(node, node.args, body))

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> Value:
        first = self._visit(node.generators[0].iter)
        names = {
            name: self._new(name)
            for generator in node.generators
            for name in _stored_names(generator.target)
        }
        bound = set(self._bound)
        with self._scope({**names, "": "comprehension"}), self._maybe():
            for i, generator in enumerate(node.generators):
                value = first if i == 0 else self._visit(generator.iter)
                element = Value(value.shares, "", "", value.carries)
                self._store(generator.target, element, generator.iter)
                for condition in generator.ifs:
                    self._visit(condition)
            if isinstance(node, ast.DictComp):
                parts = [self._visit(node.key), self._visit(node.value)]
            else:
                parts = [self._visit(node.elt)]
            value = _joined(parts, "")
            shares = frozenset(
                key
                for key in self.state.sharers(value.shares)
                if key not in names.values()
            )
        for key in names.values():
            self.state.forget(key)
        self._bound = bound
        kind = {ast.ListComp: "list", ast.SetComp: "set", ast.DictComp: "dict"}
        return Value(shares, kind.get(type(node), ""), "", value.carries)

    _see_ListComp = _comprehension
    _see_SetComp = _comprehension
    _see_DictComp = _comprehension
    _see_GeneratorExp = _comprehension

    # Calls

    def _path_of(self, node: ast.expr) -> str:
        """Return the dotted path that an expression stands for, or nothing."""
        if isinstance(node, ast.Name):
            if self._key(node.id) is not None:
                return ""
            if node.id not in self.state.known and node.id in _BUILTINS:
                return node.id
            return self.state.paths.get(node.id, "")
        if isinstance(node, ast.Attribute):
            owner = self._path_of(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        return self._path_of(node.value) if isinstance(node, ast.Subscript) else ""

    def _see_Call(self, node: ast.Call) -> Value:
        if _is_ipython(node.func):
            return self._ipython(node)
        function = self._visit(node.func)
        arguments = [self._visit(argument) for argument in node.args]
        keywords = {k.arg: self._visit(k.value) for k in node.keywords}
        everything = [*arguments, *keywords.values()]
        self._text_names(node)
        for argument in everything:
            if argument.carries is not None:
                self._bring(argument.carries)
        if function.carries is not None:
            called = self._called(node, function, arguments, keywords)
            if called is not None:
                return called
        if isinstance(node.func, ast.Attribute) and not function.path:
            return self._method(node, node.func, everything)
        if function.path:
            return self._known(node, function.path, everything)
        return self._unknown(everything, function)

    def _called(
        self,
        node: ast.Call,
        function: Value,
        arguments: list[Value],
        keywords: dict[str | None, Value],
    ) -> Value | None:
        """Call a function, a class or a method of the notebook."""
        summary = function.carries
        assert summary is not None
        receiver: Value | None = None
        if isinstance(node.func, ast.Attribute):
            if function.path or node.func.attr not in summary.methods:
                return None
            receiver = Value(function.shares)
            summary = summary.methods[node.func.attr]
            arguments = [receiver, *arguments]
        elif summary.methods or function.type == "class":
            everything = [*arguments, *keywords.values()]
            shares = frozenset().union(*(v.shares for v in everything))
            constructor = summary.methods.get("__init__")
            if constructor is not None:
                self._apply(constructor, [NOTHING, *arguments], keywords)
            return Value(shares, "", "", summary)
        shares = self._apply(summary, arguments, keywords)
        return Value(shares, "", "", summary if summary.methods else None)

    def _apply(
        self,
        summary: Summary,
        arguments: list[Value],
        keywords: dict[str | None, Value],
    ) -> frozenset[str]:
        given = dict(zip(summary.parameters, arguments, strict=False))
        given.update({k: v for k, v in keywords.items() if k is not None})
        rest = arguments[len(summary.parameters) :]
        for name, possible in summary.changes.items():
            for value in [given[name]] if name in given else rest:
                self._mutate(value, possible=possible)
        self._bring(summary)
        shares = frozenset(summary.shares_globals)
        for name in summary.shares:
            for value in [given[name]] if name in given else rest:
                shares |= value.shares
        return shares

    def _method(self, node: ast.Call, func: ast.Attribute, given: list[Value]) -> Value:
        owner = self._visit(func.value)
        name = func.attr
        if owner.type != "generator":
            self._touch(ambient.of_method(name, node))
        inplace = any(
            k.arg == "inplace"
            and not (isinstance(k.value, ast.Constant) and k.value.value is False)
            for k in node.keywords
        )
        out = [
            v
            for k, v in zip(node.keywords, given[len(node.args) :], strict=True)
            if k.arg == "out"
        ]
        for value in out:
            self._mutate(value)
        table = calls.TYPE_MUTATING.get(owner.type)
        kind = calls.attribute_type(owner.type, name)
        shares = owner.shares if name in calls.SHARING_METHODS else frozenset()
        holds = name in (
            "append",
            "add",
            "insert",
            "extend",
            "update",
            "setdefault",
            "appendleft",
            "put",
            "push",
            "__setitem__",
            "set_params",
        )
        if inplace or (name in table if table else name in calls.MUTATING_METHODS):
            self._mutate(owner)
            if holds and owner.type not in ("dataframe", "series", "axes"):
                new = frozenset().union(
                    *(v.shares for v in given if not v.is_immutable)
                )
                if new:
                    self.state.link({*owner.shares, *new})
                for value in given:
                    if value.carries is not None:
                        for key in owner.shares:
                            self.state.assign(
                                key, Value(carries=value.carries), surely=False
                            )
            return Value(shares, kind)
        if owner.is_immutable or table is not None or name in calls.READING_METHODS:
            return Value(shares, kind, "", owner.carries if shares else None)
        self._mutate(owner, possible=True)
        return self._unknown(given, owner)

    def _known(self, node: ast.Call, path: str, given: list[Value]) -> Value:
        """Call a builtin or something imported."""
        self._touch(ambient.of_call(path, node))
        root, _, _ = path.partition(".")
        name = path.rpartition(".")[2]
        everything = frozenset().union(*(v.shares for v in given))
        if path in ("exec", "eval", "compile", "__import__"):
            return self._evaluated(node, path, given)
        if path in _OPAQUE and not node.args:
            self._opaque(path)
            self._find(
                "opaque-names",
                f"which names `{path}()` uses cannot be known.",
                "The step waits for all steps above it; use the names themselves.",
            )
            return NOTHING
        if path == "input" or name in ("getpass", "raw_input"):
            self._find(
                "asks-the-user",
                f"`{name}()` waits for an answer, and nobody is there to give one.",
                "Make it a parameter: assign a default in a cell tagged `parameters`.",
                error=True,
            )
            return NOTHING
        for value, keyword in zip(given[len(node.args) :], node.keywords, strict=True):
            if keyword.arg == "out" or (keyword.arg == "ax" and value.shares):
                self._mutate(value)
        kind = calls.FACTORY_TYPES.get(path, "")
        if path in calls.FIRST_ARGUMENT_CHANGES:
            if given:
                self._mutate(given[0])
            return Value(everything if path == "next" else frozenset())
        if path == "open":
            return Value(type="file")
        if path == "matplotlib.pyplot.subplots":
            return Value(type="subplots")
        if path in calls.PURE_BUILTINS:
            return Value(type=kind)
        if path in calls.SHARING_BUILTINS or path in calls.SHARING_FUNCTIONS:
            return Value(everything, kind)
        if root == "torch":
            return Value(everything)
        if root in calls.KNOWN_MODULES:
            carries = _joined(given, "").carries
            return Value(frozenset(), kind or _made_by(root, name), "", carries)
        if name in _BUILTINS and path == name:
            return Value(type=kind)
        return self._unknown(given, NOTHING)

    def _unknown(self, given: list[Value], function: Value) -> Value:
        for value in given:
            self._mutate(value, possible=True)
        # What it gives may call the functions that it was given.
        return _joined([function, *given], "")

    def _evaluated(self, node: ast.Call, path: str, given: list[Value]) -> Value:
        """Run `exec` and `eval` of a constant text as the code that it is."""
        text = node.args[0] if node.args else None
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            try:
                body = ast.parse(text.value.strip()).body
            except SyntaxError:
                return NOTHING
            if len(node.args) == 1 and path in ("exec", "eval"):
                line = self._line
                with self._maybe():
                    for statement in body:
                        self._statement(statement)
                self._line = line
                return NOTHING
        self._opaque(path)
        self._find(
            "opaque-names",
            f"which names `{path}` uses cannot be known.",
            "The step waits for all steps above it; write the code itself.",
        )
        return self._unknown(given, NOTHING)

    def _text_names(self, node: ast.Call) -> None:
        """Read the names that a query, a formula or an expression mentions."""
        func = node.func
        name = func.attr if isinstance(func, ast.Attribute) else ""
        name = func.id if isinstance(func, ast.Name) else name
        if name not in calls.TEXT_WITH_NAMES:
            return
        for argument in (*node.args, *(k.value for k in node.keywords)):
            for part in ast.walk(argument):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    for word in _NAME.findall(part.value):
                        if word in self.state.known and self._key(word) is None:
                            self._use(word)

    # IPython

    def _ipython(self, node: ast.Call) -> Value:
        assert isinstance(node.func, ast.Attribute)
        method = node.func.attr
        texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
        words = [text for text in texts if isinstance(text, str)]
        if method in ("system", "getoutput", "getoutput"):
            self._touch(ambient.of_magic("system", ""))
            self._interpolated(" ".join(words))
            return Value(type="list")
        if method in ("run_line_magic", "run_cell_magic") and len(words) > 1:
            return self._magic(words[0], words[1], words[2:], method)
        if method in ("user_ns", "ex", "ev", "run_cell", "push"):
            self._opaque(f"get_ipython().{method}")
        for argument in node.args:
            self._visit(argument)
        return NOTHING

    def _magic(self, name: str, line: str, body: list[str], method: str) -> Value:
        self._touch(ambient.of_magic(name, line))
        self._interpolated(line)
        if name in ("time", "timeit", "prun") and method == "run_line_magic":
            self._python_line(line, surely=name != "timeit")
        elif name == "capture" and line.split():
            words = [word for word in line.split() if not word.startswith("-")]
            for word in words[:1]:
                self._bind(word, NOTHING)
        elif name in ("bash", "sh", "script", "html", "latex", "markdown"):
            words = line.split()
            for option, target in itertools.pairwise(words):
                if option in ("--out", "--err", "--proc"):
                    self._bind(target, NOTHING)
        elif name in _OPAQUE_MAGICS or name not in _QUIET_MAGICS:
            self._opaque(f"%{name}")
            self._find(
                "opaque-names",
                f"which names `%{name}` uses cannot be known.",
                "The step waits for all steps above it; write it as Python.",
            )
        del body
        return NOTHING

    def _python_line(self, line: str, *, surely: bool) -> None:
        code = re.sub(r"^(?:-\w+(?:\s+\S+)?\s+)+", "", line)
        try:
            body = ast.parse(code).body
        except SyntaxError:
            return
        if surely:
            self.run(body)
        else:
            with self._maybe():
                self.run(body)

    def _interpolated(self, text: str) -> None:
        """Read the names in `{expr}` and `$name`."""
        for word in re.findall(r"\$([^\W\d]\w*)", text):
            if word in self.state.known:
                self._use(word)
        for expression in re.findall(r"\{([^{}]+)\}", text):
            try:
                self._visit(ast.parse(expression.strip(), mode="eval").body)
            except SyntaxError:
                continue


def _made_by(root: str, name: str) -> str:
    if root == "sklearn" and name[:1].isupper():
        return "estimator"
    if root == "sklearn" and name == "train_test_split":
        return "splits"
    if root == "numpy":
        return "ndarray"
    if root == "math" or name in ("accuracy_score", "f1_score", "r2_score"):
        return "number"
    return ""


def _joined(values: Iterable[Value], kind: str) -> Value:
    shares: frozenset[str] = frozenset()
    carries: Summary | None = None
    for value in values:
        if not value.is_immutable:
            shares |= value.shares
        if value.carries is not None:
            carries = carries.join(value.carries) if carries else value.carries
    return Value(shares, kind, "", carries)


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    found = [*arguments.posonlyargs, *arguments.args]
    found += [a for a in (arguments.vararg,) if a is not None]
    found += arguments.kwonlyargs
    return found + [a for a in (arguments.kwarg,) if a is not None]


def _stored_names(target: ast.expr) -> set[str]:
    """Return the names that a target binds; those that it only reads are left out."""
    match target:
        case ast.Name(id=name):
            return {name}
        case ast.Starred(value=inner):
            return _stored_names(inner)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return set().union(*map(_stored_names, elements))
    return set()


def _leaves(block: Sequence[ast.stmt]) -> bool:
    return bool(block) and isinstance(
        block[-1], ast.Raise | ast.Return | ast.Continue | ast.Break
    )


def _is_range(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "range"
    )


def _is_ipython(func: ast.expr) -> bool:
    return (
        isinstance(func, ast.Attribute)
        and isinstance(func.value, ast.Call)
        and isinstance(func.value.func, ast.Name)
        and func.value.func.id == "get_ipython"
    )
