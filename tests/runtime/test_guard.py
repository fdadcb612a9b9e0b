"""Before acts that cannot be taken back a step asks, and only before those."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from jupyter_kfx.runtime.tokens import stamp

if TYPE_CHECKING:
    from tests.engines.stage import Stage

ASKS = {
    "write": ("open('out.txt', 'w').write('x')", "files"),
    "append": ("open('out.txt', 'a')", "files"),
    "update": ("open('there.txt', 'r+')", "files"),
    "write elsewhere": ("open('/var/tmp/kfx-test-file', 'w')", "files"),
    "os.open": ("import os; os.open('out.txt', os.O_CREAT | os.O_WRONLY)", "files"),
    "pathlib": ("from pathlib import Path; Path('p.txt').write_text('x')", "files"),
    "mkdir": ("import os; os.makedirs('folder', exist_ok=True)", "files"),
    "remove": ("import os\ntry: os.remove('gone.txt')\nexcept OSError: pass", "files"),
    "rename": ("import os\nopen('a', 'w').close(); os.rename('a', 'b')", "files"),
    "pandas": (
        "import pandas as pd; pd.DataFrame({'a': [1]}).to_csv('f.csv')",
        "files",
    ),
    "sqlite": ("import sqlite3; sqlite3.connect('d.db')", "files"),
    "in a function": ("def f(): return open('out.txt', 'w')\nf()", "files"),
    "in a thread": (
        (
            "import threading\nt = threading.Thread(target=open, args=('x.txt', 'w'))\n"
            "t.start(); t.join()"
        ),
        "files",
    ),
    "writefile": ("%%writefile w.txt\nx", "files"),
    "tempfile taken by name": ("open('/tmp/kfx-known-name', 'w')", "files"),
    "memory that is a disk": (
        "import os; open('/dev/shm/kfx-test', 'w').close(); os.remove('/dev/shm/kfx-test')",
        "files",
    ),
    "a cache of one's own": (
        "import pathlib; p = pathlib.Path.home() / '.cache'\n"
        "p.mkdir(parents=True, exist_ok=True); p /= 'kfx-test'\n"
        "p.write_text('x'); p.unlink()",
        "files",
    ),
    "connect": (
        (
            "import socket\ntry: socket.create_connection(('127.0.0.1', 9), 1)\n"
            "except OSError: pass"
        ),
        "network",
    ),
    "bind": ("import socket; socket.socket().bind(('127.0.0.1', 0))", "network"),
    "urlopen": (
        (
            "import urllib.request\ntry: urllib.request.urlopen('http://127.0.0.1:9')\n"
            "except OSError: pass"
        ),
        "network",
    ),
    "subprocess": ("import subprocess; subprocess.run(['true'])", "children"),
    "shell": ("!true", "children"),
    "shell assignment": ("x = !true", "children"),
    "bash": ("%%bash\ntrue", "children"),
    "os.system": ("import os; os.system('true')", "children"),
    "multiprocessing": (
        (
            "import multiprocessing as m\np = m.get_context('fork').Process(target=print)\n"
            "p.start(); p.join()"
        ),
        "children",
    ),
    "local module that writes": ("import writes_at_import", "files"),
}
QUIET = {
    "read": "open('there.txt').read()",
    "list": "import os; os.listdir()",
    "glob": "import glob; glob.glob('*.txt')",
    "missing": "try: open('missing')\nexcept OSError: pass",
    "computing": "sum(range(10))",
    "installed packages": "import sqlite3, xml.dom.minidom, pandas, networkx, sklearn",
    "local module": "import local_module; local_module.x",
    "error in local module": "import local_module\ntry: local_module.fail()\n"
    "except ZeroDivisionError:\n    import traceback; traceback.print_exc()",
    "data of a package": "from sklearn.datasets import load_iris; load_iris().data.sum()",
    "figure": "import matplotlib.pyplot as plt; plt.plot([1]); plt.title('x')",
    "temporary file": "import tempfile\nwith tempfile.NamedTemporaryFile('w') as f: f.write('x')",
    "temporary folder": "import tempfile, os\nwith tempfile.TemporaryDirectory() as d:\n"
    "    open(os.path.join(d, 'x'), 'w').close(); os.listdir(d)",
    "null device": "open('/dev/null', 'w').write('x')",
    "memory": "import sqlite3; sqlite3.connect(':memory:').execute('select 1')",
    "outside": "open('/etc/hostname').read()",
    "platform": "import platform; platform.processor(); platform.platform()",
    "clustering": "from sklearn.cluster import KMeans\n"
    "KMeans(2, n_init=1).fit([[0.0], [1.0], [5.0]])",
    "event loop": "import asyncio; await asyncio.sleep(0)",
    "threads": "from concurrent.futures import ThreadPoolExecutor\n"
    "list(ThreadPoolExecutor(2).map(str, [1]))",
    "display": "display({'a': 1})",
    "warning": "import warnings; warnings.warn('x')",
    "error shown": "try: 1/0\nexcept ZeroDivisionError: get_ipython().showtraceback()",
    "source": "import inspect\ndef f(): pass\ninspect.getsource(f)",
    "pyplot in a thread": "import matplotlib.font_manager as m; m.findfont('DejaVu Sans')",
}


@pytest.fixture(autouse=True)
def _project(stage: Stage) -> None:
    (stage.project / "there.txt").write_text("x")
    (stage.project / "local_module.py").write_text("x = 1\ndef fail():\n    1/0\n")
    (stage.project / "writes_at_import.py").write_text(
        "open('side.txt', 'w').close()\n"
    )
    stage.asked.clear()


@pytest.mark.parametrize("name", ASKS)
def test_asks_once(name: str, stage: Stage) -> None:
    source, reason = ASKS[name]
    observation = stage.run(source, source)
    assert observation.failure is None, observation.failure
    assert stage.asked == [reason]


@pytest.mark.parametrize("name", QUIET)
def test_does_not_ask(name: str, stage: Stage) -> None:
    observation = stage.run(QUIET[name])
    assert observation.failure is None, observation.failure
    assert stage.asked == []
    assert not observation.observed["files_written"]


def test_alone_it_need_not_ask_but_is_seen(stage: Stage) -> None:
    observation = stage.run(
        "open('out.txt', 'w').write(open('there.txt').read())", alone=True
    )
    assert stage.asked == []
    assert observation.observed["files_written"] == [str(stage.project / "out.txt")]
    assert observation.observed["files_read"] == [str(stage.project / "there.txt")]


@pytest.mark.parametrize(
    "source",
    [
        "open('there.txt').read()",
        "import os; os.path.exists('there.txt')",
        "from pathlib import Path; Path('there.txt').stat()",
        "import os; os.access('there.txt', os.R_OK)",
    ],
)
def test_what_is_looked_at_is_remembered_as_it_was(source: str, stage: Stage) -> None:
    path = stage.project / "there.txt"
    seen = stage.run(source).observed["files_seen"]
    assert seen == {str(path): stamp(str(path))}
    path.write_text("other")
    assert seen != {str(path): stamp(str(path))}


def test_network_and_children_are_seen(stage: Stage) -> None:
    seen = stage.run("import socket; socket.socket().bind(('', 0))\n!true").observed
    assert (seen["network"], seen["children"]) == (True, True)
    seen = stage.run("1").observed
    assert (seen["network"], seen["children"]) == (False, False)


def test_it_does_nothing_until_it_may(stage: Stage) -> None:
    path = stage.project / "late.txt"
    there_when_asked: list[bool] = []

    async def permit(_reason: str) -> bool:
        await asyncio.sleep(0.1)
        there_when_asked.append(path.exists())
        return True

    order = stage.order("open('late.txt', 'w').close()")
    assert stage.wait(stage.execute(order, permit)).status == "succeeded"
    assert (there_when_asked, path.exists()) == ([False], True)


def test_what_is_not_allowed_does_not_happen(stage: Stage) -> None:
    async def permit(_reason: str) -> bool:
        return False

    order = stage.order("open('never.txt', 'w').close()")
    observation = stage.wait(stage.execute(order, permit))
    assert observation.failure is not None
    assert observation.failure.kind == "lost"
    assert not (stage.project / "never.txt").exists()


def test_setup_is_not_watched(stage: Stage) -> None:
    from tests.engines.stage import setup

    stage.run("1", above=[setup("import local_module; open('there.txt').close()")])
    assert stage.asked == []


def test_open_files_are_flushed_before_others_read_them(stage: Stage) -> None:
    stage.run("f = open('flushed.txt', 'w'); f.write('all of it')")
    assert (stage.project / "flushed.txt").read_text() == "all of it"
