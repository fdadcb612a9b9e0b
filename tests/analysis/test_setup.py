"""Which statements are replayed as code, and which are data."""

from __future__ import annotations

import pytest

from jupyter_kfx.pipeline.model import SetupKind
from tests.analysis.notebooks import edges, steps, tagged

IMPORT, DEFINITION = SetupKind.IMPORT, SetupKind.DEFINITION
SETTING = SetupKind.SETTING

SETUP = {
    "import": ("import os.path", IMPORT, ("os",)),
    "import as": ("import numpy as np", IMPORT, ("np",)),
    "from import": ("from os import path as p, sep", IMPORT, ("p", "sep")),
    "star import": ("from __future__ import annotations", IMPORT, ("annotations",)),
    "guarded import": (
        "try:\n    import ujson as json\nexcept ImportError:\n    import json",
        IMPORT,
        ("json",),
    ),
    "function": ("def f(a, b=1, *c, d='x', **e):\n    return k", DEFINITION, ("f",)),
    "coroutine": ("async def f():\n    await g()", DEFINITION, ("f",)),
    "generator": ("def f():\n    yield 1", DEFINITION, ("f",)),
    "cached function": (
        "from functools import lru_cache\n@lru_cache(maxsize=None)\ndef f(): pass",
        DEFINITION,
        ("f",),
    ),
    "class": ("class A:\n    n = 1\n    def m(self): return k", DEFINITION, ("A",)),
    "dataclass": (
        (
            "from dataclasses import dataclass, field\n@dataclass(frozen=True)\nclass P:\n"
            "    x: int = 0\n    y: list = field(default_factory=list)"
        ),
        DEFINITION,
        ("P",),
    ),
    "enum": (
        "from enum import Enum, auto\nclass C(Enum):\n    RED = auto()\n    BLUE = 2",
        DEFINITION,
        ("C",),
    ),
    "subclass": ("class A: pass\nclass B(A): pass", DEFINITION, ("B",)),
    "property": (
        (
            "class A:\n    @property\n    def x(self): return 1\n    @x.setter\n"
            "    def x(self, v): pass"
        ),
        DEFINITION,
        ("A",),
    ),
    "namedtuple": (
        "from collections import namedtuple\nP = namedtuple('P', 'x y')",
        DEFINITION,
        ("P",),
    ),
    "option": (
        "import pandas as pd\npd.set_option('display.max_rows', 5)",
        SETTING,
        (),
    ),
    "style": (
        "import matplotlib.pyplot as plt\nplt.style.use('ggplot')",
        SETTING,
        (),
    ),
    "rcParams": (
        "import matplotlib.pyplot as plt\nplt.rcParams['figure.dpi'] = 90",
        SETTING,
        (),
    ),
    "warnings": (
        "import warnings\nwarnings.filterwarnings('ignore')",
        SETTING,
        (),
    ),
    "attribute of a module": ("import a.b\na.b.flag = True", SETTING, ()),
    "environment": ("import os\nos.environ['A'] = '1'", SETTING, ()),
    "inline figures": ("%matplotlib inline", SETTING, ()),
    "environment by magic": ("%env A=1", SETTING, ()),
    "an option of any library": ("import a\na.set_options(width=3)", SETTING, ()),
    "a theme": ("import a as b\nb.c.theme.enable('dark')", SETTING, ()),
    "a function of a library": ("from a import use_b\nuse_b()", SETTING, ()),
    "a configuration": ("import a\na.config.set(b='c')", SETTING, ()),
    "an extension": ("import a\na.extension('b', c=['d'])", SETTING, ()),
    "what a library is told of": ("import a\na.register(a.B(['c']))", SETTING, ()),
    "an accessor": (
        "import pandas as pd\n"
        "@pd.api.extensions.register_dataframe_accessor('a')\nclass A: pass",
        DEFINITION,
        ("A",),
    ),
}


@pytest.mark.parametrize(("source", "kind", "names"), SETUP.values(), ids=SETUP)
def test_setup(source: str, kind: SetupKind, names: tuple[str, ...]) -> None:
    statement = steps(source, "pass").setup[-1]
    assert (statement.kind, statement.names) == (kind, names)


DATA = {
    "an assignment": "x = 1",
    "a seed": "import random\nrandom.seed(1)",
    "a file that is opened": "f = open('a')",
    "data in a default": "x = [1]\ndef f(a=x): pass",
    "a mutable default": "def f(a=[]): pass",
    "a call in a default": "def f(a=g()): pass",
    "a default that is an array": "import numpy as np\ndef f(a=np.zeros(3)): pass",
    "a decorator of the notebook": "def d(f): return f\n@d\ndef f(): pass",
    "an unknown decorator": "import lib\n@lib.register\ndef f(): pass",
    "data in a class body": "x = []\nclass f:\n    y = x",
    "a call in a class body": "class f:\n    y = g()",
    "a base that is data": "B = make()\nclass f(B): pass",
    "a lambda": "f = lambda: 1",
    "a function under a condition": "if k:\n    def f(): pass",
    "an option that is computed": "import pandas as pd\npd.set_option('a', n)",
    "a setting under a condition": "import a\nif k:\n    a.b = 1",
    "an option of a library that is computed": "import a\na.set_options(width=n)",
    "a seed by any name": "import a\na.set_seed(1)",
    "a figure": "import matplotlib.pyplot as plt\nplt.set_cmap('hot')",
    "the setter of an object": "import a\nb = a.B()\nb.set_options(width=3)",
    "what is done at the end": "import atexit\natexit.register(print)",
    "a guarded import that does more": (
        "try:\n    import a\nexcept ImportError:\n    print('no')"
    ),
    "a number generator": "import numpy as np\nrng = np.random.default_rng(0)",
    "a class named at run time": (
        "from collections import namedtuple\nP = namedtuple(n, 'x')"
    ),
}


@pytest.mark.parametrize("source", DATA.values(), ids=DATA)
def test_not_setup(source: str) -> None:
    pipeline = steps(source, "print(f)")
    last = source.splitlines()[-1]
    assert all(last not in s.code.split("\n") for s in pipeline.setup)


def test_code_is_as_in_the_cell_with_its_decorators() -> None:
    source = (
        "from functools import cache\n\n@cache\ndef f():\n    # why\n    return 1\n"
    )
    statement = steps(source).setup[1]
    assert statement.code == "@cache\ndef f():\n    # why\n    return 1"
    assert (statement.line, statement.end_line) == (3, 6)


def test_statements_that_share_a_line_are_told_apart() -> None:
    statement = steps("import os; x = 1", "print(os, x)").setup[0]
    assert statement.code == "import os"


def test_needs_are_the_names_that_the_code_may_read() -> None:
    source = "def f(a):\n    return [k for b in a if g(b)] + [len(a)]"
    (statement,) = steps(source).setup
    assert statement.needs == ("g", "k")


def test_setup_makes_no_edges() -> None:
    assert not edges(steps("import os\ndef f(): return os.sep", "f()", "f()"))


def test_setup_and_data_under_one_name_are_data() -> None:
    pipeline = steps("def f(): return 1\nf = wrap(f)", "f()")
    assert edges(pipeline) == {("s1", "s2", "f")}


def test_a_definition_below_takes_over_from_data() -> None:
    assert not edges(steps("f = 1", "def f(): return 1", "f()"))


def test_cells_of_setup_alone_belong_to_no_step() -> None:
    pipeline = tagged(
        ((), "import os"),
        (("imports",), "import re"),
        (("step:a",), "x = 1"),
        (("functions",), "def f(): pass"),
        (("step:b",), "f(x)"),
    )
    assert [c.index for c in pipeline.setup_cells] == [0, 1, 3]
    assert [s.step for s in pipeline.setup] == [None, None, None]
    assert [[c.index for c in s.cells] for s in pipeline.steps] == [[2], [4]]


@pytest.mark.parametrize(
    "cells",
    [
        ["class C:\n    n = 0", "C.n = 1", "print(C.n)"],
        ["def f(): pass", "f.calls = 1", "print(f.calls)"],
        [
            "class C:\n    seen = []\n    def __init__(self):\n        C.seen.append(1)",
            "c = C()",
            "print(C.seen)",
        ],
        ["class C: pass\nc = C()", "class C: pass", "print(isinstance(c, C))"],
        ["class C:\n    n = 0\nc = C()", "C.n = 1", "print(c.n)"],
    ],
)
def test_a_definition_that_changes_on_its_way_is_a_value(cells: list[str]) -> None:
    pipeline = steps(*cells)
    assert (pipeline.errors, pipeline.setup) == ((), ())


def test_an_import_that_changes_on_its_way_is_refused() -> None:
    cells = ["from settings import OPTIONS", "OPTIONS['a'] = 1", "print(OPTIONS)"]
    (error,) = steps(*cells).errors
    assert (error.code, error.cell_index) == ("changed-definition", 1)


@pytest.mark.parametrize(
    ("cells", "is_refused"),
    [
        (["f(1)", "f.cache_info()"], True),
        (["x = f(1)\nf.cache_info()"], False),
        (["x = 1", "f(1)\nf.cache_info()"], False),
    ],
)
def test_counts_of_a_cache_are_asked_for_where_it_is_used(
    cells: list[str], is_refused: bool
) -> None:
    define = "import functools\n@functools.cache\ndef f(x): return x"
    found = [error.code for error in steps(define, *cells).errors]
    assert found == ["cache-counts"] * is_refused


@pytest.mark.parametrize(
    "cells",
    [
        ["from mypackage import train", "train.fit([1])", "train.update(1)"],
        ["from mypackage import config", "config.RATE = 0.1", "print(config.RATE)"],
        ["class C:\n    n = 0", "c = C()", "c.n = 1", "print(C, c.n)"],
        ["import numpy as np", "np.random.seed(1)", "np.random.rand()"],
        ["class C: pass", "c = C()", "class C: pass", "c = C()", "print(c)"],
        ["class C: pass", "c = C()", "class C: pass\nc = C()", "print(c)"],
    ],
)
def test_a_definition_that_stays_as_it_is_is_not_refused(cells: list[str]) -> None:
    assert not steps(*cells).errors


@pytest.mark.parametrize(
    ("source", "stays"),
    [
        ("import xarray as xr\nxr.set_options(display_width=len('abc'))", True),
        ("import xarray as xr\nxr.set_options(display_width=3)", False),
        ("import xarray as xr\nwith xr.set_options(display_width=len('abc')):\n    pass", False),
        ("import pandas as pd\npd.set_option('display.width', len('abc'))", False),
    ],
)  # fmt: skip
def test_a_setting_that_no_step_below_can_repeat_is_told(
    source: str, stays: bool
) -> None:
    pipeline = tagged((("step:a",), source), (("step:b",), "print(1)"))
    found = [d for d in pipeline.diagnostics if d.code == "setting-stays-behind"]
    assert [d.line for d in found] == [2] * stays
