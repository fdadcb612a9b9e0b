from __future__ import annotations

import json
import os
import re
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import FAILING, GOOD, REFUSED, Cells, document
from tests.kernels import Answer, Kernel, kernel

BUILT = Path(__file__).parents[2] / "jupyter_kfx" / "static" / "widget.js"
pytestmark = pytest.mark.skipif(
    not BUILT.exists(), reason="the widget is not built: npm run build"
)
WAIT = """
import time
def until(true):
    while not true():
        time.sleep(0.02)
def ended(w):
    until(lambda: w.run and w.run["status"] != "running")
    return w.run["status"]
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("widget")


@pytest.fixture(scope="module")
def notebook(place: Path) -> Iterator[Kernel]:
    """Give a kernel that knows the widget."""
    env = {**os.environ, "JUPYTER_KFX_STORE": str(place / "store")}
    env["JPY_SESSION_NAME"] = write(place / "own.ipynb", GOOD)
    with kernel(cwd=str(place), env=env) as started:
        code = "from jupyter_kfx.widget import PipelineWidget\n"
        assert started.run(code + WAIT).status == "ok"
        yield started


def write(path: Path, cells: Cells) -> str:
    path.write_text(json.dumps(document(cells)), "utf-8")
    return str(path)


def lines(answer: Answer) -> list[str]:
    assert answer.status == "ok", answer
    return answer.out.splitlines()


def test_a_picture_stands_where_no_widget_can(notebook: Kernel) -> None:
    for code in ("PipelineWidget()", "display(PipelineWidget())"):
        view, picture = notebook.run(code).data
        assert "application/vnd.jupyter.widget-view+json" in view
        # Nothing is shown in its place, not even its name.
        assert set(view) <= {"application/vnd.jupyter.widget-view+json", "text/html"}
        assert not view["text/html"]
        assert picture["image/svg+xml"].startswith("<svg")
        assert picture["text/plain"].startswith("own: 2 steps")
        assert "data:image/svg+xml;base64," in picture["text/html"]


def test_names_in_the_picture_are_text(notebook: Kernel, place: Path) -> None:
    bait = '"><img src=x onerror=window.caught=1><script>'
    path = write(
        place / f"{bait.replace('/', '')}.ipynb", [([f"step:{bait}"], "x = 1")]
    )
    *_, picture = notebook.run(f"PipelineWidget({path!r})").data
    assert picture["text/html"].count("<") == 3
    assert "<script" not in picture["image/svg+xml"]


def test_it_follows_the_file(notebook: Kernel, place: Path) -> None:
    path = write(place / "changing.ipynb", GOOD)
    cells = [*GOOD, (["step:more"], "total += 1")]
    code = f"""
w = PipelineWidget({path!r})
names = lambda: [s["name"] for s in w.analysis["pipeline"]["steps"]]
print(*names())
open({path!r}, "w").write({json.dumps(document(cells))!r})
until(lambda: len(names()) == 3)
print(*names(), [n["step"] for n in w.analysis["drawing"]["nodes"]] == names())
open({path!r}, "w").write("no notebook")
until(lambda: w.problem)
print(w.problem)
w.close()
"""
    first, second, third = lines(notebook.run(code))
    assert first == "load total"
    assert second == "load total more True"
    assert "changing.ipynb" in third


def test_a_run_is_seen_by_observers_while_a_cell_runs(notebook: Kernel) -> None:
    code = """
w = PipelineWidget()
seen = []
w.observe(lambda change: seen.append(change.new["status"]), "run")
run = w.start({"n": 5}, jobs=1)
print(ended(w), w.run["run"] == run, w.run["metrics"], w.run["parameters"]["n"])
until(lambda: seen[-1:] == ["succeeded"])  # observers are called after the value is set
print(seen[-1], set(seen) <= {"pending", "running", "succeeded"})
print([s["status"] for s in w.run["steps"]])
print(PipelineWidget().run["run"] == run)
"""
    assert lines(notebook.run(code)) == [
        "succeeded True {'total': 10} 5",
        "succeeded True",
        "['succeeded', 'succeeded']",
        "True",
    ]


def test_it_can_be_cancelled(notebook: Kernel, place: Path) -> None:
    path = write(place / "long.ipynb", [(["step:a"], "import time\ntime.sleep(600)")])
    code = f"""
w = PipelineWidget({path!r})
w.start()
until(lambda: w.run["steps"][0]["status"] == "running")
w.cancel()
print(ended(w))
"""
    assert lines(notebook.run(code)) == ["cancelled"]


def test_a_failed_step_tells_where(notebook: Kernel, place: Path) -> None:
    path = write(place / "failing.ipynb", FAILING)
    code = f"""
w = PipelineWidget({path!r})
w.start()
print(ended(w))
print(w.run["steps"][1]["error"]["ename"], w.run["steps"][1]["error"]["line"])
"""
    assert lines(notebook.run(code)) == ["failed", "ZeroDivisionError 2"]


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        ("PipelineWidget('gone.ipynb')", "NotebookFormatError", "no such file"),
        ("PipelineWidget().start({'m': 1})", "UsageError", "`m`"),
        ("PipelineWidget().start({'n': 'one'})", "UsageError", "`n`"),
        ("PipelineWidget().start(speed=1)", "UsageError", "no option `speed`"),
        ("PipelineWidget('refused.ipynb').start()", "DiagnosticsError", "nowhere"),
        ("PipelineWidget('refused.ipynb').cancel()", "UsageError", "no run"),
    ],
)
def test_what_is_wrong_is_told(
    notebook: Kernel, place: Path, call: str, error: str, sentence: str
) -> None:
    write(place / "refused.ipynb", REFUSED)
    code = f"""
try:
    {call}
except Exception as error:
    print(type(error).__name__, error)
"""
    kind, _, text = notebook.run(code).out.partition(" ")
    assert kind == error
    assert sentence in text


def test_what_the_page_asks_for(notebook: Kernel, place: Path) -> None:
    code = """
w = PipelineWidget()
told = []
w.send = told.append
ask = lambda **asked: w._handle_custom_msg(asked, [])
ask(kind="start", parameters={"n": "one"}, options={})
until(lambda: w.problem)
print(w.problem)
before = w.run["run"]
ask(kind="start", parameters={"n": 4}, options={"engine": "local"})
until(lambda: w.run["run"] != before)
print(ended(w), repr(w.problem))
ask(kind="log", asked="1", run=w.run["run"], step="total", offset=0)
print(told[0]["asked"], repr(told[0]["text"]), told[0]["offset"], told[0]["ended"])
ask(kind="log", asked="2", run=w.run["run"], step="no such", offset=0)
print(repr(told[1]["text"]))
ask(kind="cancel")
print(w.problem)
ask(kind="else")
"""
    first, *others, last = lines(notebook.run(code))
    assert "`n`" in first
    assert others == ["succeeded ''", "1 'total 6\\n' 8 True", "''"]
    assert "is not running" in last


def test_the_kernel_hears_of_a_click(notebook: Kernel) -> None:
    code = """
w = PipelineWidget()
w.observe(lambda change: print(change.old, change.new), "selected")
w.set_state({"selected": "load"})
"""
    assert lines(notebook.run(code)) == ["None load"]


DRAWING = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='30'/>"
DRAWN: Cells = [
    (
        ["step:draw"],
        "from IPython.display import HTML, SVG, display\n"
        f"display(SVG({DRAWING!r}))\ndisplay(HTML('much of it'))\nprint('more')",
    )
]


def test_images_of_a_step_are_sent_and_nothing_else(
    notebook: Kernel, place: Path
) -> None:
    path = write(place / "drawn.ipynb", DRAWN)
    code = f"""
w = PipelineWidget({path!r})
told = []
w.send = told.append
w.start()
print(ended(w))
for step in ("draw", "no such"):
    w._handle_custom_msg(dict(kind="plots", asked="1", run=w.run["run"], step=step), [])
import json
print(json.dumps([each["notebook"] for each in told]))
"""
    status, sent = lines(notebook.run(code))
    assert status == "succeeded"
    drawn, none = json.loads(sent)
    [cell] = drawn["cells"]
    [output] = cell["outputs"]
    assert output["data"]["image/svg+xml"].startswith("<svg")
    assert set(output["data"]) == {"image/svg+xml", "text/plain"}
    assert none is None


@pytest.mark.parametrize("states", [True, False])
def test_html_of_nbconvert_shows_the_picture(place: Path, states: bool) -> None:
    import nbformat
    from nbconvert import HTMLExporter
    from nbconvert.preprocessors import ExecutePreprocessor

    path = write(place / "shown.ipynb", GOOD)
    code = f"from jupyter_kfx.widget import PipelineWidget\nPipelineWidget({path!r})"
    content = nbformat.from_dict(document([([], code)]) | {"metadata": {}})
    execute = ExecutePreprocessor(timeout=120, store_widget_state=states)  # type: ignore[no-untyped-call]
    execute.preprocess(content, {"metadata": {"path": str(place)}})
    assert ("widgets" in content.metadata) == states
    exporter = HTMLExporter()  # type: ignore[no-untyped-call]
    html, _ = exporter.from_notebook_node(content)
    pictures = re.findall(r"data:image/svg\+xml;base64,([^\"]+)", html)
    assert sum(b'class="kfx-dag"' in b64decode(picture) for picture in pictures) == 1
