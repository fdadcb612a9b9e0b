"""Classes and functions of the notebook that are no setup; each cell is a step."""

from __future__ import annotations

from tests.equivalence.kernel_cases import Case

__all__ = ["SAME"]

_LOGGED = (
    "import functools\ndef logged(f):\n    @functools.wraps(f)\n    def w(*a):\n"
    "        print('call', f.__name__)\n        return f(*a)\n    return w"
)

SAME: dict[str, Case] = {
    "members that calls make": [
        "import os, re\nimport numpy as np\nfrom pathlib import Path\n"
        "from datetime import datetime, timedelta\ncols = ['a', 'b']\n"
        "class C:\n    base = 'd'\n    out = Path('output')\n    words = re.compile('a+')\n"
        "    file = os.path.join(base, 'x')\n    n = len(cols)\n    w = np.zeros(2)\n"
        "    size = 10 if n else 20\n    names = [f'f{i}' for i in range(2)]\n"
        "    start = datetime(2020, 1, 1) + timedelta(1)\n"
        "    def find(self, s): return self.words.findall(s)\nc = C()",
        "print(c.out / 'x', c.file, c.find('aab'), C.n, c.w, C.size, c.names, C.start)",
        "C.w[0] = 3",
        "print(c.w, isinstance(c, C), type(c) is C)",
    ],
    "an enumeration of computed values": [
        "from enum import Enum, IntFlag\nn = [1, 2]",
        "class E(Enum):\n    A = n[0]\n    B = n[1]\n"
        "    def f(self):\n        return self.value + 1\n"
        "    @property\n    def p(self):\n        return [self.name]\n"
        "    @classmethod\n    def _missing_(cls, v):\n        return cls.A\nk = [E.A]\n"
        "F = IntFlag('F', [(x, 2**i) for i, x in enumerate('rwx')])",
        "e = E.B\nx = {e: 1, E.A: [e]}\nk.append(E.B)\nm = F.r | F.w",
        "print(x[E.B], e.f(), e.p, E(7), E['A'] is k[0], x, list(E), type(e) is E)",
        "print(k[1] is e, isinstance(k[1], E), m, F.r in m, repr(m), m == 3)",
    ],
    "named tuples with computed fields": [
        "from collections import namedtuple\nfrom typing import NamedTuple\n"
        "f, n = ['a', 'b', 'class'], [1, 2]",
        "T = namedtuple('T', f, rename=True, defaults=[5])\nt = [T(1, 2)]\n"
        "class U(NamedTuple):\n    a: int = n[0]\n    b: 'list' = None\n"
        "    def f(self):\n        return self.a + 1\nu = U()",
        "t.append(T(*n))\nprint(t, T._fields, U(3).f(), U.__annotations__, U.__doc__)",
        "print(t[0]._replace(a=9), type(t[1]) is T, T.__doc__, T._make([1, 2, 3]))\n"
        "print(u.f(), u < U(2), U._field_defaults)",
    ],
    "rows of a frame": [
        "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})",
        "rows = list(df.itertuples(name='Row'))\nfirst, kind = rows[0], type(rows[0])",
        "print(first.a, type(first) is type(rows[1]), first is rows[0], kind)",
        "rows.append(kind(1, 2, 3))",
        "print(rows, isinstance(rows[2], kind), isinstance(first, kind))",
    ],
    "classes that attrs makes": [
        "import attr\nfrom attrs import define, field\n"
        "@attr.s\nclass A:\n    x = attr.ib(default=1)\n"
        "@define\nclass B:\n    x: int = 1\n    y: list = field(factory=list)\n"
        "a, b = A(), B()",
        "a.x = 3\nb.y.append(a)\nprint(a, b)",
        "print(a == A(3), b, b == B(1, [A(3)]), b.y[0] is a)",
    ],
    "a data class with defaults that calls make": [
        "from dataclasses import dataclass, field, fields, asdict, replace\n"
        "from pathlib import Path\n"
        "@dataclass(order=True)\nclass C:\n    out: Path = Path('output')\n"
        "    n: int = 3\n    tags: list = field(default_factory=list)\nc = C()",
        "c.tags.append(1)\nprint(c, [f.name for f in fields(c)], asdict(c))",
        "print(replace(c, n=4) > c, c == C(), C())",
    ],
    "a frozen data class with a member that a call makes": [
        "from dataclasses import dataclass, FrozenInstanceError\nfrom pathlib import Path\n"
        "@dataclass(frozen=True)\nclass P:\n    x: Path\n"
        "    def up(self): return P(self.x / str(len(str(Path('a')))))\n"
        "    z = len('ab')\np = P(Path('a'))",
        "print(p.up(), P.z, hash(p) == hash(P(Path('a'))))\n"
        "try:\n    p.x = 1\nexcept FrozenInstanceError as e:\n    print(e)",
    ],
    "methods with decorators of one's own": [
        _LOGGED,
        "class B:\n    def __init__(self): self.n = 0\n    @logged\n    def go(self):\n"
        "        self.n += 1\n        return self.n\n    @property\n    @logged\n"
        "    def p(self): return self.n\n    @p.setter\n    def p(self, v): self.n = v\n"
        "    @staticmethod\n    @logged\n    def s(x): return x\n    @classmethod\n"
        "    def new(cls): return cls()\n"
        "class D(B):\n    def go(self): return super().go() * 10\nb, d = B(), D.new()",
        "print(b.go(), d.go(), B.s(3), d.p)",
        "b.p = 5\nprint(b.go(), isinstance(d, B), D.__mro__[1] is B)",
    ],
    "decorators of classes": [
        "known = {}\ndef register(name):\n    def deco(kind):\n"
        "        known[name] = kind\n        return kind\n    return deco",
        "@register('a')\nclass A:\n    def go(self): return 1",
        "@register('b')\nclass B(A):\n    def go(self): return super().go() + 1",
        "print({k: v().go() for k, v in known.items()}, known['a'] is A, B.__base__ is A)",
    ],
    "a class that there is one object of": [
        "def single(kind):\n    made = {}\n    def get():\n"
        "        if kind not in made:\n            made[kind] = kind()\n"
        "        return made[kind]\n    return get",
        "@single\nclass B:\n    v = 0\nb = B()\nb.v = 3",
        "print(B() is b, B().v)",
    ],
    "counts and lists of a class": [
        "class A:\n    count, all = 0, []\n    def __init__(self):\n"
        "        A.count += 1\n        A.all.append(self)",
        "a = A()",
        "b = A()",
        "print(A.count, A.all[0] is a, a.all is A.all, b.count)",
    ],
    "numbers that a class gives": [
        "import itertools\nclass A:\n    ids = itertools.count(5)\n"
        "    def __init__(self): self.id = next(A.ids)\na = A()",
        "b = A()",
        "print(a.id, b.id, A().id)",
    ],
    "methods that are added to a class": [
        "class A:\n    rate = 1\n    def __init__(self): self.x = 1\na = A()",
        "def f(self): return self.x\nA.f = f",
        "print(a.f())\nsetattr(A, 'g', lambda self: 2 * self.x)",
        "A.rate = 3",
        "print(a.g(), a.rate, A.f is f)",
    ],
    "classes that a metaclass knows": [
        "class M(type):\n    known = {}\n    def __new__(meta, name, bases, own):\n"
        "        made = super().__new__(meta, name, bases, own)\n"
        "        meta.known[name] = made\n        return made\nclass P(metaclass=M): pass",
        "class Q(P): pass",
        "print(sorted(M.known), M.known['Q'] is Q, type(Q) is M)",
    ],
    "classes that a base knows": [
        "class P:\n    known = []\n    def __init_subclass__(cls, **more):\n"
        "        super().__init_subclass__(**more)\n        P.known.append(cls)",
        "class Q(P): pass\nq = Q()",
        "class R(Q): pass",
        "print([k.__name__ for k in P.known], P.known[0] is Q, type(q) is Q)",
    ],
    "abstract classes with members that calls make": [
        "from abc import ABC, abstractmethod\nclass A(ABC):\n    n = len('ab')\n"
        "    @abstractmethod\n    def go(self): ...\nclass B(A):\n"
        "    def go(self): return self.n\nb = B()",
        "print(b.go(), isinstance(b, A))\ntry:\n    A()\nexcept TypeError as e:\n"
        "    print('abstract')",
    ],
    "generic classes with members that calls make": [
        "from typing import Generic, TypeVar\nT = TypeVar('T')\n"
        "class S(Generic[T]):\n    size = len('ab')\n"
        "    def __init__(self): self.all: list[T] = []\ns = S[int]()",
        "s.all.append(1)\nprint(s.all, S.size)",
        "print(type(s) is S, S[str]().size)",
    ],
    "errors with members that calls make": [
        "class E(Exception):\n    code = len('abc')\n"
        "    def __init__(self, n):\n        super().__init__(n)\n        self.n = n",
        "try:\n    raise E(2)\nexcept E as error:\n    kept = error\n    print(error.n)",
        "print(kept.n, kept.code, isinstance(kept, E))",
    ],
    "a class that is defined anew": [
        "class A:\n    def go(self): return 1\na = A()",
        "class A:\n    def go(self): return 2\nb = A()",
        "print(a.go(), b.go(), isinstance(a, A), type(a).__name__)",
    ],
    "a class that goes on from itself": [
        "class Net:\n    def __init__(self): self.w = [1]",
        "class Net(Net):\n    def train(self): self.w.append(2)",
        "n = Net()\nn.train()",
        "print(n.w, len(Net.__mro__))",
    ],
    "classes in other statements": [
        "import sys\nif sys.version_info > (3,):\n    class A:\n        x = 1\nelse:\n"
        "    class A:\n        x = 2\na = A()\n"
        "try:\n    import nothing_there\nexcept ImportError:\n    class Fake:\n"
        "        def go(self): return 1\n    nothing_there = Fake()\n"
        "kinds = []\nfor i in range(2):\n    class K:\n        v = i\n    kinds.append(K)\n"
        "def make():\n    class L:\n        v = 3\n    return L()\no = make()\n"
        "T = type('T', (), {'x': 1, 'f': lambda s: s.x})\nt = T()",
        "print(a.x, nothing_there.go(), [k.v for k in kinds], o.v, t.f())",
        "print(type(a) is A, K is kinds[1], type(make()) is type(o), isinstance(t, T))",
    ],
    "a function that counts its calls": [
        "def f():\n    f.n += 1\n    return f.n\nf.n = 0",
        "print(f())",
        "print(f(), f.n)",
    ],
    "members whose owners have names for them": [
        "class Field:\n    made = 0\n    def __set_name__(self, owner, name):\n"
        "        print('named', name)\n        self.name = name\n"
        "    def __get__(self, it, owner): return it and it.__dict__.get(self.name)\n"
        "    def __set__(self, it, value): it.__dict__[self.name] = value",
        "class R:\n    n = len('a')\n    x = Field()\nr = R()\nr.x = 3",
        "print(r.x, r.n, R.__dict__['x'].name)",
    ],
}
