"""Which statements are setup: replaying them gives the same as running them once."""

from __future__ import annotations

import ast
import re
import symtable
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.constancy import (
    is_constant,
    is_from_setup,
    is_replayable,
    path_of,
)
from jupyter_kfx.analysis.definitions import (
    is_made_alike,
    is_plain_class,
    is_plain_function,
    makes_class,
)
from jupyter_kfx.analysis.scopes import BUILTINS
from jupyter_kfx.analysis.words import words
from jupyter_kfx.pipeline.model import SetupKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_kfx.analysis.walk import Walk

__all__ = ["bound_names", "kind_of", "needs", "stays_behind"]

_SETTINGS = words("""
    pandas.set_option numpy.set_printoptions numpy.seterr warnings.filterwarnings
    warnings.simplefilter matplotlib.pyplot.style.use matplotlib.style.use
    matplotlib.use matplotlib.rc matplotlib.pyplot.rc seaborn.set seaborn.set_theme
    seaborn.set_style seaborn.set_context seaborn.set_palette logging.basicConfig
    sys.path.append sys.path.insert locale.setlocale os.chdir
    tqdm.tqdm.pandas tqdm.auto.tqdm.pandas tqdm.notebook.tqdm.pandas
    tqdm.pandas sklearn.set_config mimetypes.add_type gc.disable gc.enable
    nest_asyncio.apply nest_asyncio2.apply
    polars.Config holoviews.output bokeh.io.output_file bokeh.plotting.output_file
    """)
_REGISTRIES = words("""
    copyreg.pickle codecs.register_error sqlite3.register_adapter
    sqlite3.register_converter holoviews.opts.defaults
    """)
"""Settings that take classes and functions."""
_SETTER = re.compile(
    r"set(_(?!(up|experiment)|\w*(seed|state|trace))\w+|[A-Z](?!\w*Seed)\w+)"
    r"|(en|dis)able(_\w+)?|register(_\w+)?|use(_\w+)?|init_(notebook|printing)\w*"
    r"|configure|(notebook_)?extension|output_notebook|add_enabled_\w+"
)
_CONFIGURATION = re.compile(r".*\b(\w*config|default_\w+)\.(set|update)")
"""Names of functions that set what a library keeps to itself, and do no more."""
_NO_SETTERS = words("""
    builtins os sys io random atexit signal subprocess threading asyncio pdb ctypes
    socket time abc collections numbers typing unittest
    """)
"""Packages whose functions of such names do more, or whose state travels as data."""
_HANDED_ON = words("""
    decimal locale logging matplotlib numpy pandas seaborn sklearn torch warnings
    """)
"""Packages whose settings travel as data."""
_SETTING_STORES = (
    "matplotlib.pyplot.rcParams",
    "matplotlib.rcParams",
    "pandas.options",
    "os.environ",
)
_SETTING_MAGICS = words(
    "matplotlib config load_ext autoreload precision autocall colors xmode alias_magic"
)


def kind_of(node: ast.stmt, walk: Walk) -> SetupKind | None:
    """Return what kind of setup a top-level statement is, or none if it is none."""
    if walk.changing and not walk.changing.isdisjoint(_defined_names(node)):
        return None
    match node:
        case ast.Import():
            return SetupKind.IMPORT
        case ast.ImportFrom():
            return SetupKind.IMPORT
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return SetupKind.DEFINITION if is_plain_function(node, walk) else None
        case ast.ClassDef():
            return SetupKind.DEFINITION if is_plain_class(node, walk) else None
        case ast.Assign(targets=[ast.Name()], value=ast.Call() as call):
            return SetupKind.DEFINITION if makes_class(call, walk) else None
        case ast.If() | ast.Try():
            return SetupKind.IMPORT if _only_imports(node, walk) else None
        case ast.Expr(value=ast.Call() as call):
            magic = _magic(call)
            if magic is not None:
                return SetupKind.SETTING if _is_setting_magic(*magic) else None
            path = path_of(call.func, walk)
            is_setting = (path in _SETTINGS and _takes_constants(call)) or (
                (path in _REGISTRIES or _is_named_setting(path))
                and all(is_made_alike(argument, walk) for argument in _given(call))
            )
            return SetupKind.SETTING if is_setting else None
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript() as target]):
            path = path_of(target, walk)
            is_setting = _is_setting(target, walk) and (
                (path.startswith(_SETTING_STORES) and is_constant(node.value))
                or is_replayable(node.value, walk)
            )
            return SetupKind.SETTING if is_setting else None
    return None


def stays_behind(node: ast.stmt, walk: Walk) -> str | None:
    """Return what a statement that is no setup sets a library with, if steps lose that."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return None
    path = path_of(node.value.func, walk)
    is_lost = _is_named_setting(path) and path.partition(".")[0] not in _HANDED_ON
    return path if is_lost else None


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


def _defined_names(node: ast.stmt) -> tuple[str, ...]:
    is_import = isinstance(node, ast.Import | ast.ImportFrom)
    return () if is_import else bound_names(node)


def _is_setting(target: ast.Attribute | ast.Subscript, walk: Walk) -> bool:
    """Tell whether a target is an option or an attribute of a module.

    Replaying `module.attribute = constant` gives each step the same state.
    """
    path = path_of(target, walk)
    if not path:
        return False
    if isinstance(target, ast.Attribute):
        return True
    return path.startswith(_SETTING_STORES) and isinstance(target.slice, ast.Constant)


def _is_named_setting(path: str) -> bool:
    """Tell whether a library's function is one that sets an option, by its name.

    Nobody can see what libraries keep to themselves; a step below has it by the same
    call. Figures of pyplot are another matter.
    """
    root, _, rest = path.partition(".")
    if not rest or root in _NO_SETTERS or path.startswith("matplotlib.pyplot."):
        return False
    is_setter = _SETTER.fullmatch(rest.rpartition(".")[2])
    return bool(is_setter or _CONFIGURATION.fullmatch(path))


def _given(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _takes_constants(call: ast.Call) -> bool:
    return all(map(is_constant, _given(call)))


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
    return has_import and all(is_from_setup(test, walk) for test in tests)


def _parts(node: ast.If | ast.Try) -> list[ast.stmt]:
    blocks = [node.body, node.orelse]
    if isinstance(node, ast.Try):
        blocks += [handler.body for handler in node.handlers] + [node.finalbody]
    return [statement for block in blocks for statement in block]
