from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyter_kfx.background.launch import cancel
from jupyter_kfx.errors import UsageError
from jupyter_kfx.project import open_store
from jupyter_kfx.server.service import Service
from tests.cli.conftest import document

START = """
import json, os, signal, sys
from jupyter_kfx.server.service import Service
request = {"notebook": json.load(sys.stdin), "path": "work.ipynb"}
print(Service(sys.argv[1], None).start(request)["run"], flush=True)
os.killpg(0, signal.SIGKILL)
"""


def test_a_run_outlives_the_server(tmp_path: Path) -> None:
    go = tmp_path / "go"
    wait = f"import pathlib\nwhile not pathlib.Path({str(go)!r}).exists(): pass"
    server = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path)],
        input=json.dumps(document([(["step:a"], wait), (["step:b"], "print('b')")])),
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    assert server.returncode < 0
    run = server.stdout.strip()
    records = Service(str(tmp_path)).records
    assert records.runs("work.ipynb", None)[0]["status"] == "running"
    go.touch()
    while records.run(run)["status"] == "running":
        time.sleep(0.05)
    assert records.run(run)["status"] == "succeeded"
    assert records.log(run, "b", 0)["text"] == "b\n"


def test_a_run_of_a_terminal_is_left_to_it(tmp_path: Path) -> None:
    store = open_store()
    run = store.start_run(
        pipeline="p",
        definition={"steps": [{"name": "a"}]},
        parameters={},
        engine="local",
        notebook=None,
    )
    with pytest.raises(UsageError, match="not started here"):
        cancel(run)
    store.end_run(run.id, status="succeeded", metrics={}, report={})
    store.close()
