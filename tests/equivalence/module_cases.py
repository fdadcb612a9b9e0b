"""Notebooks that change what modules of the user's own hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.equivalence.kernel_cases import Case

__all__ = ["REFUSED", "SAME"]

_COUNTS = "n = 0\ndef up():\n    global n\n    n += 1\n    return n\n"

_CHANGED = {
    "a list": (
        "cfg = {'a': 1}\ndef f(): return cfg\n",
        "from helper import cfg, f\nc = f()",
        "c['a'] = 5\ny = 2",
        "print(f(), f() is cfg, c is cfg)",
    ),
    "a number": (
        _COUNTS,
        "import helper\nprint(helper.up())",
        "print(helper.up())",
        "print(helper.n)",
    ),
    "imported once more": (
        _COUNTS,
        "import helper\nprint(helper.up())",
        "import helper\nprint(helper.up())",
        "from helper import up\nprint(up())",
    ),
    "imported in a function": (
        _COUNTS,
        "def go():\n    from helper import up\n    return up()",
        "print(go())",
        "print(go())",
    ),
    "a number of a class": (
        "class Thing:\n    n = 0\n    def __init__(self):\n"
        "        Thing.n += 1\n        self.number = Thing.n\n",
        "from helper import Thing\na = Thing()",
        "b = Thing()\nprint(a.number, b.number)",
        "print(Thing.n)",
    ),
    "a default": (
        "def put(x, there=[]):\n    there.append(x)\n    return there\n",
        "from helper import put\nprint(put(1))",
        "print(put(2))",
        "print(put(3))",
    ),
    "an attribute of a function": (
        "def f():\n    f.calls = getattr(f, 'calls', 0) + 1\n    return f.calls\n",
        "from helper import f\nprint(f())",
        "print(f())",
    ),
    "a closure": (
        "def make():\n    n = 0\n    def up():\n        nonlocal n\n        n += 1\n"
        "        return n\n    return up\nup = make()\n",
        "from helper import up\nprint(up())",
        "print(up())",
    ),
    "classes that are registered": (
        "class Base:\n    known = []\n    def __init_subclass__(cls):\n"
        "        Base.known.append(cls.__name__)\n",
        "from helper import Base",
        "class A(Base): pass\nprint(Base.known)",
        "class B(Base): pass\nprint(Base.known)",
        "print(Base.known)",
    ),
    "a function of a library": (
        "from scipy.special import gamma\nn = 0\ndef f(x):\n    global n\n    n += 1\n    return gamma(x)\n",
        "import helper",
        "import scipy.stats\nprint(helper.f(4))",
        "print(helper.f(5), helper.n)",
    ),
    "what a property has computed": (
        "from functools import cached_property\nfrom random import random\n"
        "class Box:\n    @cached_property\n    def rows(self): return []\n"
        "    @cached_property\n    def key(self): return random()\n",
        "from helper import Box\nbox = Box()\nkey = box.key\nprint(box.rows)",
        "box.rows.append(2)",
        "print(box.rows, key == box.key)",
    ),
    "an object": (
        "class Box: pass\nbox = Box()\nbox.x = [1]\ndef there(): return box\n",
        "from helper import there\nbox = there()\nbox.x.append(2)",
        "box.y = 3\nbox.x.append(5)",
        "print(box.x, box.y, there() is box)",
    ),
    "what lies deep inside": (
        "class Box: pass\nbox = Box()\nbox.x = {'a': [1]}\ndef a(): return box.x['a']\n",
        "from helper import a, box\ninner = a()",
        "inner.append(2)\nprint(inner)",
        "print(inner, a(), box.x, a() is inner)",
    ),
    "what has left it": (
        "cfg = {'a': 1}\ndef get(): return cfg\n"
        "def put(**k):\n    global cfg\n    cfg = {**cfg, **k}\n",
        "import helper\nold = helper.get()",
        "helper.put(b=2)\nprint(helper.get(), old)",
        "old['z'] = 1\nprint(helper.get(), old)",
        "print(helper.get(), old)",
    ),
    "generators of random numbers": (
        "import random\nimport numpy as np\nr = random.Random(3)\n"
        "g = np.random.default_rng(4)\ndef draw(): return r.random(), g.random()\n",
        "from helper import draw, g\nprint(draw())",
        "print(draw(), g.random())",
        "print(draw())",
    ),
    "an array and a view": (
        "import numpy as np\nx = np.arange(5.)\ndef up(): x[0] += 1\n"
        "def first(): return x[:2]\n",
        "from helper import *\nv = first()",
        "up()\nprint(v)",
        "v[1] = 7",
        "print(v, x)",
    ),
    "a lock beside a number": (
        "import threading\nlock = threading.Lock()\nn = 0\ndef up():\n"
        "    global n\n    with lock:\n        n += 1\n    return n\n",
        "from helper import up\nprint(up())",
        "print(up())",
    ),
    "only read": (
        "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2, 3]})\nconf = {'x': [1]}\n",
        "from helper import df, conf\nm = df.a.mean()",
        "print(df.a.sum(), conf, m)",
        "print(df.describe())",
    ),
}

SAME: dict[str, Case] = {
    **{
        f"own module: {what}": [{"helper.py": source}, *steps]
        for what, (source, *steps) in _CHANGED.items()
    },
    "own modules: one in another": [
        {
            "helper.py": "items = []\ndef add(x): items.append(x)\n",
            "other.py": "import helper\nfrom helper import items\n"
            "def n(): return len(items), items is helper.items\n",
        },
        "import helper, other\nhelper.add(1)\nprint(other.n())",
        "helper.add(2)\nprint(other.n())",
        "print(other.n(), helper.items)",
    ],
    "own modules: elsewhere": [
        {"notebook_has_no/elsewhere.py": _COUNTS},
        "import os, shutil, tempfile\nfolder = tempfile.mkdtemp()\n"
        "_ = shutil.copy('notebook_has_no/elsewhere.py', folder)",
        "import sys\nsys.path.append(folder)",
        "import elsewhere\nprint(elsewhere.up())",
        "print(elsewhere.up())",
        "import elsewhere\nprint(elsewhere.up())\nshutil.rmtree(folder)",
    ],
}

REFUSED: dict[str, tuple[Case, str]] = {
    f"own module: {what}": ([{"helper.py": source}, *steps], why)
    for what, (why, source, *steps) in {
        "a count": (
            "in its `ids`",
            "import itertools\nids = itertools.count()\ndef new(): return next(ids)\n",
            "from helper import new\nprint(new())",
            "print(new())",
        ),
        "a count, imported once more": (
            "`helper` was changed in place, in its `ids`",
            "import itertools\nids = itertools.count()\ndef new(): return next(ids)\n",
            "import helper\nprint(helper.new())",
            "import helper\nprint(helper.new())",
        ),
        "a function of the notebook": (
            "uses `area` of the notebook",
            "known = {}\ndef register(f):\n    known[f.__name__] = f\n",
            "import helper\ndef area(x): return x * x\nhelper.register(area)",
            "print(helper.known['area'](3))",
        ),
        "what a variable holds": (
            "is `a`'s",
            "made = []\nclass Thing:\n    def __init__(self):\n        made.append(self)\n",
            "from helper import Thing, made\na = Thing()",
            "b = Thing()\nprint(len(made), made[0] is a)",
        ),
        "a cache that is not only one": (
            "in its `load`",
            "import functools\n@functools.cache\ndef load(x):\n    print('loading')\n    return x\n",
            "from helper import load\nload(1)",
            "load(1)",
        ),
    }.items()
}
