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
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "jupyter_kfx" / "labextension"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
COLLABORATION_IS_THERE = find_spec("jupyter_server_ydoc") is not None
NOTEBOOK_IS_THERE = find_spec("notebook") is not None
COLLABORATION = ("@jupyter/collaboration-extension", "@jupyter/docprovider-extension")
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
        pytest.skip("there is no chromium here: apt-get install chromium")
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: Any) -> dict[str, Any]:
    return {**browser_context_args, "viewport": {"width": 1440, "height": 900}}


_HAS_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[_HAS_FAILED] = item.stash.get(_HAS_FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def shared_page(browser: Browser, browser_context_args: Any) -> Iterator[Page]:
    context = browser.new_context(**browser_context_args)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(shared_page: Page, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Give the one page of the session: loading JupyterLab takes most of a test's time.

    What a test has opened in it is closed at its end; after a failure it is loaded anew.
    """
    yield shared_page
    shared_page.unroute_all()
    if request.node.stash.get(_HAS_FAILED, True):
        shared_page.goto("about:blank")
    else:
        dialogs = shared_page.locator(".jp-Dialog")
        while count := dialogs.count():
            shared_page.keyboard.press("Escape")
            expect(dialogs).to_have_count(count - 1)
        shared_page.evaluate(
            """async () => {
              const app = window.jupyterapp;
              for (const each of app ? [...app.shell.widgets('main')] : []) {
                each.dispose();
              }
              await app?.serviceManager.sessions.shutdownAll();
            }"""
        )


@dataclass(frozen=True)
class Lab:
    url: str
    folder: Path


@dataclass(frozen=True)
class Server:
    lab: Lab
    place: Path
    port: int
    collaboration: bool
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


class Servers:
    """JupyterLabs with the extension as it is built now."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        if not (BUNDLE / "package.json").exists():
            pytest.skip("the extension of JupyterLab is not built: npm run build")
        self._factory = factory
        self._running: list[Server] = []

    def start(self, *, collaboration: bool = False) -> Server:
        place = self._factory.mktemp("lab")
        _configure(place, collaboration=collaboration)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        return self._start(place, port, collaboration=collaboration)

    def restart(self, server: Server) -> Server:
        """Stop a server and start it again at the same address."""
        server.stop()
        self._running.remove(server)
        return self._start(
            server.place, server.port, collaboration=server.collaboration
        )

    def stop(self) -> None:
        for server in self._running:
            server.stop()

    def _start(self, place: Path, port: int, *, collaboration: bool) -> Server:
        folder = place / "work"
        env = {
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(place / "config"),
            "JUPYTER_DATA_DIR": str(place / "data"),
            "JUPYTER_RUNTIME_DIR": str(place / "runtime"),
            "JUPYTER_KFX_STORE": str(place / "store"),
            "PYTHONPATH": str(ROOT),
        }
        command = [
            *(sys.executable, "-m", "jupyterlab", "--allow-root"),
            *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"),
            *(f"--config={place / 'config.py'}", f"--ServerApp.root_dir={folder}"),
            "--LabApp.extension_manager=readonly",
        ]
        url = f"http://127.0.0.1:{port}"
        with (place / "log").open("a") as log:
            process = subprocess.Popen(command, env=env, stderr=log, stdout=log)
        server = Server(Lab(url, folder), place, port, collaboration, process)
        self._running.append(server)
        _wait(process, f"{url}/api/status", place / "log")
        return server


def _configure(place: Path, *, collaboration: bool) -> None:
    (place / "work").mkdir()
    (place / "extensions").mkdir()
    (place / "extensions" / "jupyter-kfx").symlink_to(BUNDLE)
    (place / "settings").mkdir()
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    overrides = {
        "@jupyterlab/apputils-extension:notification": quiet,
        # On a busy machine every run is long, and what is told of it covers buttons.
        "jupyter-kfx:runs": {"notifyAfter": -1},
    }
    (place / "settings" / "overrides.json").write_text(json.dumps(overrides))
    off = {} if collaboration else dict.fromkeys(COLLABORATION, True)
    (place / "config" / "labconfig").mkdir(parents=True)
    (place / "config" / "labconfig" / "page_config.json").write_text(
        json.dumps({"disabledExtensions": off})
    )
    extensions = {
        "jupyter_kfx": True,
        "jupyterlab": True,
        "notebook": NOTEBOOK_IS_THERE,
        "jupyter_server_ydoc": collaboration,
    }
    (place / "config.py").write_text(
        "from jupyterlab.galata import configure_jupyter_server\n"
        "configure_jupyter_server(c)\n"
        "c.JupyterNotebookApp.expose_app_in_browser = True\n"
        "for each in (c.LabApp, c.JupyterNotebookApp):\n"
        f"    each.extra_labextensions_path = [{str(place / 'extensions')!r}]\n"
        f"    each.app_settings_dir = {str(place / 'settings')!r}\n"
        f"c.ServerApp.jpserver_extensions = {extensions!r}\n"
    )


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Give what starts servers, and stop them at the end."""
    found = Servers(tmp_path_factory)
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="session")
def lab(servers: Servers) -> Lab:
    """Give the server that most tests share."""
    return servers.start().lab


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    while True:
        try:
            urllib.request.urlopen(url).close()  # noqa: S310  (our own server)
        except OSError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            return


expect.set_options(timeout=30_000)  # a busy machine takes its time

Open = Callable[..., Page]


def opened(
    page: Page,
    lab: Lab,
    name: str,
    content: dict[str, Any] | None = None,
    tree: str = "lab/tree",
) -> Page:
    """Return a page with a notebook, and the panel of its pipeline beside it."""
    if content is None:
        shutil.copy(ROOT / "example_notebooks" / name, lab.folder)
    elif not (lab.folder / name).exists():
        (lab.folder / name).write_text(json.dumps(content), "utf-8")
    if tree == "lab/tree" and is_loaded(page, lab):
        page.evaluate(
            "path => void window.jupyterapp.commands.execute('docmanager:open', {path})",
            name,
        )
    else:
        page.goto(f"{lab.url}/{tree}/{name}?reset")
        page.evaluate("window.isAsLoaded = true")
    page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell")
    page.wait_for_function("window.jupyterapp.commands.hasCommand('kfx:show-pipeline')")
    page.evaluate("void window.jupyterapp.shell.activateById('jp-kfx-pipeline')")
    page.wait_for_selector(".jp-kfx-Panel")
    return page


def is_loaded(page: Page, lab: Lab) -> bool:
    """Tell whether JupyterLab of a server is in the page, and not loaded anew since."""
    there = page.url.startswith(f"{lab.url}/lab")
    return there and bool(page.evaluate("window.isAsLoaded ?? false"))


@pytest.fixture
def open_notebook(page: Page, lab: Lab) -> Open:
    """Give what opens a notebook with the panel of its pipeline beside it."""

    def open_(name: str, content: dict[str, Any] | None = None) -> Page:
        (lab.folder / name).unlink(missing_ok=True)
        return opened(page, lab, name, content)

    return open_
