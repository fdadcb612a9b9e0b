"""Runs programs as notebooks and as pipelines, many on one warm fork server."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_kfx.analysis import build
from jupyter_kfx.engines.bundle import runtime_archive
from jupyter_kfx.engines.interpreter import interpreter
from jupyter_kfx.engines.local import LocalExecutor
from jupyter_kfx.engines.orders import NotebookContext, Reference
from jupyter_kfx.engines.outcome import Outcome, StepOutcome
from jupyter_kfx.engines.processes import End, ForkServer
from jupyter_kfx.engines.protocol import Order
from jupyter_kfx.engines.scheduler import Scheduler
from jupyter_kfx.engines.setup import SETUP_STEP, with_setup_step
from jupyter_kfx.engines.slots import Slots
from jupyter_kfx.notebook import from_json
from jupyter_kfx.pipeline.model import Cell, Pipeline, Step
from jupyter_kfx.verification.outputs import difference
from tests.equivalence.generator import VOLATILE, Program, document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jupyter_kfx.engines.events import RunEvent
    from jupyter_kfx.notebook import Notebook

__all__ = ["Arena", "Trial", "trials"]

MODULES = (
    "collections", "copy", "decimal", "functools", "heapq", "itertools", "json",
    "numpy", "operator", "os", "pandas", "pathlib", "random", "time", "warnings",
)  # fmt: skip
"""What programs import; the server has them."""
_TRACEBACKS = (
    "import pygments.formatters.terminal256, pygments.styles, stack_data",
    "import inspect; inspect.getmodule(None, 'nowhere')",
)
"""What takes a process long that shows its first traceback."""
_DEEPEST = 900
"""Lines that no program prints whose functions come to an end."""
_SNAPSHOT = """\
from _kfx_runtime import snapshot
from _kfx_runtime.shell import hidden_names
from IPython import get_ipython
values = snapshot.variables(main, hidden_names(get_ipython()))
snapshot.take(values, main, folder, place)
"""
_EXEC = "__import__('builtins').exec("
_ASK = f"""\
import os
from IPython import get_ipython
shell = get_ipython()
def nothing(lines):
    return lines if lines and lines[0].startswith({_EXEC!r}) else []
path = os.path.join(folder, f'{{place}}.skipped')
if test is not None and not eval(compile(test, '<when>', 'eval'), main):
    open(path, 'w').close()
if os.path.exists(path):
    shell.input_transformers_cleanup.append(nothing)
"""
"""Keeps the kernel from running cells of a step whose condition is false."""
_GO_ON = """\
from IPython import get_ipython
kept = get_ipython().input_transformers_cleanup
kept[:] = [each for each in kept if getattr(each, '__name__', '') != 'nothing']
"""
_ADDRESS = re.compile(rb"0x[0-9a-f]{6,}")
_NAMES = re.compile(r"(?<=^unavailable: )`[^`]*`|'[^']*'|(?<=[fn] )`[^`]*`")


@dataclass
class Trial:
    """How a program's pipeline compares with its notebook, and what happened in it."""

    verdict: str = "same"
    """`same`, `refused`, `different`, or `endless` if the notebook has no end itself.

    So is one that ends for want of memory.
    """
    why: list[str] = field(default_factory=list)
    """Why it was refused, or what differs."""
    raised: bool = False
    """Whether the notebook ends with an error."""
    steps: int = 0
    edges: int = 0
    changed: int = 0
    """How many times a step stored anew what it had been given."""
    early: int = 0
    """How many executions began before all steps above had committed."""
    waits: int = 0
    reruns: list[str] = field(default_factory=list)
    skipped: int = 0
    """How many steps were skipped for a condition, or for want of a name."""
    files: int = 0
    """How many files the notebook leaves."""


class Arena:
    """A fork server, and a folder in which programs run."""

    def __init__(
        self,
        folder: Path,
        *,
        hash_seed: int = 0,
        archive: Path | None = None,
        modules: Sequence[str] = MODULES,
    ) -> None:
        """Take the archive of another runtime, or of this one."""
        self._folder = folder
        self._python = interpreter("python3")
        self._archive = archive or runtime_archive(folder / "runtime")
        command = (*self._python.command, str(self._archive))
        env = {
            **os.environ,
            **self._python.env,
            "PYTHONHASHSEED": str(hash_seed),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        loads = [*(f"import {module}" for module in modules), *_TRACEBACKS]
        imports = dict.fromkeys(loads, True)
        log = folder / "server.log"
        self._server = ForkServer(command, env, log, imports, folder)
        self._number = 0

    async def close(self) -> None:
        """End the server."""
        await self._server.close()

    async def trial(
        self,
        document: dict[str, Any],
        *,
        jobs: int = 2,
        volatile: frozenset[str] = frozenset(),
    ) -> Trial:
        """Run a notebook both ways and compare all that can be seen of it.

        `volatile` names variables that no two runs have alike.
        """
        self._number += 1
        place = self._folder / f"t{self._number}"
        try:
            return await _Match(self, place, document, jobs, volatile).trial()
        finally:
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)

    def executor(self, place: Path, context: NotebookContext) -> LocalExecutor:
        """Return an executor whose processes come from the one server."""
        executor = LocalExecutor(
            self._python,
            context,
            run=f"{place.parent.name}-{place.name}",
            directory=place,
            artifacts=place / "artifacts",
            archive=self._archive,
        )
        executor._launcher = _Lent(self._server)
        return executor


@dataclass
class _Lent:
    """The arena's server, which outlives the executor that uses it."""

    server: ForkServer

    async def run(
        self, execution: str, order: Path, started: Callable[[], None]
    ) -> End:
        """Carry out an order."""
        return await self.server.run(execution, order, started)

    def end(self, execution: str, number: int) -> None:
        """Send a signal to the process of an execution."""
        self.server.end(execution, number)

    async def close(self) -> None:
        """Leave the server to the others."""


class _Match:
    """One notebook, its reference run and its pipeline."""

    def __init__(
        self,
        arena: Arena,
        place: Path,
        document: dict[str, Any],
        jobs: int,
        volatile: frozenset[str],
    ) -> None:
        self._arena = arena
        self._place = place
        self._jobs = jobs
        self._volatile = volatile
        self._found = Trial()
        self._project = place / "project"
        self._project.mkdir(parents=True)
        self._steps: dict[str, Step] = {}
        self._notebook: Notebook = from_json(document, str(self._project / "nb.ipynb"))

    async def trial(self) -> Trial:
        found = self._found
        pipeline = with_setup_step(build(self._notebook))
        self._steps = {step.name: step for step in pipeline.steps}
        found.steps, found.edges = len(pipeline.steps), len(pipeline.edges)
        if pipeline.errors:
            found.verdict = "refused"
            found.why = sorted({d.code for d in pipeline.errors})
            return found
        try:
            shown, raised = await self._as_notebook(pipeline)
        except TimeoutError:
            found.verdict = "endless"
            return found
        if any(_has_no_bottom(outputs) for outputs in shown.values()):
            found.verdict = "endless"
            return found
        found.raised = raised is not None
        # Both run at one place: paths are the same.
        left = self._project.rename(self._place / "left")
        self._project.mkdir()
        outcome = await self._as_pipeline(pipeline)
        self._compare(outcome, shown, raised, left)
        return found

    async def _as_notebook(
        self, pipeline: Pipeline
    ) -> tuple[dict[str, Any], Mapping[str, Any] | None]:
        """Return the outputs of all cells, and the error that ended them."""
        folder = self._place / "snapshots"
        folder.mkdir()
        ends = {step.cells[-1].id for step in pipeline.steps}
        conditional = {
            cell.id: (step.cells[0], step.settings.when)
            for step in pipeline.steps
            if step.settings.when is not None
            for cell in step.cells
        }
        cells: list[Cell] = []
        for cell in _cells(pipeline):
            first, test = conditional.get(cell.id, (None, None))
            if first is not None:
                asked = {"test": test if first is cell else None}
                place = {"folder": str(folder), "place": str(first.index)}
                cells.append(_added(cell, "asked", 2000, _ASK, asked | place))
            cells.append(cell)
            if first is not None:
                cells.append(_added(cell, "left", 3000, _GO_ON, {}))
            if cell.id in ends:
                place = {"folder": str(folder), "place": str(cell.index)}
                cells.append(_added(cell, "kept", 1000, _SNAPSHOT, place))
        directory = self._place / "notebook"
        executor = self._arena.executor(directory, self._context(pipeline))
        order = Order(
            execution=f"{self._place.name}-notebook",
            step=Step(SETUP_STEP, tuple(cells)),
            attempt=1,
            setup={},
            own_setup={},
            definitions={},
            groups=(),
            ambient={},
            live=frozenset(),
            live_all=False,
            alone=True,
            seed="0123456789abcdef",
        )
        try:
            async with asyncio.timeout(60):
                await executor.execute(order, lambda _signal: None, _granted)
        finally:
            await executor.close()
        result = directory / order.execution
        if not (result / "result.json").exists():
            message = "the process takes all memory"  # as `a.extend(iter(a))` does
            raise TimeoutError(message)
        shown = _outputs(result)
        error = json.loads((result / "result.json").read_text("utf-8"))["error"]
        if error is not None and error["cell"] not in shown:
            message = f"the notebook cannot be run: {error}"
            raise RuntimeError(message)
        for name in conditional:
            shown[name] = [*shown.pop(f"{name}-asked", ()), *shown.get(name, ())]
        if error is not None:
            error["cell"] = error["cell"].removesuffix("-asked")
        return shown, error

    async def _as_pipeline(self, pipeline: Pipeline) -> Outcome:
        directory = self._place / "pipeline"
        reference = Reference(self._place / "snapshots")
        context = self._context(pipeline, reference)
        executor = self._arena.executor(directory, context)
        scheduler = Scheduler(
            pipeline,
            executor,
            Slots(self._jobs, 2**40, 0),
            run=f"{self._place.name}-pipeline",
            listener=self._hear,
            entropy=self._place.name,
        )
        try:
            async with asyncio.timeout(300):
                return await scheduler.run()
        finally:
            await executor.close()

    def _hear(self, event: RunEvent) -> None:
        if event.kind == "step-waiting":
            self._found.waits += 1
        elif event.kind == "step-rerun":
            self._found.reruns.append(event.data["reason"])

    def _context(
        self, pipeline: Pipeline, reference: Reference | None = None
    ) -> NotebookContext:
        return NotebookContext(
            self._project,
            self._project,
            cells=_cells(pipeline),
            cell_metadata={cell.id: cell.metadata for cell in self._notebook.cells},
            metadata=self._notebook.metadata,
            reference=reference,
        )

    def _compare(
        self,
        outcome: Outcome,
        shown: Mapping[str, Any],
        raised: Mapping[str, Any] | None,
        left: Path,
    ) -> None:
        found = self._found
        differs: list[str] = []
        refused: list[str] = []
        missing = False
        found.skipped = sum(step.passed_over for step in outcome.steps)
        for step in outcome.steps:
            if step.passed_over and not self._was_asked(step):
                # The notebook ends there; the pipeline skips the step and goes on.
                missing = True
                differs += self._lacks(step, raised)
                break
            if step.execution is None or step.status == "cancelled":
                continue
            if step.status == "skipped" and not step.passed_over:
                continue
            if step.status != "failed":
                differs += self._skips(step)
            if step.failure is not None and step.failure.kind == "unavailable":
                refused.append(f"unavailable: {step.failure.evalue}")
                continue
            directory = self._place / "pipeline" / step.execution
            order = json.loads((directory / "order.json").read_text("utf-8"))
            found.early += not order["alone"]
            given = {name for group in order["groups"] for name in group["names"]}
            seen = step.observation
            if seen is not None:
                found.changed += sum(bool(g.names & given) for g in seen.stored)
            if step.failure is not None and step.failure.kind != "error":
                refused.append(f"{step.failure.kind}: {step.failure.evalue}")
                continue
            differs += self._differences(step.name, directory, shown)
        failed = next((s.failure for s in outcome.steps if s.failure), None)
        broken = [why for why in refused if not why.startswith(("unav", "unfo"))]
        if not refused and not missing:
            differs += _ends(failed, raised)
            differs += self._files(left)
        if differs or broken:
            found.verdict, found.why = "different", broken + differs
        elif refused:
            found.verdict = "refused"
            found.why = [_NAMES.sub("...", why) for why in refused]

    def _was_asked(self, step: StepOutcome) -> bool:
        """Tell whether a step was skipped for its condition."""
        if step.execution is None:
            return False
        path = self._place / "pipeline" / step.execution / "result.json"
        return bool(json.loads(path.read_text("utf-8"))["status"] == "skipped")

    def _lacks(self, step: StepOutcome, raised: Mapping[str, Any] | None) -> list[str]:
        cells = [cell.id for cell in self._steps[step.name].cells]
        if raised is not None and raised["cell"] in cells:
            return []
        return [f"{step.name} is skipped and runs in the notebook: {step.reason}"]

    def _skips(self, step: StepOutcome) -> list[str]:
        first = self._steps[step.name].cells[0]
        there = (self._place / "snapshots" / f"{first.index}.skipped").exists()
        if there == step.passed_over:
            return []
        return [f"{step.name} is skipped {'there' if there else 'here'} alone"]

    def _differences(
        self, step: str, directory: Path, shown: Mapping[str, Any]
    ) -> list[str]:
        found = []
        for cell, outputs in _outputs(directory).items():
            why = difference(outputs, shown.get(cell, ()))
            if why is not None:
                found.append(f"{step}, {cell}: {why}")
        result = json.loads((directory / "result.json").read_text("utf-8"))
        compared = result.get("compared", {"different": {}})["different"]
        for name, why in sorted(compared.items()):
            if name not in self._volatile:
                found.append(f"{step}, `{name}`: {why}")
        return found

    def _files(self, left: Path) -> list[str]:
        want, got = _tree(left), _tree(self._project)
        self._found.files = len(want)
        return [
            f"file {name}: {got.get(name)!r:.80} against {want.get(name)!r:.80}"
            for name in sorted(want.keys() | got.keys())
            if want.get(name) != got.get(name)
        ]


async def _granted(_reason: str) -> bool:
    return True


def _cells(pipeline: Pipeline) -> list[Cell]:
    cells = (cell for step in pipeline.steps for cell in step.cells)
    return sorted(cells, key=lambda cell: cell.index)


def _added(
    cell: Cell, what: str, index: int, code: str, values: Mapping[str, Any]
) -> Cell:
    """Return a cell beside another that runs code in a scope of its own."""
    main = "'main': __import__('sys').modules['__main__'].__dict__"
    source = f"{_EXEC}{code!r}, {{**{values!r}, {main}}})"
    return Cell(f"{cell.id}-{what}", index + cell.index, source, cell.execution_count)


def _outputs(directory: Path) -> dict[str, Any]:
    """Return the outputs of the cells that were run, by their ids."""
    document = json.loads((directory / "step.ipynb").read_text("utf-8"))
    return {
        cell["id"]: cell["outputs"]
        for cell in document["cells"]
        if cell["execution_count"] is not None
    }


def _has_no_bottom(outputs: Any) -> bool:
    """Tell whether a recursion has printed until the interpreter ended it.

    How deep it goes depends on what `print` itself does at the end, in a kernel too.
    """
    texts = ["".join(output.get("text", "")) for output in outputs]
    return any(text.count("\n") > _DEEPEST for text in texts)


def _ends(failure: Any, raised: Mapping[str, Any] | None) -> list[str]:
    got = None if failure is None else (failure.cell, failure.ename, failure.evalue)
    want = None
    if raised is not None:
        want = raised["cell"], raised["ename"], raised["evalue"]
    if got is None or want is None:
        same = got == want
    else:
        same = got[0] == want[0] and difference(_error(*got), _error(*want)) is None
    return [] if same else [f"ends with {got} against {want}"]


def _error(_cell: str, ename: str, evalue: str) -> list[dict[str, str]]:
    return [{"output_type": "error", "ename": ename, "evalue": evalue}]


def _tree(root: Path) -> dict[str, bytes | None]:
    """Return what is in files, without the addresses of what was written as text."""
    return {
        str(path.relative_to(root)): _ADDRESS.sub(b"0x...", path.read_bytes())
        if path.is_file()
        else None
        for path in root.rglob("*")
    }


async def trials(
    folder: Path, programs: Sequence[Program], *, side: int = 4, **options: Any
) -> list[Trial]:
    """Run programs on one server with those options, some side by side."""
    arena = Arena(folder, **options)
    turn = asyncio.Semaphore(side)

    async def one(made: Program) -> Trial:
        async with turn:
            return await arena.trial(document(made), jobs=made.jobs, volatile=VOLATILE)

    try:
        return list(await asyncio.gather(*map(one, programs)))
    finally:
        await arena.close()
