"""Setup is there in every step below it, as if its cell had run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_kfx.pipeline.model import Cell, SetupKind, SetupStatement
from tests.engines.stage import Stage, setup

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = """\
import logging
print("loud")

def broken(x):
    # why
    return x / 0
"""
BROKEN = SetupStatement(
    "defs", 0, 4, 6, SOURCE.split("\n\n")[1], SetupKind.DEFINITION, ("broken",)
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage that knows the source of the cell above and the caller's parameters."""
    stage = Stage(
        tmp_path_factory.mktemp("stage"),
        cells=[Cell("defs", 0, SOURCE, 7)],
        parameters={"alpha": 'it\'s "5"\n', "beta": [1]},
        parameters_index=0,
    )
    yield stage
    stage.close()


@pytest.fixture
def alpha() -> list[SetupStatement]:
    kind = SetupKind.PARAMETER
    return [
        setup("alpha = 1", "alpha", kind=kind),
        setup("beta = 2", "beta", kind=kind),
    ]


def test_tracebacks_show_the_cell_it_came_from(stage: Stage) -> None:
    failure = stage.run("broken(1)", above=[BROKEN]).failure
    assert failure is not None
    shown = "".join(failure.traceback)
    assert "In[7]" in shown
    assert "# why" in shown
    assert (failure.index, failure.line) == (1, 1)


def test_source_can_be_inspected(stage: Stage) -> None:
    text = stage.text(
        "import inspect\nprint(inspect.getsource(broken))", above=[BROKEN]
    )
    assert text.startswith("def broken(x):\n    # why\n")


def test_injected_values_win(stage: Stage, alpha: list[SetupStatement]) -> None:
    text = stage.text("print([alpha, beta])", above=alpha)
    assert text == """['it\\'s "5"\\n', [1]]\n"""


def test_later_setup_sees_injected_values(
    stage: Stage, alpha: list[SetupStatement]
) -> None:
    later = SetupStatement("l", 1, 1, 1, "n = beta", SetupKind.SETTING, ("n",))
    cell = stage.order("print(n)", above=[*alpha, later])
    stage.wait(stage.execute(cell))
    assert stage.notebook()["cells"][0]["outputs"][0]["text"] == "[1]\n"


def test_names_that_stand_for_something_else_are_gone(stage: Stage) -> None:
    above = [setup("import json", "json"), setup("import csv", "csv")]
    failure = stage.run("csv, json", above=above, definitions={"csv": 1}).failure
    assert failure is not None
    assert failure.name == "json"


def test_settings_hold(stage: Stage) -> None:
    above = [
        setup("import warnings", "warnings"),
        setup("warnings.filterwarnings('ignore', message='quiet')"),
        setup("import logging; logging.basicConfig(format='%(message)s')", "logging"),
    ]
    source = "warnings.warn('quiet one')\nlogging.warning('heard')"
    assert stage.text(source, above=above) == "heard\n"


def test_magics_are_replayed(stage: Stage) -> None:
    above = [setup("%config InlineBackend.figure_formats = ['svg']")]
    source = "import matplotlib.pyplot as plt\nplt.plot([1]);"
    (figure,) = stage.outputs(source, above=above)
    assert "image/svg+xml" in figure["data"]


def test_setup_that_raises_is_an_error_of_its_cell(stage: Stage) -> None:
    failure = stage.run("1", above=[setup("import kfx_no_such_module")]).failure
    assert failure is not None
    assert (failure.ename, failure.cell) == ("ModuleNotFoundError", "setup")
    assert (failure.kind, failure.line) == ("error", 1)
    assert "_kfx_runtime" not in "".join(failure.traceback)


def test_await_and_class_bodies(stage: Stage) -> None:
    code = "class Point:\n    x: int = 1\n    def twice(self): return self.x * 2"
    above = [setup(code, "Point")]
    source = (
        "import sys\nprint(Point().twice(), Point.__module__)\n"
        "print(sys.modules['__main__'].Point is Point)"
    )
    assert stage.text(source, above=above) == "2 __main__\nTrue\n"
