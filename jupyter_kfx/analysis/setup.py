"""Which statements are setup: replaying them gives the same as running them once."""

from __future__ import annotations

import ast
import re
import symtable
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.walk import BUILTINS
from jupyter_kfx.analysis.words import words
from jupyter_kfx.notebook.constants import NotConstantError, constant
from jupyter_kfx.pipeline.model import SetupKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_kfx.analysis.walk import Walk

__all__ = ["bound_names", "kind_of", "needs"]

_DECORATORS = words("""
    staticmethod classmethod property functools.wraps functools.lru_cache
    functools.cache functools.total_ordering functools.cached_property
    functools.singledispatch dataclasses.dataclass contextlib.contextmanager
    contextlib.asynccontextmanager abc.abstractmethod typing.overload typing.final
    typing.no_type_check typing.runtime_checkable enum.unique numba.jit numba.njit
    numba.vectorize typing.override
    IPython.core.magic.register_line_magic IPython.core.magic.register_cell_magic
    IPython.core.magic.register_line_cell_magic IPython.core.magic.needs_local_scope
    """)
_MAKERS = words("""
    collections.namedtuple enum.Enum enum.IntEnum enum.Flag enum.IntFlag enum.StrEnum
    typing.NamedTuple typing.TypedDict typing.NewType typing.TypeVar typing.ParamSpec
    dataclasses.make_dataclass typing.TypeVarTuple
    """)
_IN_CLASSES = words("""
    dataclasses.field enum.auto property staticmethod classmethod frozenset tuple
    functools.partialmethod
    """)
_SETTINGS = words("""
    pandas.set_option numpy.set_printoptions numpy.seterr warnings.filterwarnings
    warnings.simplefilter matplotlib.pyplot.style.use matplotlib.style.use
    matplotlib.use matplotlib.rc matplotlib.pyplot.rc seaborn.set seaborn.set_theme
    seaborn.set_style seaborn.set_context seaborn.set_palette logging.basicConfig
    sys.path.append sys.path.insert locale.setlocale os.chdir
    """)
_SETTING_STORES = (
    "matplotlib.pyplot.rcParams",
    "matplotlib.rcParams",
    "pandas.options",
    "os.environ",
)
_SETTING_MAGICS = words(
    "matplotlib config load_ext autoreload precision autocall colors xmode alias_magic"
)
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


def kind_of(node: ast.stmt, walk: Walk) -> SetupKind | None:
    """Return what kind of setup a top-level statement is, or none if it is none."""
    match node:
        case ast.Import():
            return SetupKind.IMPORT
        case ast.ImportFrom():
            return SetupKind.IMPORT
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return SetupKind.DEFINITION if _is_plain_function(node, walk) else None
        case ast.ClassDef():
            return SetupKind.DEFINITION if _is_plain_class(node, walk) else None
        case ast.Assign(targets=[ast.Name()], value=ast.Call() as call):
            return SetupKind.DEFINITION if _makes_class(call, walk) else None
        case ast.If() | ast.Try():
            return SetupKind.IMPORT if _only_imports(node, walk) else None
        case ast.Expr(value=ast.Call() as call):
            magic = _magic(call)
            if magic is not None:
                return SetupKind.SETTING if _is_setting_magic(*magic) else None
            is_setting = _path(call.func, walk) in _SETTINGS
            return SetupKind.SETTING if is_setting and _is_constant(call) else None
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript() as target]):
            path = _path(target, walk)
            is_setting = _is_setting(target, walk) and (
                (path.startswith(_SETTING_STORES) and _is_value(node.value))
                or _is_code(node.value, walk)
            )
            return SetupKind.SETTING if is_setting else None
    return None


def bound_names(node: ast.stmt, stars: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the names that a setup statement binds."""
    match node:
        case ast.Import(names=aliases):
            return tuple(a.asname or a.name.split(".")[0] for a in aliases)
        case ast.ImportFrom(names=aliases) if aliases[0].name == "*":
            return tuple(stars)
        case ast.ImportFrom(names=aliases):
            return tuple(a.asname or a.name for a in aliases)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return (name,)
        case ast.ClassDef(name=name):
            return (name,)
        case ast.Assign(targets=[ast.Name(id=name)]):
            return (name,)
        case ast.If() | ast.Try():
            found = [bound_names(part) for part in _parts(node)]
            return tuple(dict.fromkeys(name for names in found for name in names))
    return ()


def needs(node: ast.stmt, code: str) -> tuple[str, ...]:
    """Return the global names that a statement may read, now or when it is used."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return ()
    try:
        todo = [symtable.symtable(code, "setup", "exec")]
    except SyntaxError:  # IPython syntax
        todo = [symtable.symtable(ast.unparse(node), "setup", "exec")]
    found: set[str] = set()
    while todo:
        table = todo.pop()
        todo += table.get_children()
        is_module = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (is_module or symbol.is_global()):
                found.add(symbol.get_name())
    return tuple(sorted(found - BUILTINS))


def _path(node: ast.expr, walk: Walk) -> str:
    if isinstance(node, ast.Name):
        return walk.path_of(node.id)
    if isinstance(node, ast.Attribute):
        owner = _path(node.value, walk)
        return f"{owner}.{node.attr}" if owner else ""
    return _path(node.value, walk) if isinstance(node, ast.Subscript) else ""


def _is_setting(target: ast.Attribute | ast.Subscript, walk: Walk) -> bool:
    """Tell whether a target is an option or an attribute of a module.

    Replaying `module.attribute = constant` gives each step the same state.
    """
    path = _path(target, walk)
    if not path:
        return False
    if isinstance(target, ast.Attribute):
        return True
    return path.startswith(_SETTING_STORES) and isinstance(target.slice, ast.Constant)


def _is_from_setup(node: ast.expr | None, walk: Walk) -> bool:
    """Tell whether an expression reads setup and constants only, and calls nothing."""
    if node is None:
        return True
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            known = part.id in walk.known
            if part.id not in walk.setup and (known or part.id not in BUILTINS):
                return False
        elif isinstance(
            part, ast.Call | ast.Await | ast.NamedExpr | ast.Lambda | ast.ListComp
        ):
            return False
    return True


def _is_immutable(node: ast.expr | None, walk: Walk) -> bool:
    match node:
        case None | ast.Constant():
            return True
        case ast.Tuple(elts=elements):
            return all(_is_immutable(e, walk) for e in elements)
        case ast.UnaryOp(operand=operand):
            return _is_immutable(operand, walk)
        case ast.BinOp(left=left, right=right):
            return _is_immutable(left, walk) and _is_immutable(right, walk)
        case ast.Name() | ast.Attribute():
            return _is_from_setup(node, walk)
    return False


def _is_plain_function(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    walk: Walk,
    own: frozenset[str] = frozenset(),
) -> bool:
    arguments = node.args
    defaults = [*arguments.defaults, *arguments.kw_defaults]
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    annotations = [a.annotation for a in every] + [node.returns]
    return (
        all(_is_immutable(default, walk) for default in defaults)
        and all(_is_annotation(a, walk) for a in annotations)
        and all(_is_pure_decorator(d, walk, own) for d in node.decorator_list)
    )


def _is_annotation(node: ast.expr | None, walk: Walk) -> bool:
    return isinstance(node, ast.Constant) or _is_from_setup(node, walk)


def _is_pure_decorator(
    node: ast.expr, walk: Walk, own: frozenset[str] = frozenset()
) -> bool:
    if isinstance(node, ast.Attribute) and node.attr in ("setter", "deleter", "getter"):
        return isinstance(node.value, ast.Name) and node.value.id in own
    if isinstance(node, ast.Call):
        given = [*node.args, *(k.value for k in node.keywords)]
        return _path(node.func, walk) in _DECORATORS and all(
            _is_immutable(value, walk) or _is_value(value) for value in given
        )
    return _path(node, walk) in _DECORATORS


def _is_plain_class(node: ast.ClassDef, walk: Walk) -> bool:
    parts = [*node.bases, *(keyword.value for keyword in node.keywords)]
    if not all(
        _is_from_setup(part, walk) or _makes_class(part, walk) for part in parts
    ):
        return False
    if not all(_is_pure_decorator(d, walk) for d in node.decorator_list):
        return False
    own: frozenset[str] = frozenset()
    for statement in node.body:
        if not _is_plain_member(statement, walk, own):
            return False
        if isinstance(statement, _FUNCTIONS | ast.ClassDef):
            own |= {statement.name}
        elif isinstance(statement, ast.Assign):
            own |= {t.id for t in statement.targets if isinstance(t, ast.Name)}
    return True


def _is_plain_member(node: ast.stmt, walk: Walk, own: frozenset[str]) -> bool:
    match node:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return _is_plain_function(node, walk, own)
        case ast.ClassDef():
            return _is_plain_class(node, walk)
        case ast.Assign(targets=targets, value=value):
            names_only = all(isinstance(t, ast.Name) for t in targets)
            return names_only and _is_member_value(value, walk, own)
        case ast.AnnAssign(target=ast.Name(), annotation=annotation, value=value):
            return _is_annotation(annotation, walk) and (
                value is None or _is_member_value(value, walk, own)
            )
    return False


def _is_member_value(node: ast.expr, walk: Walk, own: frozenset[str]) -> bool:
    if _is_value(node) or _is_immutable(node, walk):
        return True
    if isinstance(node, ast.Name):
        return node.id in own
    if isinstance(node, ast.Tuple):
        return all(_is_member_value(e, walk, own) for e in node.elts)
    if isinstance(node, ast.Call) and _path(node.func, walk) in _IN_CLASSES:
        given = [*node.args, *(k.value for k in node.keywords)]
        return all(_is_member_value(v, walk, own) for v in given)
    return isinstance(node, ast.Lambda) and not node.args.defaults


def _makes_class(node: ast.expr, walk: Walk) -> bool:
    if not isinstance(node, ast.Call) or _path(node.func, walk) not in _MAKERS:
        return False
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    return all(_is_value(value) or _is_from_setup(value, walk) for value in given)


def _is_value(node: ast.expr) -> bool:
    try:
        constant(node)
    except NotConstantError:
        return False
    return True


def _is_code(node: ast.expr, walk: Walk) -> bool:
    """Tell whether an expression gives an equal value whenever it is replayed."""
    if isinstance(node, ast.Lambda):
        return not (node.args.defaults or node.args.kw_defaults)
    return _is_immutable(node, walk)


def _is_constant(call: ast.Call) -> bool:
    return all(map(_is_value, [*call.args, *(k.value for k in call.keywords)]))


def _magic(call: ast.Call) -> tuple[str, str] | None:
    match call:
        case ast.Call(
            func=ast.Attribute(
                value=ast.Call(func=ast.Name(id="get_ipython")), attr="run_line_magic"
            ),
            args=[ast.Constant(value=str(name)), ast.Constant(value=str(line))],
        ):
            return name, line
    return None


def _is_setting_magic(name: str, line: str) -> bool:
    """Tell whether a line magic configures the kernel, with nothing but constants."""
    if re.search(r"[{$]", line):
        return False
    if name in ("env", "set_env"):
        return re.search(r"[=\s]", line.strip()) is not None
    return name in _SETTING_MAGICS or (name == "cd" and bool(line.strip("- ")))


def _parts(node: ast.If | ast.Try) -> list[ast.stmt]:
    blocks = [node.body, node.orelse]
    if isinstance(node, ast.Try):
        blocks += [handler.body for handler in node.handlers] + [node.finalbody]
    return [statement for block in blocks for statement in block]


def _only_imports(node: ast.If | ast.Try, walk: Walk) -> bool:
    """Tell whether an `if` or `try` only chooses between imports and constants."""
    has_import = False
    for part in _parts(node):
        match part:
            case ast.Import() | ast.ImportFrom():
                has_import = True
            case ast.Pass():
                pass
            case ast.Assign(targets=[ast.Name()], value=value) if isinstance(
                value, ast.Constant
            ):
                pass
            case _:
                return False
    tests = [node.test] if isinstance(node, ast.If) else []
    return has_import and all(_is_from_setup(test, walk) for test in tests)
