from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403  (fixtures use one another)
from tornado.httpclient import HTTPClientError

from tests.cli.conftest import Cells, document

Call = Callable[..., tuple[int, Any]]


@pytest.fixture  # type: ignore[no-redef]
def jp_server_config() -> dict[str, Any]:
    return {
        "ServerApp": {"jpserver_extensions": {"jupyter_kfx": True}},
        "KfxExtension": {"max_warm": 0},
    }


@pytest.fixture(autouse=True)
def _store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_KFX_STORE", str(tmp_path / "store"))


@pytest.fixture
def call(jp_fetch: Any, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Call:
    """Give what calls a route and returns the status and the JSON of the answer."""

    def fetch(
        method: str, route: str, body: Any = None, **query: Any
    ) -> tuple[int, Any]:
        # The client asks for the current loop, and other tests may have ended theirs.
        asyncio.set_event_loop(jp_asyncio_loop)
        given = None if method in ("GET", "DELETE") else json.dumps(body)
        request = jp_fetch(
            "jupyter-kfx", *route.split("/"), method=method, body=given, params=query
        )
        try:
            answer = jp_asyncio_loop.run_until_complete(request)
        except HTTPClientError as error:
            assert error.response is not None
            answer = error.response
        return answer.code, json.loads(answer.body) if answer.body else None

    return fetch


Start = Callable[..., str]


@pytest.fixture
def start(call: Call, jp_root_dir: Path) -> Start:
    """Give what starts a run of cells and returns its id."""

    def begin(cells: Cells, **more: Any) -> str:
        (jp_root_dir / "work.ipynb").write_text("{}", "utf-8")
        request = {"notebook": document(cells), "path": "work.ipynb", **more}
        status, answer = call("POST", "runs", request)
        assert status == 201, answer
        return str(answer["run"])

    return begin


End = Callable[[str], dict[str, Any]]


@pytest.fixture
def end(call: Call) -> End:
    """Give what waits for the end of a run and returns it."""

    def wait(run: str) -> dict[str, Any]:
        while True:
            found: dict[str, Any] = call("GET", f"runs/{run}")[1]
            if found["status"] != "running":
                return found
            time.sleep(0.05)

    return wait
