"""A step tells what its result depends on beside its code and its inputs."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_kfx.runtime.tokens import ABSENT, CHANGED, is_brief, of_file
from tests.engines.stage import setup

if TYPE_CHECKING:
    from tests.engines.stage import Stage


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture(autouse=True)
def _project(stage: Stage) -> None:
    (stage.project / "data.txt").write_text("data")
    (stage.project / "folder").mkdir(exist_ok=True)
    (stage.project / "folder" / "a").touch()
    (stage.project / "own.py").write_text(
        "import time\nfrom own_part import y\nx = 1\ndef now(): return time.time()\n"
    )
    (stage.project / "own_part.py").write_text("y = open('data.txt').read()\n")


def _tokens(stage: Stage, *sources: str, **options: Any) -> dict[str, str]:
    observation = stage.run(*sources, **options)
    assert observation.failure is None, observation.failure
    found: dict[str, str] = observation.observed["files_digest"]
    folder = f"{stage.project}{os.sep}"
    return {path.removeprefix(folder): token for path, token in found.items()}


@pytest.mark.parametrize(
    "source",
    [
        "open('data.txt').read()",
        "from pathlib import Path; Path('data.txt').read_text()",
        "import pandas; pandas.read_csv('data.txt')",
        "import os; os.path.exists('data.txt'); open('data.txt').read()",
        "from pathlib import Path; p = Path('data.txt'); p.is_file() and p.read_text()",
        "import os; os.path.getsize('data.txt'); open('data.txt').read()",
        "text = open('data.txt').read(); open('data.txt', 'w').write(text + '!')",
    ],
)
def test_a_file_that_is_read_is_told_by_its_content(source: str, stage: Stage) -> None:
    assert _tokens(stage, source) == {"data.txt": _sha("data")}


@pytest.mark.parametrize(
    "source",
    [
        "import os; os.path.getmtime('data.txt'); open('data.txt').read()",
        "import os; os.stat('data.txt').st_mtime; open('data.txt').read()",
        "from pathlib import Path; Path('data.txt').stat(); open('data.txt').read()",
    ],
)
def test_a_file_whose_times_are_asked_for_is_told_by_them_too(
    source: str, stage: Stage
) -> None:
    (token,) = _tokens(stage, source).values()
    assert is_brief(token)


def test_entries_of_a_folder_are_told_with_it(stage: Stage) -> None:
    source = "import os\n[e.stat().st_size for e in os.scandir('folder')]"
    seen = _tokens(stage, source)
    assert {*seen} == {"folder", "folder/a"}
    assert is_brief(seen["folder/a"])


def test_a_missing_file_is_told(stage: Stage) -> None:
    seen = _tokens(stage, "import os; os.path.exists('no.txt')")
    assert seen == {"no.txt": ABSENT}


def test_a_file_that_is_only_asked_for_is_not_read(stage: Stage) -> None:
    seen = _tokens(stage, "import os; os.path.getsize('data.txt')")
    assert is_brief(seen["data.txt"])


def test_a_list_of_files_is_told(stage: Stage) -> None:
    then = _tokens(stage, "import os; os.listdir('folder')")["folder"]
    path = str(stage.project / "folder")
    assert of_file(path) == then
    (stage.project / "folder" / "b").touch()
    assert of_file(path) != then
    (stage.project / "folder" / "b").unlink()


def test_what_the_step_has_written_is_no_input(stage: Stage) -> None:
    assert not _tokens(stage, "open('made.txt', 'w').write('x')\nopen('made.txt')")


def test_what_changes_under_the_reader_is_never_the_same(stage: Stage) -> None:
    seen = _tokens(stage, "open('data.txt').read()\n!echo other > data.txt")
    assert seen["data.txt"] == CHANGED


def test_a_link_is_told_by_its_own_name(stage: Stage) -> None:
    link = stage.project / "link"
    link.symlink_to("data.txt")
    assert _tokens(stage, "open('link').read()") == {"link": _sha("data")}
    link.unlink()


def test_own_modules_are_told_wherever_they_are_imported(stage: Stage) -> None:
    expected = {
        str(stage.project / name): _sha((stage.project / name).read_text())
        for name in ("own.py", "own_part.py")
    }
    seen = stage.run("import own").observed
    assert seen["modules"] == expected
    seen = stage.run("own.x", above=[setup("import own", "own")]).observed
    assert seen["modules"] == expected
    assert seen["files_digest"] == {str(stage.project / "data.txt"): _sha("data")}


def test_a_module_that_is_not_there_is_told(stage: Stage) -> None:
    seen = stage.run("try: import no_such\nexcept ImportError: pass").observed
    assert seen["modules"][str(stage.project / "no_such.py")] == ABSENT


def test_variables_that_are_read_are_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (
        "import os\nhome, no = os.environ['HOME'], os.getenv('KFX_NO')\n"
        "os.environ['KFX_MADE'] = '1'; os.environ['KFX_MADE']"
    )
    seen = stage.run(source).observed["environ_read"]
    assert seen == {"HOME": _sha(os.environ["HOME"]), "KFX_NO": None}
    assert stage.run("1").observed["environ_read"] == {}
    listed = stage.run("import os; list(os.environ)").observed["environ_read"]
    assert {*listed} == {"*"}
    shown = stage.run("import os; str(os.environ)").observed["environ_read"]
    assert {*shown} >= {"*", "HOME", "PATH"}


CLOCK = {
    "time": "import time; time.time()",
    "from": "from time import perf_counter as p\np()",
    "now": "from datetime import datetime; f'{datetime.now()}'",
    "timestamp": "import pandas as pd; pd.Timestamp.today()",
    "magic": "%time 1",
    "cell magic": "%%timeit -n1 -r1\n1",
    "function": "import time\ndef f(): return time.time()\nf()",
    "own module": "import own; own.now()",
    "method": (
        "import time\nclass A:\n    def f(self): return time.time()\na = [A()]\na[0].f()"
    ),
    "numpy's now": "import numpy as np; np.datetime64('now')",
    "pandas' now": "import pandas as pd; pd.Timestamp('now')",
    "pandas' today": "import pandas as pd\ndef f(): return pd.to_datetime('today')\nf()",
    "as a text": "import time; time.strftime('%Y')",
    "a number of the time": "import uuid; uuid.uuid1()",
}
NO_CLOCK = {
    "a date as a text": "import datetime; datetime.date(2020, 1, 1).strftime('%Y')",
    "a date of its own": "import pandas as pd; pd.Timestamp('2020-01-01')",
    "sleep": "import time; time.sleep(0)",
    "words": "print('time (s)')  # time.time() is now()",
    "library": "from sklearn.linear_model import LinearRegression as L\n"
    "L().fit([[0], [1]], [0, 1])",
    "a function that is not called": "import time\ndef f(): return time.time()",
}
ENTROPY = {
    "urandom": "import os; os.urandom(4)",
    "uuid": "import uuid; uuid.uuid4()",
    "secrets": "import secrets; secrets.token_hex()",
    "system": "import random; random.SystemRandom().random()",
    "generator": "import numpy as np; np.random.default_rng().random()",
    "python": "import random; random.random()",
    "numpy": "import numpy as np; np.random.rand()",
    "fresh": "import random; random.Random().random()",
    "fresh state": "import numpy as np; np.random.RandomState().rand()",
    "state seeded by nothing": "import numpy as np; k = None; np.random.RandomState(k)",
    "some bits": "import secrets; secrets.randbits(8)",
    "fresh seed": "import random; random.seed(); random.random()",
}
NO_ENTROPY = {
    "seeded": "import random; random.seed(1); random.random()",
    "seeded numpy": "import numpy as np; np.random.seed(1); np.random.rand()",
    "generator": "import numpy as np; np.random.default_rng(3).random()",
    "seeded state": "import numpy as np; np.random.RandomState(3).rand()",
    "state seeded by a name": "import numpy as np; k = 3; np.random.RandomState(k)",
    "nothing": "1",
}


@pytest.mark.parametrize("name", CLOCK)
def test_the_clock_is_seen(name: str, stage: Stage) -> None:
    observation = stage.run(CLOCK[name])
    assert observation.failure is None, observation.failure
    assert observation.observed["clock"]


@pytest.mark.parametrize("name", NO_CLOCK)
def test_no_clock_is_seen(name: str, stage: Stage) -> None:
    assert not stage.run(NO_CLOCK[name]).observed["clock"]


@pytest.mark.parametrize("name", ENTROPY)
def test_entropy_is_seen(name: str, stage: Stage) -> None:
    observation = stage.run(ENTROPY[name])
    assert observation.failure is None, observation.failure
    assert observation.observed["entropy"]


@pytest.mark.parametrize("name", NO_ENTROPY)
def test_no_entropy_is_seen(name: str, stage: Stage) -> None:
    above = [setup("import numpy as np", "np")]
    assert not stage.run(NO_ENTROPY[name], above=above).observed["entropy"]


def test_no_entropy_is_seen_of_a_model_that_is_seeded(stage: Stage) -> None:
    above = [
        setup("from sklearn.ensemble import RandomForestClassifier as R", "R"),
        setup("from sklearn.linear_model import LogisticRegression as L", "L"),
        setup("from sklearn.model_selection import train_test_split as split", "split"),
    ]
    source = "split([1, 2, 3], random_state=0)\n"
    source += "R(2, random_state=1).fit([[0], [1]], [0, 1])\n"
    source += "L().fit([[0], [1]], [0, 1])"
    assert not stage.run(source, above=above).observed["entropy"]
