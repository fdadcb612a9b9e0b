from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from jupyter_kfx import project
from tests.cli.conftest import FAILING, GOOD, REFUSED, Cells, document
from tests.server.conftest import Call, End, Start


def test_pipeline_and_drawing_of_a_notebook(call: Call) -> None:
    status, answer = call("POST", "analyse", {"notebook": document(GOOD)})
    assert status == 200
    assert [step["name"] for step in answer["pipeline"]["steps"]] == ["load", "total"]
    drawing = answer["drawing"]
    assert {node["step"] for node in drawing["nodes"]} == {"load", "total"}
    (edge,) = drawing["edges"]
    assert (edge["source"], edge["target"]) == ("load", "total")
    assert edge["label"]["text"] == "rows"
    places = {node["step"]: node for node in drawing["nodes"]}
    assert places["load"]["y"] + places["load"]["height"] < places["total"]["y"]


def test_diagnostics_are_in_the_answer(call: Call) -> None:
    status, answer = call("POST", "analyse", {"notebook": document(REFUSED)})
    assert status == 200
    (found,) = answer["pipeline"]["diagnostics"]
    assert found["severity"] == "error"
    assert found["cell_index"] == 1
    assert found["cure"]


def test_what_is_no_notebook_is_refused(call: Call) -> None:
    status, answer = call("POST", "analyse", {"notebook": {"cells": 3}})
    assert status == 422
    assert answer["kind"] == "NotebookFormatError"


def test_steps_are_proposed(call: Call) -> None:
    cells: Cells = [
        ([], source) for source in ("import math", "a = [math.pi]", "b = sum(a)")
    ]
    status, answer = call("POST", "suggest", {"notebook": document(cells)})
    assert status == 200
    assert answer["setup"] == [0]
    assert [step["cells"] for step in answer["steps"]] == [[1, 2]]
    assert answer["tags"] == [
        {"cell": 1, "add": [f"step:{answer['steps'][0]['name']}"]}
    ]
    status, answer = call("POST", "suggest", {"notebook": document(GOOD)})
    assert (status, answer["kind"]) == (400, "UsageError")
    status, answer = call("POST", "suggest", {"notebook": document(cells[2:]), "x": 1})
    assert status == 400


def test_engines(call: Call) -> None:
    assert [engine["name"] for engine in call("GET", "engines")[1]] == ["local"]


def test_a_run_from_start_to_end(
    call: Call, start: Start, end: End, jp_root_dir: Path
) -> None:
    run = start(GOOD, parameters={"n": 5}, options={"jobs": 1})
    ended = end(run)
    assert ended["status"] == "succeeded"
    assert ended["notebook"] == "work.ipynb"
    assert ended["parameters"] == {"n": 5}
    assert ended["metrics"] == {"total": 10}
    assert [(s["step"], s["status"]) for s in ended["steps"]] == [
        ("load", "succeeded"),
        ("total", "succeeded"),
    ]
    assert ended["steps"][0]["outputs"][0]["names"] == ["rows"]
    assert [each["run"] for each in call("GET", "runs", path="work.ipynb")[1]] == [run]
    assert call("GET", "runs", path="other.ipynb")[1] == []
    # The user's file is as it was.
    assert (jp_root_dir / "work.ipynb").read_text("utf-8") == "{}"


def test_log_and_notebook_of_a_step(call: Call, start: Start, end: End) -> None:
    run = start([(["step:a b/ü"], "print('zwölf')\nx = 1"), (["step:c"], "print(x)")])
    end(run)
    status, log = call("GET", f"runs/{run}/log", step="a b/ü")
    assert (status, log["text"], log["ended"]) == (200, "zwölf\n", True)
    rest = call("GET", f"runs/{run}/log", step="a b/ü", offset=log["offset"])[1]
    assert (rest["text"], rest["offset"]) == ("", log["offset"])
    status, notebook = call("GET", f"runs/{run}/notebook", step="a b/ü")
    assert status == 200
    assert notebook["cells"][-1]["outputs"][0]["text"] == "zwölf\n"


def test_a_log_is_followed_while_it_grows(
    call: Call, start: Start, jp_root_dir: Path
) -> None:
    go = jp_root_dir / "go"
    run = start(
        [
            (
                ["step:slow"],
                "import pathlib, time\nprint('first', flush=True)\n"
                f"while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.02)\n"
                "print('second')",
            )
        ]
    )
    text, offset, ended = "", 0, False
    while not ended:
        part = call("GET", f"runs/{run}/log", step="slow", offset=offset)[1]
        text, offset, ended = text + part["text"], part["offset"], part["ended"]
        if text == "first\n" and not go.exists():
            (state,) = call("GET", f"runs/{run}")[1]["steps"]
            assert (state["status"], state["cell_index"]) == ("running", 0)
            go.touch()
        time.sleep(0.02)
    text += call("GET", f"runs/{run}/log", step="slow", offset=offset)[1]["text"]
    assert text == "first\nsecond\n"


def test_cells_run_in_the_folder_of_the_notebook(
    call: Call, jp_root_dir: Path, end: End
) -> None:
    (jp_root_dir / "deep").mkdir()
    cells = [(["step:a"], "import os\nprint(os.getcwd())")]
    request = {"notebook": document(cells), "path": "deep/new.ipynb"}
    run = call("POST", "runs", request)[1]["run"]
    end(run)
    log = call("GET", f"runs/{run}/log", step="a")[1]
    assert log["text"].strip() == str((jp_root_dir / "deep").resolve())
    assert not (jp_root_dir / "deep" / "new.ipynb").exists()


def test_a_failed_step_says_where(call: Call, start: Start, end: End) -> None:
    run = start(FAILING)
    ended = end(run)
    assert ended["status"] == "failed"
    states = {state["step"]: state for state in ended["steps"]}
    assert states["first"]["status"] == "succeeded"
    assert states["second"]["status"] == "failed"
    error = states["second"]["error"]
    assert (error["ename"], error["cell_index"], error["line"]) == (
        "ZeroDivisionError",
        1,
        2,
    )
    assert states["third"]["status"] == "skipped"
    log = call("GET", f"runs/{run}/log", step="second")[1]["text"]
    assert "ZeroDivisionError" in log


def test_cancelling(call: Call, start: Start, end: End) -> None:
    run = start([(["step:long"], "import time\ntime.sleep(600)")])
    while call("GET", f"runs/{run}")[1]["steps"][0]["cell_index"] is None:
        time.sleep(0.05)
    assert call("POST", f"runs/{run}/cancel", {})[0] == 202
    ended = end(run)
    assert ended["status"] == "cancelled"
    assert ended["steps"][0]["status"] == "cancelled"
    status, answer = call("POST", f"runs/{run}/cancel", {})
    assert status == 400
    assert "cancelled" in answer["message"]


def test_a_refused_notebook_does_not_start(call: Call, jp_root_dir: Path) -> None:
    request = {"notebook": document(REFUSED), "path": "work.ipynb"}
    status, answer = call("POST", "runs", request)
    assert (status, answer["kind"]) == (422, "DiagnosticsError")
    assert answer["diagnostics"][0]["cell_index"] == 1
    assert call("GET", "runs")[1] == []


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"path": "../outside.ipynb"}, 400, "not below the server's folder"),
        ({"path": "/etc/../../x.ipynb"}, 400, "not below the server's folder"),
        ({"path": "nowhere/x.ipynb"}, 400, "not below the server's folder"),
        ({"path": None}, 400, "names no notebook"),
        ({"parameters": {"m": 1}}, 400, "no parameter `m`"),
        ({"parameters": {"n": "x"}}, 400, "`n` takes"),
        ({"options": {"cwd": "/"}}, 400, "no option `cwd`"),
        ({"options": {"jobs": True}}, 400, "`jobs` cannot be True"),
        ({"options": {"engine": "moon"}}, 400, "no engine `moon`"),
        ({"options": {"kernel": "none-such"}}, 400, "none-such"),
    ],
)
def test_a_wrong_request_is_told_in_a_sentence(
    call: Call, change: dict[str, Any], status: int, said: str
) -> None:
    request = {"notebook": document(GOOD), "path": "work.ipynb", **change}
    answered, answer = call("POST", "runs", request)
    assert answered == status
    assert said in answer["message"]
    assert answer["cure"]


def test_unknown_runs_and_steps(call: Call, start: Start, end: End) -> None:
    assert call("GET", "runs/none")[0] == 404
    run = start(GOOD)
    end(run)
    assert call("GET", f"runs/{run}/log", step="none")[0] == 404
    assert call("GET", f"runs/{run}/notebook", step="none")[0] == 404
    assert call("GET", f"runs/{run}/log", step="load", offset="-1")[0] == 400


def test_a_link_out_of_the_folder_is_not_followed(
    call: Call, jp_root_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (jp_root_dir / "link").symlink_to(tmp_path / "out")
    request = {"notebook": document(GOOD), "path": "link/x.ipynb"}
    assert call("POST", "runs", request)[0] == 400


def test_a_run_again_as_it_was(call: Call, start: Start, end: End) -> None:
    run = start(GOOD, parameters={"n": 5}, options={"jobs": 1})
    end(run)
    status, answer = call("POST", f"runs/{run}/retry", {"parameters": {"rate": 0.1}})
    assert status == 201
    again = end(answer["run"])
    assert again["run"] != run
    assert again["parameters"]["n"] == 5
    assert again["parameters"]["rate"] == 0.1
    assert again["notebook"] == "work.ipynb"
    assert again["metrics"] == {"total": 10}
    assert [state["cached"] for state in again["steps"]] == [True, True]
    assert all(state["reason"] for state in again["steps"])
    status, answer = call("POST", f"runs/{run}/retry", {"options": {"only": "total"}})
    states = {state["step"]: state for state in end(answer["run"])["steps"]}
    assert not states["total"]["cached"]
    assert call("POST", f"runs/{run}/retry", {"notebook": {}})[0] == 400


def test_a_run_of_a_terminal_is_not_run_again_here(call: Call) -> None:
    ran = project.run(project.load_json(document(GOOD)))
    status, answer = call("POST", f"runs/{ran.id}/retry", {})
    assert (status, answer["kind"]) == (400, "UsageError")
    assert "in a terminal" in answer["message"]


def test_deleting(call: Call, start: Start, end: End, tmp_path: Path) -> None:
    run = start([(["step:long"], "import time\ntime.sleep(600)")])
    status, answer = call("DELETE", f"runs/{run}")
    assert (status, answer["message"]) == (400, f"run {run} is still running.")
    call("POST", f"runs/{run}/cancel", {})
    end(run)
    assert call("DELETE", f"runs/{run}") == (204, None)
    assert call("GET", f"runs/{run}")[0] == 404
    assert not (tmp_path / "store" / "runs" / run).exists()


def test_the_list_of_runs_is_narrowed(call: Call, start: Start, end: End) -> None:
    good, bad = start(GOOD), start(FAILING)
    for run in (good, bad):
        end(run)

    def found(**query: str) -> list[str]:
        return [each["run"] for each in call("GET", "runs", **query)[1]]

    assert found() == [bad, good]
    assert found(limit="1") == [bad]
    assert found(status="succeeded") == [good]
    assert found(status="failed", path="work.ipynb") == [bad]
    assert found(engine="moon") == []


def test_artifacts_are_told_and_not_read(
    call: Call, start: Start, end: End, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    evil = (
        f"class A:\n    def __reduce__(self): return open, ({str(ran)!r}, 'w')\na = A()"
    )
    run = start([(["step:a"], evil), (["step:b"], "b = [1, 2]"), (["step:c"], "b, a")])
    end(run)
    ran.unlink(missing_ok=True)
    status, found = call("GET", f"runs/{run}/artifacts")
    assert status == 200
    by_name = {name: each for each in found for name in each["names"]}
    assert by_name["b"]["step"] == "b"
    assert by_name["b"]["types"]["b"].endswith("list")
    assert by_name["b"]["there"]
    digest = by_name["b"]["digest"]
    status, one = call("GET", f"artifacts/{digest}")
    assert (status, one["size"]) == (200, by_name["b"]["size"])
    assert [use["step"] for use in one["written"]] == ["b"]
    assert [use["step"] for use in one["read"]] == ["c"]
    file = tmp_path / "store" / "artifacts" / digest[:2] / digest
    file.write_bytes(f"cos\nsystem\n(S'touch {ran}'\ntR.".encode())
    assert call("GET", f"artifacts/{digest}")[0] == 200
    assert call("GET", f"runs/{run}/artifacts")[1] == found
    assert not ran.exists()
    assert call("GET", f"artifacts/{'0' * 64}")[0] == 404


def test_an_executed_step_as_a_page_runs_no_script(
    jp_fetch: Any,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
    start: Start,
    end: End,
) -> None:
    evil = "<script>alert(1)</script><b onclick='alert(2)'>bold</b>"
    source = f"from IPython.display import HTML, display\ndisplay(HTML({evil!r}))"
    run = start([(["step:<i>a"], source)])
    end(run)
    asyncio.set_event_loop(jp_asyncio_loop)
    answer = jp_asyncio_loop.run_until_complete(
        jp_fetch("jupyter-kfx", "runs", run, "notebook.html", params={"step": "<i>a"})
    )
    text = answer.body.decode()
    assert answer.headers["Content-Type"].startswith("text/html")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "<b>bold</b>" in text
    assert "<script>alert" not in text
    assert "<b onclick" not in text
    assert "<i>a" not in text
    assert 'src="http' not in text


def test_settings_and_options_have_schemas(call: Call) -> None:
    from jsonschema import Draft202012Validator

    schemas = call("GET", "schema")[1]
    (engine,) = call("GET", "engines")[1]
    for schema in (schemas["step"], schemas["pipeline"], engine["options"]):
        Draft202012Validator.check_schema(schema)
    assert schemas["step"]["properties"]["retry"]["description"]
    assert {"jobs", "cache", "only"} <= set(engine["options"]["properties"])


def test_links_in_a_circle_lead_nowhere(call: Call, jp_root_dir: Path) -> None:
    (jp_root_dir / "round").symlink_to(jp_root_dir / "round")
    request = {"notebook": document(GOOD), "path": "round/x.ipynb"}
    assert call("POST", "runs", request)[0] == 400


@pytest.mark.parametrize(
    "jp_server_config",
    [
        {
            "ServerApp": {"jpserver_extensions": {"jupyter_kfx": True}},
            "KfxExtension": {"allowed_engines": [], "max_runs": 1},
        }
    ],
)
def test_engines_can_be_forbidden(call: Call, jp_server_config: Any) -> None:
    assert call("GET", "engines") == (200, [])
    status, answer = call(
        "POST", "runs", {"notebook": document(GOOD), "path": "work.ipynb"}
    )
    assert (status, answer["message"]) == (400, "no engine may be used here.")


@pytest.mark.parametrize(
    "jp_server_config",
    [
        {
            "ServerApp": {"jpserver_extensions": {"jupyter_kfx": True}},
            "KfxExtension": {"max_runs": 1},
        }
    ],
)
def test_runs_at_once_are_limited(
    call: Call, start: Start, end: End, jp_server_config: Any
) -> None:
    run = start([(["step:long"], "import time\ntime.sleep(600)")])
    request = {"notebook": document(GOOD), "path": "work.ipynb"}
    status, answer = call("POST", "runs", request)
    assert (status, answer["message"]) == (
        400,
        "as many runs as may (1) are running already.",
    )
    call("POST", f"runs/{run}/cancel", {})
    end(run)
    end(call("POST", "runs", request)[1]["run"])


def test_two_runs_are_compared(call: Call, start: Start, end: End) -> None:
    one, other = start(GOOD), start(GOOD, parameters={"n": 4})
    for run in (one, other):
        end(run)
    status, found = call("GET", f"runs/{one}/compare", other=other)
    assert (status, found["same"]) == (200, False)
    assert [run["run"] for run in found["runs"]] == [one, other]
    assert call("GET", f"runs/{one}/compare", other=one)[1]["same"]
    assert call("GET", f"runs/{one}/compare", other="none")[0] == 404
