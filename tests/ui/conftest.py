"""A JupyterLab of its own, and Debian's Chromium to look at it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "jupyter_kfx" / "labextension"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put these tests last.

    Once Playwright has started, its event loop runs in the main thread until the end of
    the session, and other tests could not run their own.
    """
    items.sort(key=lambda item: item.path.is_relative_to(Path(__file__).parent))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: Any) -> dict[str, Any]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: Any) -> dict[str, Any]:
    return {**browser_context_args, "viewport": {"width": 1440, "height": 900}}


@dataclass(frozen=True)
class Lab:
    url: str
    folder: Path


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Give a JupyterLab with the extension as it is built now."""
    if not (BUNDLE / "package.json").exists():
        pytest.skip("the extension of JupyterLab is not built: npm run build")
    place = tmp_path_factory.mktemp("lab")
    folder = place / "work"
    folder.mkdir()
    (place / "extensions").mkdir()
    (place / "extensions" / "jupyter-kfx").symlink_to(BUNDLE)
    (place / "settings").mkdir()
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    overrides = {"@jupyterlab/apputils-extension:notification": quiet}
    (place / "settings" / "overrides.json").write_text(json.dumps(overrides))
    config = place / "config.py"
    config.write_text(
        "from jupyterlab.galata import configure_jupyter_server\n"
        "configure_jupyter_server(c)\n"
        f"c.LabApp.extra_labextensions_path = [{str(place / 'extensions')!r}]\n"
        f"c.LabApp.app_settings_dir = {str(place / 'settings')!r}\n"
        "c.ServerApp.jpserver_extensions = {'jupyter_kfx': True, 'jupyterlab': True}\n"
    )
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    env = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(place / "config"),
        "JUPYTER_DATA_DIR": str(place / "data"),
        "JUPYTER_RUNTIME_DIR": str(place / "runtime"),
        "JUPYTER_KFX_STORE": str(place / "store"),
        "PYTHONPATH": str(ROOT),
    }
    command = [
        *(
            sys.executable,
            "-m",
            "jupyterlab",
            "--allow-root",
            "--ServerApp.ip=127.0.0.1",
        ),
        *(f"--config={config}", f"--ServerApp.port={port}"),
        *(f"--ServerApp.root_dir={folder}", "--LabApp.extension_manager=readonly"),
    ]
    url = f"http://127.0.0.1:{port}"
    with (place / "log").open("w") as log:
        server = subprocess.Popen(command, env=env, stderr=log, stdout=log)
        try:
            _wait(server, f"{url}/api/status", place / "log")
            yield Lab(url, folder)
        finally:
            server.terminate()
            server.wait()


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    while True:
        try:
            urllib.request.urlopen(url).close()  # noqa: S310  (our own server)
        except OSError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            return


Open = Callable[..., Page]


@pytest.fixture
def open_notebook(page: Page, lab: Lab) -> Open:
    """Give what opens a notebook with the panel of its pipeline beside it."""

    def opened(name: str, content: dict[str, Any] | None = None) -> Page:
        if content is None:
            shutil.copy(ROOT / "example_notebooks" / name, lab.folder)
        else:
            (lab.folder / name).write_text(json.dumps(content), "utf-8")
        page.goto(f"{lab.url}/lab/tree/{name}?reset")
        page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell")
        page.wait_for_function(
            "window.jupyterapp.commands.hasCommand('kfx:show-pipeline')"
        )
        page.evaluate("void window.jupyterapp.shell.activateById('jp-kfx-pipeline')")
        page.wait_for_selector(".jp-kfx-Panel")
        return page

    return opened
