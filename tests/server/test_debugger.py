from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_server.serverapp import ServerApp

from tests.cli.conftest import Cells
from tests.server.conftest import Call, End, Start

CELLS: Cells = [
    (["step:load"], "rows = [1, 2, 0]"),
    (["step:use"], "total = sum(rows)"),
    (["step:use"], "rows[0] / rows[2]"),
    (["step:use"], "print('never')"),
]


def said(server: ServerApp, kernel: str, code: str) -> str:
    """Return what a kernel of the server prints."""
    client = BlockingKernelClient()
    manager: Any = server.kernel_manager.get_kernel(kernel)
    client.load_connection_info(manager.get_connection_info(session=False))
    client.start_channels()
    texts: list[str] = []

    def hook(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            texts.append(message["content"]["text"])

    try:
        client.wait_for_ready(timeout=60)
        client.execute_interactive(code, output_hook=hook, timeout=60)
    finally:
        client.stop_channels()
    return "".join(texts)


def test_a_kernel_stands_where_the_step_began(
    call: Call, start: Start, end: End, jp_serverapp: ServerApp, jp_root_dir: Path
) -> None:
    run = start(CELLS)
    assert end(run)["status"] == "failed"
    status, answer = call("POST", f"runs/{run}/debug", {"step": "use"})
    assert status == 201, answer
    assert answer["to_rerun"] == [CELLS[1][1], CELLS[2][1]]
    assert answer["cells"] == [source for _, source in CELLS[1:]]
    assert "Loaded: rows." in answer["said"]
    (kernel,) = jp_serverapp.kernel_manager.list_kernel_ids()
    assert answer["kernel"] == {"id": kernel, "name": "python3"}
    code = "import os; print(rows, 'total' in globals(), os.getcwd(), _i)"
    assert said(jp_serverapp, kernel, code) == f"[1, 2, 0] False {jp_root_dir} \n"
    status, answer = call("POST", f"runs/{run}/debug", {"step": "load"})
    assert (status, answer["to_rerun"]) == (201, [])


@pytest.mark.parametrize(
    ("request_", "status"),
    [({"step": "nope"}, 404), ({}, 404), ({"step": "load", "x": 1}, 400)],
)
def test_what_cannot_be_debugged(
    call: Call, start: Start, end: End, request_: dict[str, Any], status: int
) -> None:
    run = start([(["step:load"], "x = 1")])
    end(run)
    assert call("POST", f"runs/{run}/debug", request_)[0] == status
    assert call("POST", "runs/none/debug", {"step": "load"})[0] == 404


def test_a_kernel_that_ends_on_the_way_is_told(
    call: Call, start: Start, end: End, jp_serverapp: ServerApp, jp_root_dir: Path
) -> None:
    (jp_root_dir / "mortal.py").write_text(
        "import os\nif os.path.exists('deadly'): os._exit(3)\n", "utf-8"
    )
    run = start([([], "import mortal"), (["step:a"], "x = mortal.os")])
    assert end(run)["status"] == "succeeded"
    (jp_root_dir / "deadly").touch()
    status, answer = call("POST", f"runs/{run}/debug", {"step": "a"})
    assert (status, answer["kind"]) == (502, "EngineError")
    assert "ended while it loaded" in answer["message"]
    assert jp_serverapp.kernel_manager.list_kernel_ids() == []
