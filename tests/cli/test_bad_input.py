"""Whatever a notebook, a tag or a machine does, the user gets one clear sentence."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Call, Cells, Ended, document

HOSTILE = "$(touch pwned) `touch pwned` {{7*7}} ${HOME} <script>alert(1)</script>"
STEP: tuple[list[str], str] = (["step:a"], "x = 1")


def text(*cells: tuple[list[str], str]) -> str:
    return json.dumps(document(list(cells)))


def with_setting(name: str) -> str:
    made = document([STEP])
    made["cells"][0]["metadata"]["kfx"] = {name: 1}
    return json.dumps(made)


def in_language(name: str) -> str:
    made = document([STEP])
    made["metadata"] = {"kernelspec": {"name": name, "language": name}}
    return json.dumps(made)


def files() -> dict[str, bytes]:
    """Return all files here but those of the store."""
    return {
        str(path): path.read_bytes()
        for path in sorted(Path.cwd().rglob("*"))
        if path.is_file() and "store" not in path.parts
    }


def is_clear(ended: Ended, sentence: str) -> bool:
    said = ended.err + ended.out
    return sentence in said and "Traceback" not in said and 'File "' not in said


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "the file is empty"),
        ('{"cells": [', "line 1: this is not a notebook: it is not JSON"),
        ('{"a": 1}', "it is JSON without `nbformat`"),
        ("[1]", "it is JSON without `nbformat`"),
        ("null", "it is JSON without `nbformat`"),
        ("\udc89PNG\udcff", "it is not UTF-8 text"),
        (in_language("R"), "this notebook is for R"),
        (
            text(STEP, (["step:b"], "y = 1\nz = (")),
            "(cell 2, line 2): this is not Python",
        ),
        (
            text(STEP, (["step:b"], "y = 1\nz = '\0'")),
            "(cell 2, line 2): the cell holds a",
        ),
        (
            text((["step:a", "step:b"], "x = 1")),
            "the cell is in two steps: `a` and `b`",
        ),
        (text(STEP, (["step:b", "prev:c"], "x")), "(cell 2): there is no step `c`"),
        (
            text((["step:a", "prev:b"], ""), (["step:b"], "")),
            "step `b` is further down",
        ),
        (text((["step:a", "prev:a"], "x = 1")), "the step cannot come after itself"),
        (
            text((["step:a", "prev:b"], "x = 1"), (["step:b", "prev:a"], "x")),
            "step `b` is further down",
        ),
        (with_setting("cpuz"), "there is no setting `cpuz`. Did you mean `cpu`?"),
        (text(STEP, (["step:b", f"prev:{HOSTILE}"], "x")), "there is no step `$(touch"),
        (text((["step:a", f"cpu:{HOSTILE}"], "x = 1")), "cpu"),
        (text((["step:a"], "n = input('n? ')")), "`input()` waits for an answer"),
        (
            text((["step:a"], "from getpass import getpass\nkey = getpass()")),
            "`getpass()` waits for an answer",
        ),
    ],
    ids=lambda value: (
        str(value)[-40:].replace("\0", "0").encode("ascii", "ignore").decode()
    ),
)
@pytest.mark.parametrize("command", ["show", "check", "run"])
def test_a_notebook_is_refused(
    call: Call, command: str, content: str, sentence: str
) -> None:
    Path("bad.ipynb").write_text(content, "utf-8", errors="surrogateescape")
    Path("out").write_text("kept")
    before = files()
    if command == "show":
        ended = call("show", "bad.ipynb")
    elif command == "run":
        ended = call("run", "bad.ipynb", "-o", "out")
    else:
        ended = call("check", "bad.ipynb")
    assert is_clear(ended, sentence)
    assert ended.code == 3
    assert files() == before


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("gone.ipynb", "gone.ipynb"),
        (".", "this is a folder, not a notebook"),
        ("/dev/null/x", "/dev/null/x"),
    ],
)
def test_a_path_that_is_no_notebook(call: Call, path: str, sentence: str) -> None:
    ended = call("run", path)
    assert is_clear(ended, sentence)
    assert ended.code in (2, 3)


def test_a_hostile_name_is_a_name(call: Call) -> None:
    Path("nb.ipynb").write_text(text(([f"step:{HOSTILE}"], "x = 1"), (["step:b"], "x")))
    for drawing in ("text", "json", "mermaid", "dot", "svg"):
        ended = call("show", "nb.ipynb", "--format", drawing)
        assert ended.code == 0
        assert drawing != "svg" or "<script" not in ended.out
    assert call("run", "nb.ipynb").code == 0
    assert not list(Path.cwd().rglob("pwned"))


def test_fifty_megabytes_are_read(call: Call) -> None:
    made = document([STEP, (["step:b"], "print(x)")])
    lines = ["y" * 1000 + "\n"] * 50_000
    made["cells"][0]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": lines}
    ]
    Path("big.ipynb").write_text(json.dumps(made))
    ended = call("show", "big.ipynb", "--format", "json")
    assert [step["name"] for step in json.loads(ended.out)["steps"]] == ["a", "b"]


@pytest.mark.parametrize("content", [b"not a database", b"", None])
def test_a_store_that_cannot_be_read(call: Call, content: bytes | None) -> None:
    folder = Path("broken")
    if content is None:
        folder.write_text("a file")
    else:
        folder.mkdir()
        (folder / "metadata.sqlite").write_bytes(content)
    before = files()
    ended = call("run", "good.ipynb", "-o", "out.ipynb", "--store", "broken")
    if content == b"":
        assert ended.code == 0  # an empty file is an empty database
        return
    assert is_clear(ended, "broken cannot be used")
    assert ended.code == 2
    assert files() == before


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (
            [
                STEP,
                (["step:b"], "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
            ],
            "step `b` failed: ProcessDied: the step's process was ended by SIGKILL",
        ),
        (
            [(["step:a"], "import socket\ns = socket.socket()"), (["step:b"], "s")],
            "`s` cannot be handed on: socket: cannot pickle",
        ),
    ],
    ids=["killed", "not picklable"],
)
def test_a_run_says_why_it_failed(call: Call, cells: Cells, sentence: str) -> None:
    Path("nb.ipynb").write_text(text(*cells))
    source = Path("nb.ipynb").read_bytes()
    ended = call("run", "nb.ipynb", "--no-join")
    assert is_clear(ended, sentence)
    assert ended.code == 1
    assert Path("nb.ipynb").read_bytes() == source
    (run,) = json.loads(call("runs", "list", "--json").out)
    assert run["status"] == "failed"


def test_a_limit_of_memory_is_told(call: Call) -> None:
    source = (
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))\n"
        "x = bytearray(2**33)"
    )
    Path("nb.ipynb").write_text(text((["step:a"], source)))
    ended = call("run", "nb.ipynb")
    assert ended.code == 1
    assert "cell 1, line 3: step `a` failed: MemoryError" in ended.err


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (
            [(["step:a"], "x = bytearray(30_000_000)"), (["step:b"], "print(len(x))")],
            "x cannot be stored: No space left on device",
        ),
        (
            [(["step:a"], "open('f', 'wb').write(bytes(40_000_000))")],
            "the disk is full. Make room",
        ),
    ],
    ids=["a result", "a file"],
)
def test_a_disk_that_fills_up_during_a_run(
    tmp_path: Path, cells: Cells, sentence: str
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    (tmp_path / "nb.ipynb").write_text(text(*cells))
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("there is no unshare to mount a small disk with")
    script = (
        'mount -t tmpfs -o size=24m kfx "$1" && echo mounted && cp nb.ipynb "$1" '
        '&& cd "$1" && "$2" -m jupyter_kfx.cli run nb.ipynb --store store; '
        'echo "ended $?"; cmp nb.ipynb ../nb.ipynb && echo kept; '
        '"$2" -m jupyter_kfx.cli runs list --store store'
    )
    ended = subprocess.run(
        [unshare, "-rm", "sh", "-c", script, "sh", str(disk), sys.executable],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    if not ended.stdout.startswith("mounted"):
        pytest.skip("a small disk cannot be mounted here")
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr
    # The first to find no room is the step or the store.
    assert re.search(r"^ended [12]\nkept$", ended.stdout, re.MULTILINE)
    assert "failed" in ended.stdout.splitlines()[-1]
