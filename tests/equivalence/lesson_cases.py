"""Notebooks as lessons on Python have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.equivalence.kernel_cases import Case

__all__ = ["REFUSED", "SAME"]

SAME: dict[str, Case] = {
    "lesson: a cached function and a name like its argument": [
        "from functools import cache\n@cache\ndef fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)",
        "n = 9\nprint(fib(n))",
        "n = 12\nprint(fib(n))",
        "for n in range(3): print(fib(n))",
    ],
    "lesson: is": [
        "a = [1]\nb = a\nc = None\nn = 5\nm = n",
        "print(a is b, c is None, n is m, c is not a, type(a) is list)",
    ],
    "lesson: an option that uses a global": [
        "import pandas as pd\ndigits=3\npd.set_option('display.float_format', lambda x: f'{x:.{digits}f}')\ndf=pd.DataFrame({'a':[1.23456]})",
        "df",
        "digits = 1",
        "df",
    ],
    "lesson: a format that uses a global": [
        "import numpy as np\nn=2\nnp.set_printoptions(formatter={'float_kind': lambda v: f'{v:.{n}f}'})",
        "np.array([1.2])",
    ],
    "lesson: a formatter of logs that uses a global": [
        "import logging, sys\napp='x'\nclass Fm(logging.Formatter):\n    def format(self, r): return app + r.getMessage()\nh=logging.StreamHandler(sys.stdout)\nh.setFormatter(Fm())\nlogging.getLogger('q').addHandler(h)",
        "logging.getLogger('q').warning('hey')",
    ],
    "lesson: a display that uses a global": [
        "places=3\nget_ipython().display_formatter.formatters['text/plain'].for_type(float, lambda x,p,c: p.text(f'{x:.{places}f}'))",
        "3.14159265",
    ],
    "lesson: a callback of numpy's errors": [
        "import numpy as np\nlog=[]\nnp.seterrcall(lambda t,f: log.append(t)); np.seterr(all='call')",
        "np.array([1.])/0\nprint(log)",
    ],
    "lesson: a class beside names of sympy": [
        "from sympy import *\nclass A: pass\na=A()",
        "print(type(a).__name__)",
    ],
    "lesson: names made by globals": [
        "for i in range(2): globals()[f'v{i}'] = i",
        "print([globals().get(f'v{i}') for i in range(2)])",
    ],
    "lesson: text that asks for a name it binds": [
        "src='try:\\n    n += 1\\nexcept NameError:\\n    n = 0\\n'",
        "exec(src)",
        "exec(src)",
        "exec('print(n)')",
    ],
    "lesson: names of a script, looked for": [
        "open('p.py','w').write('v = 1\\n')",
        "%run p.py",
        "k='v'; print(k in globals())",
    ],
    "lesson: a cached function of a constant": [
        "from functools import lru_cache\nfactor = 2\n@lru_cache\ndef f(x): return x*factor\nf(2)",
        "y = f(3)",
        "print(f(2), y)",
    ],
    "lesson: a cached recursion": [
        "from functools import cache\n@cache\ndef fib(n): return n if n < 2 else fib(n-1) + fib(n-2)\nprint(fib(30))",
        "print(fib(31))",
    ],
    "lesson: a cached recursion with a limit": [
        "from functools import lru_cache\n@lru_cache(maxsize=8)\ndef fib(n): return n if n < 2 else fib(n-1) + fib(n-2)\nprint(fib(30))",
        "print(fib(31))",
    ],
    "lesson: an amount with a currency": [
        "from decimal import Decimal\nclass Money(Decimal):\n    currency = 'USD'\nm = Money(10); m.currency = 'EUR'",
        "print(m, m.currency)",
    ],
    "lesson: a mapping with a mark": [
        "from collections import defaultdict\nclass Index(defaultdict): pass\nm = Index(list); m.tag = 'EUR'; m['a'].append(1)",
        "print(m, m.tag, m['b'])",
    ],
    "lesson: dates, paths and fractions with marks": [
        "import datetime, pathlib, fractions\nclass Day(datetime.date): pass\nclass P(pathlib.PosixPath): pass\nclass F(fractions.Fraction): pass\nclass T(datetime.timedelta): pass\nd=Day(2020,1,2); d.tag=1; p=P('a'); p.tag=[2]; f=F(1,3); f.tag=3; t=T(4); t.tag=4",
        "print(d,d.tag,p,p.tag,f,f.tag,t,t.tag)",
    ],
    "lesson: keys with hashes of their own": [
        "class K:\n    def __init__(self,v): self.v=v\n    def __hash__(self): return hash(self.v)\n    def __eq__(self,o): return self.v==o.v\nk=K(1); d={k:'a'}; s={K(2),K(3)}",
        "print(k in d, d[K(1)], K(2) in s)",
    ],
    "lesson: a handler of logs that remembers": [
        "import logging\nclass L(logging.Handler):\n    def __init__(self):\n        super().__init__()\n        self.seen=[]\n    def emit(self,r): self.seen.append(r.getMessage())\nh=L()\nlog=logging.getLogger('x'); log.addHandler(h)",
        "log.warning('one')",
        "print(h.seen)",
    ],
    "lesson: a handler of logs with a memory": [
        "import logging, logging.handlers\nmh=logging.handlers.MemoryHandler(100, target=logging.StreamHandler())\nlog=logging.getLogger('x'); log.addHandler(mh)",
        "log.warning('one')",
        "mh.flush()",
    ],
    "lesson: tests of the notebook": [
        "import unittest\ndata=[1,2,3]",
        "class T(unittest.TestCase):\n    def test_len(self): self.assertEqual(len(data),3)",
        "import io\nr=unittest.main(argv=[''],exit=False,testRunner=unittest.TextTestRunner(stream=io.StringIO()))\nprint(r.result.testsRun,len(r.result.errors))",
    ],
    "lesson: examples in docstrings": [
        "items=[1,2]\ndef total():\n    '''\n    >>> sum(items)\n    3\n    '''",
        "import doctest\nprint(doctest.testmod())",
    ],
    "lesson: a name and a docstring set later": [
        "def deco(f):\n    def w(*a):\n        return f(*a)\n    return w\ndef f():\n    'doc of f'\nh = deco(f)",
        "h.__doc__ = f.__doc__; h.__name__ = f.__name__",
        "print(h.__doc__, h.__name__)",
    ],
    "lesson: the environment by another name": [
        "import os\nenv = os.environ",
        "env['KQ']='2'",
        "print(os.environ.get('KQ'))",
    ],
    "lesson: paths and filters by other names": [
        "import sys, warnings\np = sys.path; w = warnings.filters",
        "p.append('zzz')",
        "print('zzz' in sys.path, p is sys.path, w is warnings.filters)",
    ],
    "lesson: arguments": [
        "import sys\nx=1",
        "sys.argv.append('--x')",
        "print(sys.argv[-1])",
    ],
    "lesson: thresholds of the collector": [
        "import gc\nn=500",
        "gc.set_threshold(n)",
        "print(gc.get_threshold())",
    ],
    "lesson: namespaces of XML": [
        "import xml.etree.ElementTree as ET\nd={'ex':'http://e'}",
        "for p,u in d.items(): ET.register_namespace(p,u)",
        "print(ET.tostring(ET.Element('{http://e}a')))",
    ],
}

REFUSED: dict[str, tuple[Case, str]] = {
    "lesson: one text, two names": (
        ["s = 'hello world'\nt = s", "print(s is t)"],
        "Compare with `==`",
    ),
    "lesson: one number": (
        ["x = 1000", "y = x\nprint(x is not y)"],
        "Compare with `==`",
    ),
    "lesson: settings in a cache": (
        [
            "from functools import lru_cache\n@lru_cache\ndef settings(): return {'debug': False}\nx=settings()",
            "settings()['debug'] = True",
            "print(settings()['debug'])",
        ],
        "has cached results",
    ),
    "lesson: a list in a cache": (
        [
            "from functools import cache\n@cache\ndef new(k): return [k]\na = new(1)",
            "a.append(2)",
            "print(new(1), new(1) is a)",
        ],
        "has cached results",
    ),
    "lesson: a cache and a global": (
        [
            "from functools import lru_cache\nfactor = 2\n@lru_cache\ndef f(x): return x*factor\nf(2)",
            "factor = 10",
            "print(f(2))",
        ],
        "is another one from here on",
    ),
    "lesson: a cache that counts": (
        [
            "from functools import cache\ncalls=0\n@cache\ndef f(x):\n    global calls\n    calls += 1\n    return x\nf(1)",
            "f(1)\nprint(calls)",
        ],
        "does more than compute them",
    ),
    "lesson: a key that has changed": (
        [
            "class K:\n    def __init__(self,v): self.v=v\n    def __hash__(self): return hash(self.v)\n    def __eq__(self,o): return self.v==o.v\nk=K(1); d={k:'a'}; k.v=2",
            "print(k in d)",
        ],
        "hash has changed",
    ),
    "lesson: all names": (
        ["g = globals()", "g['y']=2", "print(g['y'])"],
        "dictionary of all names",
    ),
    "lesson: the size of a list": (
        [
            "import sys\nl=[]\nfor i in range(10): l.append(i)",
            "print(sys.getsizeof(l))",
        ],
        "set aside",
    ),
    "lesson: the size of an array": (
        [
            "import sys\nimport numpy as np\na=np.zeros(1000); s='abc'; t=(1,2); n=5",
            "print(sys.getsizeof(a), sys.getsizeof(s), sys.getsizeof(t), sys.getsizeof(n))",
        ],
        "set aside",
    ),
}
