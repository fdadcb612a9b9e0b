"""What a cell is about: the kind of work it does, and what it makes that cannot travel."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from jupyter_kfx.analysis.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jupyter_kfx.analysis.cells import CodeCell

__all__ = ["Habit", "Work", "generators", "habit"]


class Work(str, Enum):
    """A kind of work; the later ones here say less about what a step is for."""

    TRAIN = "train"
    LOAD = "load"
    SPLIT = "split"
    WRITE = "save"
    PLOT = "plot"
    EVALUATE = "evaluate"
    CHANGE = "change"
    MAKE = "make"
    SHOW = "show"


@dataclass(frozen=True)
class Habit:
    """What the statements of a cell look like."""

    work: Work
    size: int
    """How many statements there are, those within others included."""
    only_looks: bool
    """Whether it only shows a value that is there."""
    is_cheap: bool
    """Whether it computes next to nothing."""
    figures: frozenset[str] = frozenset()
    """Names it binds to something that is drawn on."""
    handles: frozenset[str] = frozenset()
    """Names it binds to what lives in one process only: open files, iterators."""


_CALLS = {
    Work.TRAIN: re.compile(r"(partial_)?fit|train|fit_generator|optimi[sz]e|backward"),
    Work.SPLIT: re.compile(r"\w*_split|k_?fold|random_split"),
    Work.LOAD: re.compile(
        r"(read|load|fetch)_\w+|load|loads|loadtxt|genfromtxt|imread|urlopen|download"
        r"|make_(blobs|moons|circles|classification|regression|friedman\d|s_curve)"
    ),
    Work.WRITE: re.compile(
        r"to_(csv|parquet|excel|pickle|hdf|feather|sql|stata|file)|dump|savez\w*|save"
        r"|savefig|savetxt|save_\w+|write_\w+|imwrite|imsave|copyfile|unlink|rmtree"
    ),
    Work.EVALUATE: re.compile(
        r"predict\w*|score|\w+_score|evaluate|\w+_error|confusion_matrix|\w+_report"
        r"|cross_val\w*|permutation_importance|roc_curve"
    ),
    Work.PLOT: re.compile(
        r"plot|\w*plots?|plot_\w+|scatter\w*|hist|imshow|bar|barh|boxplot|heatmap|figure"
        r"|savefig|show|pairplot|contourf?|plot|legend"
    ),
}
_LOOKS = words("""describe display format head info isna isnull len list nunique print repr round
    sample sort_index sorted str sum tail type value_counts unique dir help shape""")
_FIGURES = words("""add_axes add_gridspec add_subplot axes catplot clustermap displot figure gca gcf
    inset_axes jointplot lmplot pairplot relplot subfigures subplot subplot_mosaic
    subplots twinx twiny FacetGrid Figure JointGrid PairGrid""")
_DRAWING = frozenset({"matplotlib", "seaborn", "plotly", "bokeh", "altair"})
_ITERATORS = words("""accumulate chain combinations count cycle enumerate filter groupby islice iter map
    pairwise permutations product repeat reversed starmap tee zip zip_longest""")
_HANDLES = words("""BoundedSemaphore Condition DictReader DictWriter ExcelWriter File HDFStore Lock
    NamedTemporaryFile Pool Popen Process ProcessPoolExecutor Queue RLock Semaphore
    Session SparkSession TemporaryDirectory TemporaryFile Thread ThreadPoolExecutor Timer
    ZipFile connect create_engine cursor finditer iterdir iterrows itertuples mmap open
    reader rglob scandir socket urlopen walk writer""")
_YIELDS = ast.Yield | ast.YieldFrom
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


def generators(cells: Iterable[CodeCell]) -> frozenset[str]:
    """Return the names of the functions that make generators."""
    return frozenset(
        node.name
        for code in cells
        for statement in (*code.body, *code.inner)
        for node in ast.walk(statement)
        if isinstance(node, _FUNCTIONS)
        and any(isinstance(part, _YIELDS) for part in ast.walk(node))
    )


def habit(code: CodeCell, generators: frozenset[str] = frozenset()) -> Habit:
    """Return what a cell is about; calls of generator functions give no values."""
    body = [*code.body, *code.inner]
    nodes = [node for statement in body for node in ast.walk(statement)]
    calls = [_last(node.func) for node in nodes if isinstance(node, ast.Call)]
    size = sum(isinstance(node, ast.stmt) for node in nodes)
    replayed = {row for s in code.setup for row in range(s.line, s.end_line + 1)}
    own = [statement for statement in body if statement.lineno not in replayed]
    figures, handles = set[str](), set[str]()
    for names, value in _bindings(nodes):
        if _is_figure(value):
            figures |= names
        elif _is_handle(value, generators):
            handles |= names
    only_looks = all(isinstance(s, ast.Expr) for s in own) and all(
        call in _LOOKS for call in calls
    )
    is_loop = any(isinstance(n, ast.For | ast.While | ast.comprehension) for n in nodes)
    return Habit(
        _work(code, calls, is_drawing=bool(figures)),
        size,
        only_looks=only_looks and not is_loop,
        is_cheap=not is_loop and not set(calls) - _LOOKS and not code.effects.touches,
        figures=frozenset(figures),
        handles=frozenset(handles),
    )


def _work(code: CodeCell, calls: list[str], *, is_drawing: bool) -> Work:
    for work, pattern in _CALLS.items():
        if any(pattern.fullmatch(call) for call in calls):
            return work
    effects = code.effects
    if is_drawing:
        return Work.PLOT
    if any(touch.key == "files" and touch.writes for touch in effects.touches):
        return Work.WRITE
    if any(touch.key in ("files", "network") for touch in effects.touches):
        return Work.LOAD
    if any(not possible for possible in effects.mutates.values()):
        return Work.CHANGE
    return Work.MAKE if effects.may_bind else Work.SHOW


def _last(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _bindings(nodes: Iterable[ast.AST]) -> Iterator[tuple[set[str], ast.expr]]:
    for node in nodes:
        match node:
            case ast.Assign(targets=targets, value=value):
                yield _names(targets), value
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield _names([target]), value
            case ast.NamedExpr(target=target, value=value):
                yield _names([target]), value


def _names(targets: Iterable[ast.expr]) -> set[str]:
    return {
        part.id
        for target in targets
        for part in ast.walk(target)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }


def _is_figure(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    last = _last(node.func)
    if last in _FIGURES or last == "plot":
        return True
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    if owner is not None and _last(owner) == "plot":  # frame.plot.bar()
        return True
    return last.endswith("plot") or _last_root(node.func) in _DRAWING | {"px", "go"}


def _is_handle(node: ast.expr, generators: frozenset[str]) -> bool:
    match node:
        case ast.GeneratorExp():
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in _HANDLES | _ITERATORS | generators
        case ast.Call(func=ast.Attribute(value=ast.Name(id="itertools"))):
            return True
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _HANDLES | generators
    return False


def _last_root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return _last(node)
