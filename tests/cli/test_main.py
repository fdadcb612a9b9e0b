"""What all commands have in common: help, exit codes, errors, start-up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Call

COMMAND = [sys.executable, "-m", "jupyter_kfx.cli"]
HEAVY = {"IPython", "nbformat", "papermill", "pydantic", "sqlalchemy", "rich", "yaml"}
HEAVY |= {"pandas", "numpy", "kubernetes", "asyncio", "jsonschema"}


def test_help_names_every_command_and_the_exit_codes(call: Call) -> None:
    ended = call("--help")
    assert ended.code == 0
    for name in ("show", "check", "run", "runs", "logs", "engines", "completion"):
        assert f"\n  {name}" in ended.out
    assert "3 the notebook was refused" in " ".join(ended.out.split())


@pytest.mark.parametrize(
    "code",
    [
        "import jupyter_kfx",
        "from jupyter_kfx.cli.main import commands as c; c(['--help'], standalone_mode=0)",
        "from jupyter_kfx.project import load; load('good.ipynb')",
    ],
)
def test_heavy_packages_stay_out(code: str) -> None:
    script = f"{code}\nimport sys; print(sorted({HEAVY!r} & sys.modules.keys()))"
    if "load" in code:
        script = script.replace("'asyncio', ", "").replace(", 'asyncio'", "")
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nonsense"], 2),
        (["show"], 2),
        (["show", "good.ipynb", "--format", "pdf"], 2),
        (["run", "good.ipynb", "--jobs", "0"], 2),
        (["run", "good.ipynb", "-p", "typo", "1"], 2),
        (["run", "good.ipynb", "-p", "n", "many"], 2),
        (["run", "good.ipynb", "--engine", "warp"], 2),
        (["runs", "show", "nothing"], 2),
        (["runs", "list", "--store", "s3://bucket"], 2),
        (["runs", "list", "--store", "good.ipynb"], 2),
        (["show", "missing.ipynb"], 3),
        (["run", "folder"], 3),
        (["run", "empty.ipynb"], 3),
        (["check", "text.ipynb"], 3),
        (["check", "list.ipynb"], 3),
        (["run", "refused.ipynb"], 3),
        (["check", "refused.ipynb"], 3),
        (["show", "refused.ipynb"], 3),
        (["check", "good.ipynb"], 0),
    ],
)
def test_exit_codes(call: Call, arguments: list[str], code: int) -> None:
    Path("folder").mkdir()
    Path("empty.ipynb").touch()
    Path("text.ipynb").write_text("no notebook", "utf-8")
    Path("list.ipynb").write_text("[]", "utf-8")
    ended = call(*arguments)
    assert ended.code == code
    assert "Traceback" not in ended.out + ended.err
    if code == 2:
        assert "Error" in ended.err


def test_an_unknown_parameter_lists_the_right_ones(call: Call) -> None:
    said = call("run", "good.ipynb", "-p", "nn", "1").err
    assert "Did you mean `n`?" in said
    assert "name (text)" in said


def test_json_of_an_error_is_one_document(call: Call) -> None:
    ended = call("run", "refused.ipynb", "--json")
    error = json.loads(ended.out)["error"]
    assert error["kind"] == "DiagnosticsError"
    assert error["notebook"] == "refused.ipynb"
    (diagnostic,) = error["diagnostics"]
    assert (diagnostic["code"], diagnostic["cell"]) == ("unknown-step", "c1")
    assert "nowhere" in ended.err


def test_a_reader_that_leaves_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*COMMAND, "show", "good.ipynb"], stdout=writer, stderr=subprocess.PIPE
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(call: Call, shell: str) -> None:
    ended = call("completion", shell)
    assert ended.code == 0
    assert "_JUPYTER_KFX_COMPLETE" in ended.out


def completed(words: str) -> list[str]:
    env = {
        **os.environ,
        "_JUPYTER_KFX_COMPLETE": "zsh_complete",
        "COMP_WORDS": f"jupyter-kfx {words}",
        "COMP_CWORD": str(len(words.split(" "))),
    }
    code = (
        "from jupyter_kfx.cli.main import commands\n"
        "commands.main(prog_name='jupyter-kfx', complete_var='_JUPYTER_KFX_COMPLETE')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True
    )
    return [line for line in done.stdout.split("\n") if line]


def test_what_a_shell_is_offered() -> None:
    assert "refused.ipynb" in completed("show re")
    assert "good.ipynb" not in completed("show re")
    assert "--format" in completed("show --fo")
    assert completed("runs show 2") == []


def test_runs_and_steps_are_offered(call: Call) -> None:
    assert call("run", "good.ipynb").code == 0
    (run,) = json.loads(call("runs", "list", "--json").out)
    assert run["run"] in completed("runs show 2")
    assert "total" in completed("logs latest to")
    assert "load" not in completed("logs latest to")
