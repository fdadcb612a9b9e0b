"""What each command prints and leaves."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from jupyter_kfx.pipeline.codec import from_json
from tests.cli.conftest import Call, Cells, document

COMMAND = [sys.executable, "-m", "jupyter_kfx.cli"]


def test_show(call: Call) -> None:
    drawn = call("show", "good.ipynb").out
    assert "parameters: n=3, name='x', rate=0.5" in drawn
    assert "<- load: rows" in drawn
    assert call("show", "good.ipynb", "--format", "mermaid").out.startswith("flowchart")
    assert call("show", "good.ipynb", "--format", "dot").out.startswith("digraph")
    shown = from_json(json.loads(call("show", "good.ipynb", "--json").out))
    assert [step.name for step in shown.steps] == ["load", "total"]


def test_show_into_a_file(call: Call) -> None:
    ended = call("show", "good.ipynb", "--format", "svg", "-o", "dag.svg")
    assert (ended.code, ended.out) == (0, "")
    assert ET.parse("dag.svg").getroot().get("role") == "img"
    refused = call("show", "good.ipynb", "-o", "no/such/folder.txt")
    assert refused.code == 2
    assert "cannot be written" in refused.err


def test_check_names_place_and_cure(call: Call) -> None:
    ended = call("check", "refused.ipynb")
    assert "cell 2" in ended.out
    assert "there is no step `nowhere`. Name a step above this one." in ended.out
    assert "1 error," in ended.out
    document = json.loads(call("check", "refused.ipynb", "--json").out)
    assert document["refused"] is True
    assert document["diagnostics"][0]["cell"] == "c1"
    assert json.loads(call("check", "good.ipynb", "--json").out)["refused"] is False


UNTAGGED: Cells = [
    (["hide"], "rows = [str(n) for n in range(9)]\nrows.reverse()\nprint(rows)"),
    ([], "rows[0]"),
    (
        [],
        "# Add up\ntotal = sum(map(int, rows))\nprint(total)\nwith open('t') as f:\n    1",
    ),
]


def test_suggest_tells_and_writes_nothing(call: Call) -> None:
    text = json.dumps(document(UNTAGGED), indent=1)
    Path("new.ipynb").write_text(text, "utf-8")
    told = call("suggest", "new.ipynb")
    assert told.code == 0
    assert "rows (cells 1-2)\n    It makes `rows`.\n" in told.out
    assert "Add up (cell 3)\n" in told.out
    assert "--write" in told.err
    assert Path("new.ipynb").read_text("utf-8") == text


def test_suggest_writes_tags_once(call: Call) -> None:
    Path("new.ipynb").write_text(json.dumps(document(UNTAGGED), indent=1), "utf-8")
    written = call("suggest", "new.ipynb", "--write", "--json")
    assert written.code == 0
    assert [s["name"] for s in json.loads(written.out)["steps"]] == ["rows", "Add up"]
    tagged = [(["hide", "step:rows"], UNTAGGED[0][1]), UNTAGGED[1]]
    tagged.append((["step:Add up"], UNTAGGED[2][1]))
    text = json.dumps(document(tagged), indent=1)
    assert Path("new.ipynb").read_text("utf-8") == text
    again = call("suggest", "new.ipynb", "--write")
    assert (again.code, "already" in again.err) == (0, True)
    assert Path("new.ipynb").read_text("utf-8") == text


def test_suggest_leaves_steps_of_its_own_alone(call: Call) -> None:
    text = Path("good.ipynb").read_text("utf-8")
    refused = call("suggest", "good.ipynb", "--write")
    assert (refused.code, "steps of its own" in refused.err) == (2, True)
    assert Path("good.ipynb").read_text("utf-8") == text


def test_run_prints_a_table_and_where_things_are(call: Call) -> None:
    ended = call("run", "good.ipynb", "-p", "n", "4", "-o", "out.ipynb")
    assert ended.code == 0
    assert re.search(r"✓ +load +succeeded .* rows .*step\.ipynb", ended.out)
    assert "executed notebook: out.ipynb" in ended.out
    assert re.search(r"^\[\+\d+\.\ds\] load started$", ended.err, re.MULTILINE)
    assert ended.err.count("load started") == 1
    executed = json.loads(Path("out.ipynb").read_text("utf-8"))
    assert executed["cells"][1]["metadata"]["tags"] == ["injected-parameters"]
    assert "total 6" in str(executed["cells"][3]["outputs"])


def test_run_json_is_one_document(call: Call) -> None:
    ended = call("run", "good.ipynb", "--json")
    report = json.loads(ended.out)
    assert (report["status"], report["engine"]) == ("succeeded", "local")
    assert isinstance(report["metrics"], dict)
    step = report["steps"][0]
    keys = {"name", "status", "notebook", "inputs", "outputs", "seconds", "cached"}
    assert step.keys() >= keys
    assert not Path(step["notebook"]).is_absolute()
    assert Path(step["notebook"]).exists()
    assert "load started" in ended.err


def test_a_failed_run_says_where_and_why(call: Call) -> None:
    ended = call("run", "failing.ipynb")
    assert ended.code == 1
    assert "✗  second  failed" in ended.out
    assert "----> 2 z = x / y" in ended.err
    assert (
        "failing.ipynb, cell 2, line 2: step `second` failed: ZeroDivisionError"
        in ended.err
    )
    assert "\x1b" not in ended.out + ended.err


def test_runs_and_logs(call: Call) -> None:
    assert call("run", "failing.ipynb").code == 1
    assert call("run", "good.ipynb").code == 0
    listed = json.loads(call("runs", "list", "--json").out)
    assert [run["status"] for run in listed] == ["succeeded", "failed"]
    assert "total 3" in call("logs").out
    assert call("logs", "latest", "load").out == "loaded 3\n"
    assert "has no step `nothing`" in call("logs", "latest", "nothing").err
    logged = call("logs", listed[1]["run"]).out
    assert "first: [bold]fine[/bold]" in logged
    assert "\x1b" not in logged
    shown = call("runs", "show", listed[1]["run"]).out
    assert "failing failed" in shown
    assert call("runs", "rm", listed[1]["run"]).code == 0
    assert len(json.loads(call("runs", "list", "--json").out)) == 1


def test_engines(call: Call) -> None:
    assert "local" in call("engines").out
    assert "local" in json.loads(call("engines", "--json").out)


SLOW = [
    (["step:quick"], "print('done')"),
    (
        ["step:slow"],
        "import time\nprint('\\x1b[2Jepoch [red]1[/red]', flush=True)\ntime.sleep(60)",
    ),
]


def on_terminal(*arguments: str, until: tuple[str, ...]) -> tuple[int, str]:
    """Run a command on a terminal, press Ctrl-C when it has shown all of some texts."""
    own, other = pty.openpty()
    child = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=other,
        stdout=other,
        stderr=other,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"},
    )
    os.close(other)
    shown, pressed, limit = "", False, time.monotonic() + 60
    while time.monotonic() < limit:
        if not select.select([own], [], [], 0.2)[0]:
            continue
        try:
            shown += os.read(own, 65536).decode("utf-8", "replace")
        except OSError:  # the other end is closed
            break
        if not pressed and all(text in shown for text in until):
            pressed = True
            child.send_signal(signal.SIGINT)
    else:
        child.kill()
    os.close(own)
    return child.wait(10), shown


@pytest.mark.skipif(sys.platform == "win32", reason="there are no terminals to open")
def test_live_lines_and_ctrl_c(call: Call) -> None:
    Path("slow.ipynb").write_text(json.dumps(document(SLOW)), "utf-8")
    code, shown = on_terminal("run", "slow.ipynb", until=("succeeded", "epoch"))
    assert code == 130
    bare = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert "✓ quick succeeded" in bare
    assert re.search(r"● slow  \d+\.\d s  cell 1/1  epoch \[red\]1\[/red\]", bare)
    # Rich itself never clears the screen; the cell's attempt to is gone.
    assert "\x1b[2J" not in shown
    listed: list[dict[str, Any]] = json.loads(call("runs", "list", "--json").out)
    assert [run["status"] for run in listed] == ["cancelled"]
