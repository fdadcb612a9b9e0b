from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import FAILING, GOOD, REFUSED, document
from tests.kernels import Kernel, kernel


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("magics")
    for name, cells in (("good", GOOD), ("failing", FAILING), ("refused", REFUSED)):
        (folder / f"{name}.ipynb").write_text(json.dumps(document(cells)), "utf-8")
    return folder


@pytest.fixture(scope="module")
def notebook(place: Path) -> Iterator[Kernel]:
    """Give a kernel that runs for `good.ipynb`, with the magics loaded."""
    env = {
        **os.environ,
        "JUPYTER_KFX_STORE": str(place / "store"),
        "JPY_SESSION_NAME": str(place / "good.ipynb"),
    }
    with kernel(cwd=str(place), env=env) as started:
        assert started.run("%load_ext jupyter_kfx").status == "ok"
        yield started


def test_show_draws_this_notebook(notebook: Kernel) -> None:
    answer = notebook.run("%kfx show")
    assert answer.status == "ok"
    [data] = answer.data
    assert data["image/svg+xml"].startswith("<svg")
    assert "total" in data["text/plain"]
    assert '-->|"rows"|' in notebook.run("%kfx show -f mermaid good.ipynb").out


def test_check_names_what_is_wrong(notebook: Kernel) -> None:
    assert "2 steps, 0 errors" in notebook.run("%kfx check").out
    answer = notebook.run("%kfx check refused.ipynb")
    assert "nowhere" in answer.out
    assert answer.status == "error"
    assert answer.traceback == ["Error: the notebook is refused as it is."]


def test_run_takes_the_options_of_the_command_line(notebook: Kernel) -> None:
    answer = notebook.run("m = 5\n%kfx run -p n {m} -j 1")
    assert answer.status == "ok", answer
    assert "total started" in answer.err
    assert "succeeded" in answer.out
    assert "10" in answer.out.split("metric", 1)[1]
    assert "total 10" in notebook.run("%kfx logs latest total").out


def test_a_failed_run_ends_the_cell_without_our_traceback(notebook: Kernel) -> None:
    answer = notebook.run("%kfx run failing.ipynb")
    assert answer.status == "error"
    assert "ZeroDivisionError" in answer.err
    assert answer.traceback == ["Error: the run failed."]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "`%kfx` does what?"),
        ("dance", "there is no `%kfx dance`."),
        ("run 'open", "Close the quotation."),
        ("run --nope", "No such option"),
        ("run -p n one", "`n`"),
        ("show gone.ipynb", "there is no such file."),
    ],
)
def test_errors_are_sentences(notebook: Kernel, line: str, sentence: str) -> None:
    answer = notebook.run(f"%kfx {line}")
    assert answer.status == "error"
    [text] = answer.traceback
    assert text.startswith("Error: ")
    assert sentence in text


def test_an_interrupt_ends_the_run(notebook: Kernel, place: Path) -> None:
    mark = place / "begun"
    code = f"import pathlib, time\npathlib.Path({str(mark)!r}).touch()\ntime.sleep(600)"
    (place / "long.ipynb").write_text(json.dumps(document([(["step:a"], code)])))

    def interrupt() -> None:
        while not mark.exists():
            time.sleep(0.05)
        notebook.interrupt()

    watch = threading.Thread(target=interrupt)
    watch.start()
    answer = notebook.run("%kfx run long.ipynb")
    watch.join()
    assert answer.status == "error"
    assert answer.traceback == ["Error: the run was cancelled."]
    assert "cancelled" in notebook.run("%kfx runs list").out.splitlines()[2]


def test_help_is_there(notebook: Kernel) -> None:
    answer = notebook.run("%kfx run --help")
    assert answer.status == "ok"
    assert "--parameters" in answer.out


def test_a_path_is_asked_for_where_none_is_known(place: Path) -> None:
    env = {name: value for name, value in os.environ.items() if "SESSION" not in name}
    with kernel(cwd=str(place), env=env) as started:
        started.run("%load_ext jupyter_kfx")
        [text] = started.run("%kfx check").traceback
        assert text.endswith("Give the path of its file.")
        assert started.run("%kfx check good.ipynb").status == "ok"


def test_a_pipeline_does_not_start_itself(notebook: Kernel, place: Path) -> None:
    cells = [(["step:a"], "%load_ext jupyter_kfx\n%kfx run own.ipynb")]
    (place / "own.ipynb").write_text(json.dumps(document(cells)), "utf-8")
    answer = notebook.run("%kfx run own.ipynb")
    assert answer.status == "error"
    assert "Tag it `skip`" in answer.err
