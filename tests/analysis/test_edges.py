"""One table of cells with the edges that are found between them."""

from __future__ import annotations

import pytest

from tests.analysis.notebooks import edges, steps

NUMPY = "import numpy as np\n"
PANDAS = "import pandas as pd\n"

# Each cell is a step: s1, s2, ... An edge is `source target names`; a possible one has
# `?` after its names, an order edge `!`.
TABLE = {
    "two names for one object": (
        ["a = [1]", "b = a", "b.append(2)", "print(a)"],
        ["1 2 a", "1 3 a", "2 3 b", "3 4 a"],
    ),
    "an object inside a container": (
        ["d = {'x': [1]}", "d['x'].append(2)", "print(d)"],
        ["1 2 d", "2 3 d"],
    ),
    "a container filled before its member is changed": (
        ["a = [1]", "b = {'x': a}", "a.append(2)", "print(b)"],
        ["1 2 a", "1 3 a", "2 3 b", "3 4 b"],
    ),
    "a container changed, its member not": (
        ["a = [1]", "b = {'x': a}", "b['y'] = 2", "print(a)", "print(b)"],
        ["1 2 a", "2 3 b", "1 4 a", "3 5 b"],
    ),
    "an array and its view": (
        [NUMPY + "a = np.arange(4)", "v = a[1:]", "v[0] = 5", "print(a)"],
        ["1 2 a", "1 3 a", "2 3 v", "3 4 a"],
    ),
    "an array and its transpose": (
        [NUMPY + "a = np.eye(2)", "t = a.T", "a += 1", "print(t)"],
        ["1 2 a", "1 3 a", "2 3 t", "3 4 t"],
    ),
    "an array and its copy by a mask": (
        [NUMPY + "a = np.arange(4)", "m = a[a > 1]", "m[0] = 5", "print(a)"],
        ["1 2 a", "2 3 m", "1 4 a"],
    ),
    "a frame under two names": (
        [PANDAS + "df = pd.DataFrame()", "other = df", "other['x'] = 1", "print(df)"],
        ["1 2 df", "1 3 df", "2 3 other", "3 4 df"],
    ),
    "a frame and its copy": (
        [PANDAS + "df = pd.DataFrame()", "e = df.copy()", "e['x'] = 1", "print(df)"],
        ["1 2 df", "2 3 e", "1 4 df"],
    ),
    "methods that only read": (
        [
            PANDAS + "df = pd.read_csv('a.csv')",
            "df.head()\ndf.describe()\ndf.groupby('x').mean().plot()",
            "df.info()\ndf.x.value_counts()\ndf.corr(numeric_only=True)",
            "print(df.merge(df), len(df), sorted(df))",
        ],
        ["1 2 df", "1 3 df", "1 4 df"],
    ),
    "models that remember what they were asked": (
        [
            "import statsmodels.api as sm\nfrom skimage.feature import BRIEF",
            "y = [1.0]\nmod = sm.OLS(y, [1.0])\nb = BRIEF()",
            "res = mod.fit()",
            "print(res.summary())",
            "b.extract(y)",
            "p = res.predict()",
            "print(p, b.mask)",
        ],
        ["2 3 mod", "3 4 res", "2 5 b y", "3 6 res", "6 7 p", "5 7 b"],
    ),
    "what draws its own data, and what draws what it is given": (
        [
            "import mystery\nd, ax = mystery.load(), mystery.axes()",
            "d.plot(kind='bar')\nd.hist()\nd.plot_lines(3)",
            "ax.plot([1], [2])",
            "print(d)",
            "print(ax)",
        ],
        ["1 2 d", "1 3 ax", "1 4 d", "3 5 ax"],
    ),
    "one of several that are gone through together": (
        [
            "a, b = [[1]], [2]",
            "for x, y in zip(a, b):\n    x.append(y)",
            "print(a)",
            "print(b)",
        ],
        ["1 2 a b", "2 3 a", "1 4 b"],
    ),
    "an argument that is drawn on": (
        [
            "import networkx as nx\nimport matplotlib.pyplot as plt\n"
            "fig, axes = plt.subplots(2)\ng = nx.path_graph(3)",
            "nx.draw(g, ax=axes[0])",
            "print(axes)",
        ],
        ["1 2 axes g", "2 3 axes"],
    ),
    "a method that works in place": (
        [PANDAS + "df = pd.read_csv('a.csv')", "df.dropna(inplace=True)", "df.x"],
        ["1 2 df", "2 3 df"],
    ),
    "a figure drawn on later": (
        [
            "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()",
            "x = [1]\nax.plot(x)",
            "fig.suptitle('t')",
            "print(x)",
        ],
        ["1 2 ax fig", "2 3 fig", "2 4 x"],
    ),
    "a model that is fitted": (
        [
            "from sklearn.linear_model import Ridge\nX = [[1]]\ny = [1]",
            "m = Ridge()",
            "m.fit(X, y)",
            "print(m.score(X, y))",
            "p = m.predict(X)",
        ],
        ["1 3 X y", "2 3 m", "1 4 X y", "3 4 m", "1 5 X", "3 5 m"],
    ),
    "an estimator in a pipeline": (
        [
            (
                "from sklearn.pipeline import Pipeline\n"
                "from sklearn.preprocessing import StandardScaler"
            ),
            "s = StandardScaler()",
            "p = Pipeline([('s', s)])",
            "p.fit([[1]])",
            "print(s.mean_)",
        ],
        ["2 3 s", "2 4 s", "3 4 p", "4 5 s"],
    ),
    "an estimator in a pipeline made by a function": (
        [
            "from sklearn.pipeline import make_pipeline\n"
            "from sklearn.preprocessing import StandardScaler\ns = StandardScaler()",
            "p = make_pipeline(s)",
            "p.fit([[1]])",
            "print(s.mean_)",
        ],
        ["1 2 s", "1 3 s", "2 3 p", "3 4 s"],
    ),
    "an estimator in a pipeline of imbalanced-learn": (
        [
            "from imblearn.pipeline import make_pipeline\n"
            "from sklearn.preprocessing import StandardScaler\ns = StandardScaler()",
            "p = make_pipeline(s).fit([[1]])",
            "print(s.mean_)",
        ],
        ["1 2 s", "2 3 s"],
    ),
    "an attribute that a dataclass makes": (
        [
            "from dataclasses import dataclass, field\n@dataclass\nclass A:\n"
            "    xs: list = field(default_factory=list)\n"
            "    def add(self, x):\n        self.xs.append(x)\na = A()",
            "a.add(1)",
            "print(a)",
        ],
        ["1 2 a", "2 3 a"],
    ),
    "a row of an array": (
        [NUMPY + "a = np.eye(2)", "r = a[0]", "r[:] = 5", "print(a)"],
        ["1 2 a", "1 3 a", "2 3 r", "3 4 a"],
    ),
    "axes of the figure that is drawn on": (
        [
            "import matplotlib.pyplot as plt\nfig = plt.figure()\n"
            "a, b = plt.subplot(121), plt.subplot(122)",
            "c = plt.subplot(111)\nd = plt.gca()",
            "a.plot([1])",
            "c.plot([2])",
            "print(b)",
            "print(fig, d)",
        ],
        ["1 3 a b fig", "2 4 c d", "3 5 b", "3 6 fig", "4 6 d"],
    ),
    "axes taken apart": (
        [
            "import matplotlib.pyplot as plt\nfig, (left, right) = plt.subplots(1, 2)",
            "left.set_box_aspect(1)",
            "right.plot([1])",
            "print(fig)",
        ],
        ["1 2 fig left right", "2 3 fig right", "3 4 fig"],
    ),
    "an optimiser and its model": (
        [
            "from torch import nn, optim\nmodel = nn.Linear(1, 1)",
            "opt = optim.Adam(model.parameters())",
            "opt.step()",
            "print(model)",
        ],
        ["1 2 model", "1 3 model", "2 3 opt", "3 4 model"],
    ),
    "a function that changes its own global": (
        ["xs = []\ndef add(x):\n    xs.append(x)", "add(1)", "print(xs)"],
        ["1 2 xs", "2 3 xs"],
    ),
    "a function that changes its argument": (
        ["def put(d):\n    d['a'] = 1", "d = {}", "put(d)", "print(d)"],
        ["2 3 d", "3 4 d"],
    ),
    "a function that only reads its argument": (
        ["def show(d):\n    print(d['a'])", "d = {}", "show(d)", "print(d)"],
        ["2 3 d", "2 4 d"],
    ),
    "a function that gives a part of its argument": (
        [
            "def part(d):\n    return d['a']",
            "d = {'a': []}",
            "p = part(d)",
            "p.append(1)",
            "d",
        ],
        ["2 3 d", "2 4 d", "3 4 p", "4 5 d"],
    ),
    "a function defined above what it calls": (
        [
            "def outer(d):\n    inner(d)",
            "def inner(d):\n    d.append(1)",
            "xs = []",
            "outer(xs)",
            "print(xs)",
        ],
        ["3 4 xs", "4 5 xs"],
    ),
    "a lambda and its alias use a global": (
        ["k = 2\nf = lambda x: x * k", "g = f", "k = 3", "print(g(1))"],
        ["1 2 f", "2 4 g", "3 4 k"],
    ),
    "a function in a container": (
        ["k = 1\ndef f():\n    return k", "fs = {'f': f}", "k = 2", "fs['f']()"],
        ["2 4 fs", "3 4 k"],
    ),
    "a function handed to another": (
        [
            PANDAS + "df = pd.read_csv('a.csv')",
            "limit = 3\ndef small(r):\n    return r < limit",
            "df.x.apply(small)",
        ],
        ["1 3 df", "2 3 limit"],
    ),
    "a class that uses a global": (
        [
            "k = 2\nclass A:\n    def m(self):\n        return k",
            "k = 5",
            "a = A()\nprint(a.m())",
        ],
        ["2 3 k"],
    ),
    "a method that changes its object": (
        [
            (
                "class A:\n    def __init__(self):\n        self.v = []\n"
                "    def add(self, x):\n        self.v.append(x)\n"
                "    def size(self):\n        return len(self.v)"
            ),
            "a = A()",
            "a.add(1)",
            "print(a.size())",
            "print(a.size())",
        ],
        ["2 3 a", "3 4 a", "3 5 a"],
    ),
    "global": (
        ["n = 0\ndef inc():\n    global n\n    n += 1", "inc()", "print(n)"],
        ["1 2 n", "2 3 n"],
    ),
    "nonlocal": (
        [
            (
                "def make():\n    n = 0\n    def inc():\n        nonlocal n\n"
                "        n += 1\n        return n\n    return inc"
            ),
            "n = 7",
            "f = make()",
            "print(f(), n)",
        ],
        ["2 4 n", "3 4 f"],
    ),
    "star import of a module with source": (
        ["from textwrap import *", "x = dedent(' a')", "print(x)"],
        ["2 3 x"],
    ),
    "import of a submodule binds the package": (
        ["import os.path", "p = os.path.join('a', 'b')", "print(os.sep, p)"],
        ["2 3 p"],
    ),
    "names of a comprehension are its own": (
        ["x = 5", "ys = [x for x in range(3)]", "print(x, ys)"],
        ["1 3 x", "2 3 ys"],
    ),
    "names of a lambda are its own": (
        ["x = 5", "f = lambda x: x + 1", "print(f(1))"],
        ["2 3 f"],
    ),
    "bound on one path only": (
        ["x = 1\nflag = True", "if flag:\n    x = 2", "print(x)"],
        ["1 2 flag", "1 3 x", "2 3 x"],
    ),
    "bound on all paths": (
        ["x = 1\nf = 1", "if f:\n    x = 2\nelse:\n    x = 3", "print(x)"],
        ["1 2 f", "2 3 x"],
    ),
    "loop variables": (["for i in range(3):\n    t = i", "print(i, t)"], ["1 2 i t"]),
    "walrus": (
        ["if (n := 5) > 3:\n    pass\n[last := q for q in range(3)]", "print(n, last)"],
        ["1 2 last n"],
    ),
    "match captures": (
        [
            "p = {'k': 1}",
            (
                "match p:\n    case {'k': v, **rest}:\n        out = v\n"
                "    case [a, *b]:\n        out = a"
            ),
            "print(v, rest, out, b)",
        ],
        ["1 2 p", "2 3 b out rest v"],
    ),
    "star-unpacking": (["a, *b = [1, 2]", "print(a)", "print(b)"], ["1 2 a", "1 3 b"]),
    "a swap": (
        ["a, b = [1], [2]", "a, b = b, a", "a.append(3)", "print(a, b)"],
        ["1 2 a b", "2 3 a", "2 4 b", "3 4 a"],
    ),
    "shadowed builtins": (
        ["list = [1]\nsum = 0", "sum = sum + 1", "print(sum, list)"],
        ["1 2 sum", "1 3 list", "2 3 sum"],
    ),
    "a reassigned parameter": (
        ["x = [1]\ndef f(x):\n    x = [2]\n    x.append(3)", "f(x)", "print(x)"],
        ["1 2 x", "1 3 x"],
    ),
    "del": (["x = 1", "del x", "x = 2", "print(x)"], ["1 2 x", "3 4 x"]),
    "redefined near and far": (
        ["x = 1", "x = 2", "print(x)", "x = 3", "print(x)"],
        ["2 3 x", "4 5 x"],
    ),
    "async": (
        ["import asyncio\nasync def f():\n    return 1", "r = await f()", "print(r)"],
        ["2 3 r"],
    ),
    "top-level async for and with": (
        [
            "class C:\n    pass\nc = C()",
            "async with c as d:\n    async for x in d:\n        y = x",
            "print(y)",
        ],
        ["1 2 c", "2 3 y"],
    ),
    "a cell that is timed": (["a = 1", "%%time\nb = a + 1", "b"], ["1 2 a", "2 3 b"]),
    "a line that is timed": (["a = 1", "%time b = a + 1", "b"], ["1 2 a", "2 3 b"]),
    "a cell whose output is captured": (
        ["%%capture out\nx = 1", "print(out)", "print(x)"],
        ["1 2 out", "1 3 x"],
    ),
    "code that is measured binds nothing": (
        ["n = 3", "%timeit q = n", "%%timeit\nq = n", "q = 1", "print(q)"],
        ["1 2 n", "1 3 n", "4 5 q"],
    ),
    "a command reads variables": (
        ["name = 'a'\nother = 'b'", "x = !ls {name} $other", "print(x)"],
        ["1 2 name other", "2 3 x"],
    ),
    "a decorator of the notebook": (
        [
            (
                "def twice(f):\n    def inner(*a):\n        return f(*a) * k\n"
                "    return inner"
            ),
            "@twice\ndef g(x):\n    return x",
            "k = 3",
            "print(g(1))",
        ],
        ["2 4 g", "3 4 k"],
    ),
    "data in a class body": (
        ["cfg = {}", "class B:\n    c = cfg", "B.c['x'] = 1", "print(cfg)"],
        ["1 2 cfg", "1 3 cfg", "2 3 B", "3 4 cfg"],
    ),
    "a mutable default": (
        ["def f(x, acc=[]):\n    acc.append(x)\n    return acc", "f(1)", "print(f(2))"],
        ["1 2 f", "2 3 f"],
    ),
    "the name of an exception": (
        ["try:\n    1 / 0\nexcept ValueError as e:\n    m = e", "e = 1", "print(e)"],
        ["2 3 e"],
    ),
    "constant code that is executed": (["exec('z = 1')", "print(z)"], ["1 2 z"]),
    "a query mentions names": (
        [PANDAS + "df = pd.DataFrame()", "lim = 1", "df.query('a > @lim')"],
        ["1 3 df", "2 3 lim"],
    ),
    "a formula mentions names": (
        [
            "import statsmodels.formula.api as smf\ndf = {}",
            "z = [1]",
            "smf.ols('y ~ z', df)",
        ],
        ["1 3 df", "2 3 z"],
    ),
    "what is dumped to a file is only read": (
        ["import json\nd = {}", "json.dump(d, open('a.json', 'w'))", "print(d)"],
        ["1 2 d", "1 3 d"],
    ),
    "an iterator partly consumed": (
        ["it = iter([1, 2, 3])", "first = next(it)", "print(list(it))"],
        ["1 2 it", "2 3 it"],
    ),
    "a call that is not known": (
        ["import mylib\nd = {}", "mylib.go(d)", "print(d)"],
        ["1 2 d", "1 3 d", "2 3 d?"],
    ),
    "a method that is not known": (
        ["from mylib import Thing\nt = Thing()", "t.frob()", "print(t)"],
        ["1 2 t", "1 3 t", "2 3 t?"],
    ),
    "an augmented number": (
        ["n = 0\nm = n", "n += 1", "print(n, m)"],
        ["1 2 n", "1 3 m", "2 3 n"],
    ),
    "an augmented list": (
        ["n = []\nm = n", "n += [1]", "print(m)"],
        ["1 2 m n", "2 3 m"],
    ),
    "a name of unknown type, augmented": (
        ["import mylib\nn = mylib.f()\nm = n", "n += 1", "print(m)"],
        ["1 2 m n", "2 3 m"],
    ),
    "annotations and type aliases": (
        ["T = int", "x: T = 1", "def f(a: T) -> T:\n    return a", "print(f(x))"],
        ["1 2 T", "1 3 T", "2 4 x", "3 4 f"],
    ),
    "a generator seeded by hand": (
        [
            NUMPY + "rng = np.random.default_rng(0)",
            "a = rng.normal()",
            "b = rng.normal()",
        ],
        ["1 2 rng", "2 3 rng"],
    ),
    "what a dead name shared is forgotten": (
        ["a = []\nb = []\nboth = [a, b]", "a.append(1)", "b.append(2)", "print(a, b)"],
        ["1 2 a", "1 3 b", "2 4 a", "3 4 b"],
    ),
    "files: written, then read": (
        [
            "open('a.txt', 'w').write('x')",
            "open('b.txt').read()",
            "open('a.txt').read()",
        ],
        ["1 3 files!"],
    ),
    "files: in a directory made above": (
        ["import os\nos.makedirs('out')", "open('out/a.txt', 'w').write('x')"],
        ["1 2 files!"],
    ),
    "files: two reads do not wait for each other": (
        ["a = open('a.txt').read()", "b = open('a.txt').read()"],
        [],
    ),
    "random: seeded, then drawn from": (
        [
            "import random\nrandom.seed(1)",
            "random.random()",
            "x = 1",
            "random.random()",
        ],
        ["1 2 random!", "2 4 random!"],
    ),
    "random: never seeded": (
        ["import random\na = random.random()", "b = random.random()"],
        [],
    ),
    "random: an unseeded model draws when it is fitted": (
        [
            "import numpy as np\nnp.random.seed(0)",
            (
                "from sklearn.ensemble import RandomForestClassifier as F\nm = F()\nn = F()\n"
                "X = [[1]]"
            ),
            "m.fit(X, X)",
            "n.fit(X, X)",
        ],
        ["1 3 numpy.random!", "2 3 X m", "2 4 X n", "3 4 numpy.random!"],
    ),
    "random: a model seeded by hand": (
        [
            "import numpy as np\nnp.random.seed(0)",
            (
                "from sklearn.ensemble import RandomForestClassifier as F\n"
                "m = F(random_state=1)\nX = [[1]]"
            ),
            "m.fit(X, X)",
        ],
        ["2 3 X m"],
    ),
    "the working directory": (["%cd sub", "x = 1"], ["1 2 cwd!"]),
    "commands keep their order": (["!pip install x", "!ls"], ["1 2 files subprocess!"]),
    "names that cannot be known": (
        ["a = 1\ncode = ''", "exec(code)", "print(a)"],
        ["1 2 a code", "1 3 a", "2 3 a?"],
    ),
}


@pytest.mark.parametrize(("cells", "expected"), TABLE.values(), ids=TABLE)
def test_edges(cells: list[str], expected: list[str]) -> None:
    wanted = {
        (f"s{source}", f"s{target}", names)
        for source, target, names in (edge.split(" ", 2) for edge in expected)
    }
    assert edges(steps(*cells)) == wanted


@pytest.mark.parametrize(
    ("cells", "outputs"),
    [
        (["a = 1\nb = 2", "print(a)"], ["a", ""]),
        (["a = 1", "a = 2", "print(a)"], ["", "a", ""]),
        (["x = 1", "if x:\n    y = 2", "y = 3", "print(y)"], ["x", "", "y", ""]),
        (["k = 1\ndef f():\n    return k", "f()"], ["k", ""]),
        (["import os\ndef f():\n    pass", "f()\nos.sep"], ["", ""]),
        (["a = 1\nb = 2", "print(globals())"], ["a b", ""]),
        (["a = []\nb = [a]", "a.append(1)", "print(b)"], ["a b", "b", ""]),
    ],
)
def test_only_what_is_needed_below_is_stored(
    cells: list[str], outputs: list[str]
) -> None:
    found = [" ".join(p.name for p in step.outputs) for step in steps(*cells).steps]
    assert found == outputs


def test_inputs_name_the_step_that_wrote_them_last() -> None:
    pipeline = steps("df = {}", "df['a'] = 1", "print(df)")
    (port,) = pipeline.step("s3").inputs
    assert (port.name, port.source) == ("df", "s2")
