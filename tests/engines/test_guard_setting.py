"""What is not predicted is run again, warned of, or ends the run, as one asks for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import pytest

from jupyter_kfx import project
from jupyter_kfx.errors import UsageError
from tests.engines.notebooks import write

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_kfx.engines.events import RunEvent
    from jupyter_kfx.engines.report import RunReport


def _run(
    folder: Path,
    sources: list[str],
    tags: dict[int, list[str]] | None = None,
    **options: Any,
) -> RunReport:
    def listen(event: RunEvent) -> None:
        if event.step == "s2" and event.data.get("state") == "end":
            (folder / "seen").touch()

    write(folder, sources, tags or {})
    return project.run(
        folder / "nb.ipynb",
        listener=listen,
        store=str(folder / "store"),
        output=str(folder / "out.ipynb"),
        **options,
    )


def _printed(folder: Path, cell: int) -> str:
    document = json.loads((folder / "out.ipynb").read_text())
    return "".join(
        "".join(output["text"])
        for output in document["cells"][cell]["outputs"]
        if output["output_type"] == "stream"
    )


HIDDEN = [
    "import kfx_hidden",
    "kfx_hidden.put()",
    "print(kfx_hidden.get())",
]
"""Two steps that meet in a file which only a module names."""
MODULE = """
import os, time

def put():
    while not os.path.exists('seen'):
        time.sleep(.01)
    open('met.txt', 'w').write('new')

def get():
    return open('met.txt').read()
"""
"""The reader has always ended, and so read what was there before, once one writes."""


@pytest.fixture
def hidden(tmp_path: Path) -> Path:
    (tmp_path / "kfx_hidden.py").write_text(MODULE)
    (tmp_path / "met.txt").write_text("old")
    return tmp_path


def test_a_step_that_could_not_know_runs_again(hidden: Path) -> None:
    report = _run(hidden, HIDDEN)
    assert report.status == "succeeded"
    assert _printed(hidden, 2) == "new\n"
    reader = report.steps[2]
    assert reader.reruns == (
        f"step `s1` wrote {hidden}/met.txt, which step `s2` had read before",
    )
    assert "it read met.txt" in reader.observed
    assert "it wrote met.txt" in report.steps[1].observed
    assert report.warnings == ()


def test_stop_ends_the_run_where_the_prediction_failed(hidden: Path) -> None:
    report = _run(hidden, HIDDEN, guard="stop")
    assert report.failed is not None
    error = report.failed.error
    assert error is not None
    assert (report.failed.name, error.kind) == ("s2", "contradicted")
    assert error.message.endswith("Add the tag `after:s1` to a cell of step `s2`.")
    assert (error.cell, error.cell_index) == ("c1", 1)


def test_the_cure_cures(hidden: Path) -> None:
    (hidden / "seen").touch()
    report = _run(hidden, HIDDEN, {2: ["after:s1"]}, guard="stop")
    assert report.status == "succeeded"
    assert _printed(hidden, 2) == "new\n"


def test_warn_runs_again_and_says_so(hidden: Path) -> None:
    report = _run(hidden, HIDDEN, guard="warn")
    assert report.status == "succeeded"
    assert _printed(hidden, 2) == "new\n"
    assert len(report.warnings) == 1
    assert "after:s1" in report.warnings[0]


@pytest.mark.parametrize(
    ("own", "general", "status"),
    [("rerun", "stop", "succeeded"), ("stop", "rerun", "failed")],
)
def test_a_step_decides_for_itself(
    own: str, general: Literal["rerun", "stop"], status: str, hidden: Path
) -> None:
    report = _run(hidden, HIDDEN, {2: [f"guard:{own}"]}, guard=general)
    assert report.status == status


def test_variables_of_a_step_are_its_own(tmp_path: Path) -> None:
    show = "import os\nprint(os.environ.get('KFX_OWN'))"
    sources = [show, f"{show}\nos.environ['KFX_ELSE'] = str(1)", show]
    report = _run(tmp_path, sources, {1: ["env:KFX_OWN=3"]})
    assert report.status == "succeeded"
    assert [_printed(tmp_path, i) for i in range(3)] == ["None\n", "3\n", "None\n"]


def test_a_secret_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KFX_PASSWORD", "hush, hush")
    sources = [
        "import os\nlength = len(os.environ['KFX_PASSWORD'])\nos.environ['KFX_ELSE'] = str(1)",
        "print(length)",
    ]
    tags = {0: ["secret:vault:password:KFX_PASSWORD"]}
    assert _run(tmp_path, sources, tags).status == "succeeded"
    assert _printed(tmp_path, 1) == "10\n"
    files = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    assert not any(b"hush, hush" in path.read_bytes() for path in files)


def test_a_secret_that_is_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KFX_PASSWORD", raising=False)
    with pytest.raises(UsageError, match="KFX_PASSWORD") as caught:
        _run(tmp_path, ["1"], {0: ["secret:vault:password:KFX_PASSWORD"]})
    assert "`vault`" in str(caught.value)


def test_limits_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"limits.*local engine"):
        _run(tmp_path, ["1"], {0: ["limit:memory:1Gi"]})


@pytest.mark.parametrize(
    ("source", "left"),
    [
        (
            "import threading, time\nt = threading.Thread(target=time.sleep, args=(60,), "
            "name='mine', daemon=True)\nt.start()\ndel t",
            "thread `mine`",
        ),
        (
            "import asyncio\nt = asyncio.get_event_loop().create_task(asyncio.sleep(60), "
            "name='mine')\ndel t",
            "task `mine`",
        ),
        (
            "import subprocess\np = subprocess.Popen(['sleep', '60'])\ndel p",
            "child process `sleep`",
        ),
    ],
    ids=["thread", "task", "child"],
)
def test_what_is_still_at_work_is_named(source: str, left: str, tmp_path: Path) -> None:
    report = _run(tmp_path, [source, "x = 1"])
    assert report.status == "succeeded", report.failed
    assert any(left in text for text in report.steps[0].observed)
