"""Programs that random ones were cut down to: each was once computed otherwise."""

from __future__ import annotations

import asyncio

import pytest

from tests.equivalence.arena import Trial, trials
from tests.equivalence.generator import Program

_LINKS = (
    "import os, time\nfrom pathlib import Path\np, q = Path('d'), Path('l')\n"
    "p.write_text('1')\nPath('e').write_text('1')\nq.symlink_to('d')"
)
FOUND: dict[str, list[str]] = {
    "a name that a handler takes and deletes": [
        "b = 1",
        "try:\n    1 / 0\nexcept Exception as b:\n    pass",
        "print('b' in globals())",
    ],
    "arrays that may not be written to": [
        "import numpy as np\n"
        "v, w = np.arange(3.0), np.arange(6).reshape(2, 3)[:, 1]\n"
        "r, o = np.arange(4), np.array([None, [1]], dtype=object)\n"
        "q = r[1:]\n"
        "for x in (v, w, q, o):\n    x.flags.writeable = False",
        "print([x.flags.writeable for x in (v, w, r, q, o)])\n"
        "v.flags.writeable = True\nv[0] = 3\nr[1] = 8\nprint(np.shares_memory(r, q))",
        "print(v, w, r, q, o, [x.flags.writeable for x in (v, w, r, q, o)])",
    ],
    "an array of a frame that pandas copies before it writes": [
        "import pandas as pd\n"
        "df = pd.DataFrame({'p': [3, 1, 2], 'q': list('xyx')})\ns = df.p",
        "w = df['p'].to_numpy()",
        "df.loc[0, 'p'] = 9\nprint(w, df, s)",
        "s[1] = 7\nprint(w, df, s)",
        "print(w, df, s)",
    ],
    "a generator that is seeded out of sight": [
        "import random\nimport numpy as np\na = 1",
        "getattr(random, 'se' + 'ed')(3)\ngetattr(np.random, 'se' + 'ed')(4)",
        "print(random.random(), np.random.rand())",
        "print(random.random(), np.random.rand())",
    ],
    "names of setup that are bound anew in the same step": [
        "\n\nimport functools\nfrom math import sqrt\n"
        "def f(x):\n    return x\n"
        "def deco(g):\n    @functools.wraps(g)\n    def inner(x):\n"
        "        return g(x) * 10\n    return inner\n"
        "f = deco(f)\nsqrt = abs\n"
        "def h(x):\n    return x\n"
        "h = functools.partial(max, 5)\n"
        "@deco\ndef k(x):\n    return x",
        "print(f(3), sqrt(-4), h(3), k(4))",
    ],
    "iterators over sets and dicts": [
        "s, d = {3, 1, 2}, {'p': 1, 'q': 2}\n"
        "its = [iter(s), iter(d), iter(d.values()), iter(d.items()), iter(set())]\n"
        "old = iter(s)\nnext(old)\nended = iter({1})\nlist(ended)",
        "print([type(i).__name__ for i in [*its, old, ended]], list(old))\n"
        "print([next(i, None) for i in its], next(ended, None))",
        "print([next(i, None) for i in its[1:]])\ns.add(9)\n"
        "try:\n    next(its[0])\nexcept RuntimeError as e:\n    print(e)",
    ],
    "cached functions that are no setup": [
        "import functools\ni = 3\n"
        "if i:\n    @functools.lru_cache\n    def g(z=None):\n        return z\n"
        "d = {'k': g}",
        "print(d['k'](3), g(3), g is d['k'], g.cache_parameters())",
        "print(d['k'](3), g(4), g is d['k'], type(g).__name__)",
    ],
    "objects that leave something out when they are pickled": [
        "import copyreg\n"
        "class A:\n    def __init__(self, v=0):\n        self.v = v\n"
        "class B(A):\n    def __reduce__(self):\n        return B, ()\n"
        "class C(A):\n    def __getstate__(self):\n        return {'v': 0}\n"
        "class D(list):\n    __slots__ = ('w',)\n"
        "    def __reduce__(self):\n        return D, ()\n"
        "copyreg.pickle(A, lambda a: (A, ()))\n"
        "a, b, c, d = A(1), B(2), C(3), D([4])\nd.w = 5",
        "print(a.v, b.v, c.v, d, d.w)\nc.v = 6\nd.w += 1",
        "print(c.v, d.w)",
    ],
    "containers of the notebook's classes": [
        "import numpy as np\nfrom collections import Counter\n"
        "class D(dict):\n    def __setitem__(self, key, value):\n"
        "        super().__setitem__(key, value * 2)\n"
        "class L(list):\n    def append(self, value):\n        super().append(value * 2)\n"
        "    extend = None\n"
        "class S(set):\n    def __init__(self, *a):\n        print('made')\n"
        "        super().__init__(*a)\n"
        "class C(Counter):\n    def __init__(self, text):\n        super().__init__(text)\n"
        "        self.z = 1\n"
        "class A(np.ndarray):\n    def __new__(cls, values, info):\n"
        "        made = np.asarray(values).view(cls)\n        made.info = info\n"
        "        return made\n    def __array_finalize__(self, other):\n"
        "        self.info = getattr(other, 'info', None)\n"
        "d, l, s, c, a = D(), L(), S([3, 1]), C('aab'), A([1, 2], 'text')\n"
        "d['a'] = 1\nl.append(l)\nl.append(2)",
        "print(d, l[1:], l[0][0] is l, sorted(s), c, c.z, a, a.info)\nd['b'] = 3\na[0] = 5",
        "print(d, a, a.info, type(a).__name__)",
    ],
    "a shell that handles errors itself": [
        "def handle(self, kind, value, trace, tb_offset=None):\n"
        "    print('handled', value)\n"
        "get_ipython().set_custom_exc((ValueError,), handle)",
        "print(1)",
        "raise ValueError(3)",
    ],
    "a shell that changes the code": [
        "import ast\nclass T(ast.NodeTransformer):\n"
        "    def visit_Constant(self, node):\n"
        "        new = ast.Constant(node.value if node.value != 1 else 7)\n"
        "        return ast.copy_location(new, node)\n"
        "get_ipython().ast_transformers.append(T())",
        "print(1)",
    ],
    "a module that the runtime uses too": [
        "import json\nold = json.dumps\njson.dumps = lambda *a, **k: 'X'",
        "print(json.dumps({}))",
        "json.dumps = old\nprint(json.dumps({}))",
    ],
    "a function that opens files, replaced": [
        "import builtins\nold = builtins.open\ndef closed(*a, **k):\n    raise OSError('no')\n"
        "builtins.open = closed",
        "try:\n    open('x')\nexcept OSError as e:\n    print(e)",
        "builtins.open = old\nopen('x', 'w').close()",
    ],
    "names that the shell binds too": [
        "exit = 3\nopen = [1]",
        "open.append(exit)\nprint(open)",
        "del open\nopen('x', 'w').close()\nprint(exit)",
    ],
    "objects that want more than what they hold": [
        "import json\n"
        "class I(int):\n    def __new__(cls, v, tag):\n"
        "        made = super().__new__(cls, v)\n        made.tag = tag\n        return made\n"
        "class E(Exception):\n    def __init__(self, a, b):\n"
        "        super().__init__(a)\n        self.b = b\n"
        "class F(OSError):\n    def __init__(self, path):\n"
        "        super().__init__(2, path)\n        self.z = 1\n"
        "i, e, f = I(3, 't'), E(1, 2), F('q')\n"
        "try:\n    json.loads('{')\nexcept ValueError as error:\n    g = error",
        "print(i, i.tag, e, e.b, e.args, f, f.errno, f.z, g, g.pos)",
    ],
    "a class that only a pickle names": [
        "import pickle\nclass C:\n    def __init__(self):\n        self.v = 3\n"
        "with open('c.pkl', 'wb') as file:\n    pickle.dump(C(), file)",
        "with open('c.pkl', 'rb') as file:\n    print(pickle.load(file).v)",
    ],
    "the module of the notebook": [
        "import __main__\nx = [1]",
        "print(__main__.x)\n__main__.x.append(2)\n__main__.y = 5",
        "print(x, y)",
    ],
    "classes with members that are called for": [
        "from fractions import Fraction\nfrom pydantic import BaseModel, Field\n"
        "class D:\n    def __set_name__(self, owner, name):\n        self.name = '_' + name\n"
        "    def __get__(self, it, kind=None):\n        return getattr(it, self.name, None)\n"
        "    def __set__(self, it, value):\n        setattr(it, self.name, value)\n"
        "class A:\n    x = D()\n    half = Fraction(1, 2)\n"
        "class M(BaseModel):\n    x: int = Field(default=3, gt=0)\n    y: list[int] = []\n"
        "a, m = A(), M()\na.x = 3",
        "a.x += 1\nm.y.append(1)",
        "print(a.x, vars(a), A.half, m, isinstance(m, M))",
    ],
    "folders and links that cells ask for out of sight": [
        "import os, shutil, time\nfrom pathlib import Path\n"
        "p, q = Path('d'), Path('l')\np.mkdir()\n(p / 'x').write_text('1')",
        "time.sleep(0.2)\nshutil.rmtree(p)\ntime.sleep(0.2)\nos.symlink('nowhere', q)",
        "print(p.exists(), q.is_symlink())",
    ],
    **{
        f"a link that is {what} while others look": [
            _LINKS,
            "time.sleep(0.2)\n" + change,
            "print(q.exists(), q.is_symlink(), p.exists())",
            "print(os.path.realpath(q) == os.path.realpath('e'), os.listdir('.'))",
        ]
        for what, change in {
            "removed": "q.unlink()",
            "renamed": "q.rename('m')",
            "made to lead elsewhere": "q.unlink()\nq.symlink_to('e')",
            "replaced by a file": "q.unlink()\nq.write_text('1')",
            "left without a target": "p.unlink()",
        }.items()
    },
    "a cached function in a list, whose name has become another's": [
        "import functools\nn = 5",
        "@functools.lru_cache\ndef g(z=None):\n    return n\na = [g]\nn += 1",
        "print(a[0]() > 5)\ndef g(z=None):\n    return a",
        "print(len(g()))",
    ],
    "an abstract class that is told of others": [
        "import abc\nclass A(abc.ABC):\n    pass\nclass B:\n    pass",
        "A.register(B)\nb = B()",
        "print(isinstance(b, A))",
    ],
    "blank lines of texts, which IPython empties": [
        'T = """a\n  \nb"""\nx = 1; S = """c;\n \t\nd"""',
        "class A:\n    def f(self):\n"
        '        """A;\n        \n        b\n        """\n        return 1',
        "print(repr(A.f.__doc__), repr(T), repr(S), A().f())",
    ],
    "parts of arrays of objects": [
        "import numpy as np\nlast = [1]\no = np.array([last, None], dtype=object)\n"
        "p = o[:1]",
        "last.append(2)\nprint(o, p)",
        "o[0] = 7\nprint(p, p.base is o, last)",
        "p[0] = 8\nprint(o)",
    ],
    "properties that were computed once": [
        "from functools import cached_property\nclass C:\n    n = 1\n"
        "    @cached_property\n    def v(self):\n        print('computed')\n"
        "        return self.n\nc = C()",
        "print(c.v)",
        "c.n = 2\nprint(c.v)",
        "del c.v\nprint(c.v)",
    ],
    "definitions that nobody has changed": [
        "import functools, enum\nfrom dataclasses import dataclass, field\n"
        "from typing import NamedTuple\nfrom collections import namedtuple\n"
        "@dataclass\nclass A:\n    x: int\n    y: list = field(default_factory=list)\n"
        "class B(NamedTuple):\n    a: 'A'\nC = namedtuple('C', 'x')\n"
        "class D(enum.Enum):\n    P = 1\n"
        "@functools.total_ordering\nclass E:\n    __slots__ = ('v',)\n"
        "    def __init__(self, v):\n        self.v = v\n"
        "    def __lt__(self, o):\n        return self.v < o.v\n"
        "class F:\n    n = 0\n    @property\n    def p(self):\n        return 1\n"
        "    @functools.cached_property\n    def q(self):\n        return 2\n"
        "@functools.singledispatch\ndef g(x):\n    return 'o'\n"
        "e, h = E(1), [A(1), B(A(2)), C(3), D.P, F(), g]",
        "print(h, e >= E(0), h[4].p, h[4].q, h[5](1), h[5] is g)".replace(
            "h, ", "h[:4], "
        ),
        "print(isinstance(h[0], A), h[3] is D.P, g('x'))",
    ],
}
_CLASS = "class C:\n    n = []\n    def m(self):\n        return 1\n"
FOUND |= {
    f"a class that got other attributes {how}": [
        _CLASS + source,
        change,
        "print(c.n, c.m())",
    ]
    for how, source, change in [
        ("through its type", "c = C()", "type(c).n = 2"),
        ("for a method", "c = C()", "C.m = lambda self: 2"),
        ("out of sight", "c = C()\nd = [C]", "d[0].m = lambda self: 2"),
    ]
}

REFUSED: dict[str, list[str]] = {
    "a name that shares with what another step stores": [
        "import builtins\nx = [1]\nb = [x]\nc = [x, 1]",
        "print(b)",
        "c.append(2)",
        "print(getattr(builtins, 'ev' + 'al')('b[0]') is c[0])",
    ],
    **{
        f"an instance of a class whose name {what}": [
            "import builtins\na = 3\nclass K:\n    x = 1\n"
            "d = getattr(builtins, 'ev' + 'al')('[K()]')",
            source,
            "print(d[0].x)",
        ]
        for what, source in {
            "stands for a value": "K = 3",
            "is deleted": "del K",
        }.items()
    },
}
REFUSED |= {
    f"a class that got other attributes {how}": [
        _CLASS + source,
        change,
        "print(c.n, c.m())",
    ]
    for how, source, change in [
        ("at once", "c = C()\nsetattr(C, 'n', 5)", "1"),
        ("through an instance", "c = C()", "c.n.append(1)"),
        ("out of its own sight", "c = C()", "getattr(C, 'n').append(2)"),
    ]
} | {
    "an array that is a file as well": [
        "import numpy as np\n"
        "m = np.memmap('m', dtype='i4', mode='w+', shape=(3,))\nn = m[1:]",
        "n[0] = 7\nm.flush()",
        "print(np.fromfile('m', 'i4'))\nprint(n)",
    ],
    "a function that is told of others": [
        "import functools\n@functools.singledispatch\ndef g(x):\n    return 'o'\n"
        "@g.register(int)\ndef _(x):\n    return 'i'\nd = [g]",
        "print(d[0](1))",
    ],
}
_WHY = (
    "was changed by a step whose result was not kept",
    "has become something else since",
    "is no longer what its definition makes of it",
    "is defined with values that only this step has",
    "an array that is a file as well",
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trial]:
    cases = {**FOUND, **REFUSED}
    programs = [
        Program(tuple(((source,),) for source in case)) for case in cases.values()
    ]
    folder = tmp_path_factory.mktemp("arena")
    return dict(zip(cases, asyncio.run(trials(folder, programs)), strict=True))


@pytest.mark.parametrize("name", FOUND)
def test_computes_what_the_notebook_computes(
    name: str, found: dict[str, Trial]
) -> None:
    assert (found[name].verdict, found[name].why) == ("same", [])


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_what_it_did_not_keep(name: str, found: dict[str, Trial]) -> None:
    assert found[name].verdict == "refused"
    assert any(why in found[name].why[0] for why in _WHY)
