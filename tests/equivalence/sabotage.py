"""Each rule of the commit check, how to switch it off, and a notebook that needs it.

The notebooks hide from the analysis what they do where a rule of the commit is in
question: `marked()` finds a list through the garbage collector. Where two steps must
meet, `wait()` waits, in a pipeline alone, until a step below says `done()`.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RULES", "SETUP", "Rule"]

SETUP = (
    "import ctypes, functools, gc, os, random, time, builtins, types",
    "from pathlib import Path",
    "import numpy as np",
    "def wait(most=10):\n"
    "    libc, until = ctypes.CDLL(None), time.monotonic() + most\n"
    "    while libc.access(b'../left', 0) == 0 and libc.access(b'../read', 0):\n"
    "        if time.monotonic() > until:\n"
    "            break\n"
    "        time.sleep(0.01)",
    "def done():\n"
    "    libc = ctypes.CDLL(None)\n"
    "    if libc.access(b'../left', 0) == 0:\n"
    "        libc.mkdir(b'../read', 0o777)",
    "def marked(n=0):\n"
    "    lists = [o for o in gc.get_objects() if type(o) is list and o[:1] == ['mark']]\n"
    "    return sorted(lists, key=len)[n]",
)


@dataclass(frozen=True)
class Rule:
    """A piece of code without which some notebook is computed otherwise."""

    place: str
    """Module below `jupyter_kfx`, and the function for what is not in the runtime."""
    old: str
    """Stands there once, with the rule."""
    new: str
    """Stands there without it."""
    cells: tuple[str, ...]
    refused: bool = False
    """Whether the rule refuses the notebook rather than computing it."""
    conditions: tuple[tuple[int, str], ...] = ()
    """Steps that have one, with it."""

    @property
    def is_of_runtime(self) -> bool:
        """Whether the rule is part of what runs in a step."""
        return self.place.startswith("runtime")


_VERSIONS = "engines.versions:"
_EXECUTIONS = "engines.executions:Executions."
_COMMITS = "engines.commits:Commits."
_JUDGE = "engines.judge:Judge."
_WRITE = "getattr(Path('f.txt'), 'write_' + 'text')({text!r})"
_APPEND = "print({text!r}, file=getattr(builtins, 'op' + 'en')('f.txt', 'a'))"

RULES: dict[str, Rule] = {
    "instances go with their class": Rule(
        _VERSIONS + "View._orphan",
        "if isinstance(version, Group) and (old := version.definitions & gone):",
        "if isinstance(version, Group) and (old := frozenset()):",
        (
            "class K:\n    x = 1\nd = getattr(builtins, 'ev' + 'al')('[K()]')",
            "from collections import Counter as K",
            "print(K, type(d[0]).__name__)",
        ),
        refused=True,
    ),
    "what was read must still be so": Rule(
        _VERSIONS + "Reading._name_holds",
        "if now.content.get(name) != then.content.get(name):",
        "if False:",
        ("a = ['mark']", "len(a)\nwait()\nmarked().append(2)", "print(a)\ndone()"),
    ),
    "a name that was not there must still not be": Rule(
        _VERSIONS + "Reading._name_holds",
        "return now == then",
        "return True",
        (
            "a = 1",
            "wait()\ngetattr(builtins, 'glo' + 'bals')()['late'] = a",
            "done()\ntry:\n    print(late)\nexcept NameError:\n    print('none')",
        ),
    ),
    "names that were one object must still be": Rule(
        _VERSIONS + "Reading._name_holds",
        "company & loaded == today & loaded and not stored & (company | today)",
        "not stored & (company | today)",
        (
            "a = ['mark', [1]]\nb = ['mark', [1], 0]",
            "len(a), len(b)\nwait()\nmarked(0)[1] = marked(1)[1]",
            "print(a[1] is b[1])\ndone()",
        ),
    ),
    "what is stored comes from the current version": Rule(
        _VERSIONS + "Reading._name_holds",
        "company & loaded == today & loaded and not stored & (company | today)",
        "company & loaded == today & loaded",
        (
            "a = ['mark', [1]]\nb = ['mark', [1], 0]",
            "len(a), len(b)\nwait()\nmarked(1)[1] = marked(0)[1]",
            "a[1].append(5)\ndone()",
            "print(a, b, a[1] is b[1])",
        ),
    ),
    "a group is loaded whole": Rule(
        _VERSIONS + "resolve",
        "members[name] = view.members(version)",
        "members[name] = frozenset({name})",
        ("a = [1]\nb = [a]", "a.append(2)", "print(b)"),
    ),
    "what stored functions use is given too": Rule(
        _VERSIONS + "resolve",
        "todo += version.needs",
        "pass",
        (
            "code = compile(\"k if 'k' in globals() else 'none'\", '<k>', 'eval')\n"
            "k = 2\n"
            "fs = [types.FunctionType(code, getattr(builtins, 'glo' + 'bals')())]",
            "print(fs[0]())",
            "print(k)",
        ),
    ),
    "a change that was not kept is not passed over": Rule(
        _VERSIONS + "View.apply",
        "for name in observation.changed - kept - observation.deleted:",
        "for name in ():",
        (
            "a = [1]",
            "a.append(2)",
            "print(getattr(builtins, 'ev' + 'al')('a'))",
        ),
        refused=True,
    ),
    "a deleted name is gone": Rule(
        _VERSIONS + "View.apply",
        "for name in observation.deleted:",
        "for name in ():",
        ("a = 1", "del a", "print('a' in globals())"),
    ),
    "the environment must still be so": Rule(
        _VERSIONS + "Reading._broken_state",
        "if key in used or not (is_used_by_change(key) or key in ASKED_STATES):",
        "if key in used:",
        (
            "os.environ['KFX_FUZZ'] = '1'",
            "wait()\ngetattr(os, 'env' + 'iron')['KFX_FUZZ'] = '2'",
            "print(os.getenv('KFX_FUZZ'))\ndone()",
        ),
    ),
    "generators that were drawn from must still be so": Rule(
        _VERSIONS + "Reading._broken_state",
        "if key in used or not (is_used_by_change(key) or key in ASKED_STATES):",
        "if not is_used_by_change(key):",
        (
            "a = 1",
            "wait()\ngetattr(random, 'se' + 'ed')(3)",
            "print(getattr(random, 'ran' + 'dom')())\ndone()",
        ),
    ),
    "files that were read must still be so": Rule(
        _JUDGE + "contradiction",
        "if files:",
        "if False:",
        (
            "Path('f.txt').write_text('1')",
            f"wait()\n{_WRITE.format(text='2')}\na = 1",
            "print(getattr(Path('f.txt'), 'read_' + 'text')())\ndone()",
        ),
    ),
    "files that were read must still be so at the first act": Rule(
        "runtime.guard",
        "if self._files.are_stale():",
        "if False:",
        (
            "Path('f.txt').write_text('1')",
            f"wait(3)\n{_WRITE.format(text='2')}\na = 1",
            "b = getattr(Path('f.txt'), 'read_' + 'text')()\ndone()\n"
            "getattr(Path('g.txt'), 'write_' + 'text')(b)",
        ),
    ),
    "acts wait for their turn": Rule(
        _EXECUTIONS + "_permit",
        "if i != self._frontier.turn:",
        "if False:",
        (
            "a = 1",
            f"wait(2)\n{_APPEND.format(text='a')}\na = 1",
            f"{_APPEND.format(text='b')}\ndone()",
        ),
    ),
    "files are written after permission": Rule(
        "runtime.guard",
        'self.ask("files")',
        "pass",
        (
            "a = 1",
            f"wait(2)\n{_APPEND.format(text='a')}\na = 1",
            f"{_APPEND.format(text='b')}\ndone()",
        ),
    ),
    "children are started after permission": Rule(
        "runtime.guard",
        'self.ask("children")',
        "pass",
        (
            "a = 1",
            "wait(2)\ngetattr(os, 'sys' + 'tem')('echo a >> f.txt')\na = 1",
            "getattr(os, 'sys' + 'tem')('echo b >> f.txt')\ndone()",
        ),
    ),
    "an act on what is no longer so is not let happen": Rule(
        _EXECUTIONS + "_permit",
        "progress.irrevocable = reading.is_current(view)",
        "progress.irrevocable = True",
        (
            "a = ['mark']",
            "len(a)\nwait(3)\nmarked().append(2)",
            f"b = len(a)\ndone()\n{_APPEND.format(text='x')}\nprint(b)",
        ),
    ),
    "an error counts only if what was read holds": Rule(
        _COMMITS + "commit",
        "if why is not None:",
        'if why is not None and observation.status == "succeeded":',
        (
            "a = ['mark']",
            "len(a)\nwait()\nmarked().append(2)",
            "try:\n    print(a[1])\nfinally:\n    done()",
        ),
    ),
    "an error counts only if files above were written": Rule(
        _JUDGE + "contradiction",
        "if raised and not progress.irrevocable and self._acted(i):",
        "if False:",
        (
            "a = 1",
            f"wait()\n{_WRITE.format(text='2')}\na = 1",
            "b = ctypes.CDLL(None).access(b'f.txt', 0)\ndone()\nprint(1 // (b + 1))",
        ),
    ),
    "a name that turned out to be used is given": Rule(
        _JUDGE + "contradiction",
        "if failure.name not in view.names or failure.name in progress.reads:",
        "if True:",
        ("a = [1]", "print(getattr(builtins, 'ev' + 'al')('a'))", "print(a)"),
    ),
    "a step that was skipped is asked again": Rule(
        _JUDGE + "contradiction",
        "broken = reading.broken(view, observation)",
        "broken = None",
        (
            "a, b = ['mark'], 0",
            "len(a)\nwait()\nmarked().append(2)",
            "b = 1",
            "print(b)",
        ),
        conditions=((2, "(len(a) > 1, done())[0]"),),
    ),
    "what a step lacked is looked for again": Rule(
        _COMMITS + "_still_lacks",
        "progress.lacks = lack is not None",
        "progress.lacks, lack = True, 'it did'",
        (
            "a = ['mark']",
            "len(a)\nwait()\nmarked().append(2)",
            "b = 1",
            "print(b)",
        ),
        conditions=((2, "(len(a) > 1, done())[0]"),),
    ),
    "a step may only lack what a skipped step binds": Rule(
        "engines.skipping:because_of",
        "if name in view.names:",
        "if False:",
        ("a, b = 0, 1", "b = 2", "print(b)"),
        conditions=((1, "a"),),
    ),
    "a condition is asked": Rule(
        "runtime.step",
        "holds = True if test is None else self.shell.holds(test)",
        "holds = True",
        ("a = 0", "print(a)", "print(a)"),
        conditions=((1, "a"),),
    ),
    "cells of a step with a condition are no setup": Rule(
        "analysis.cells:CodeReader._walk",
        "elif code.head:",
        "elif False:",
        ("a = 0", "import math\ndef a():\n    return 1", "print(a)"),
        conditions=((1, "a"),),
    ),
    "each step is seeded by itself": Rule(
        "engines.executions:_seed",
        'f"{entropy}\\0{step}"',
        'f"{entropy}"',
        ("u0 = random.random()", "u1 = random.random()", "print(u0 == u1)"),
    ),
    "a step is seeded at all": Rule(
        "runtime.conditions",
        "ambient.seed(self._order.seed, self._order.ambient)",
        "pass",
        ("u0 = np.random.rand()", "u1 = np.random.rand()", "print(u0 == u1)"),
    ),
    "seeded generators are handed on": Rule(
        "runtime.conditions",
        "            if pickled.digest() != self._tokens.get(key):",
        "            if key not in ambient.RANDOM:",
        ("random.seed(1 + 0 * len(os.getcwd()))", "print(random.random())"),
    ),
    "attributes of modules are set again": Rule(
        "runtime.assignments",
        "now is not before and",
        "False and",
        (
            "import string\nn = len('ab')",
            "string.digits = '01' + str(n)",
            "print(string.digits)",
        ),
    ),
    "generators of modules stay what they are": Rule(
        "runtime.recreate",
        "if module in sys.modules and obj is",
        "if False and obj is",
        (
            "r = np.random.mtrand._rand\nnp.random.seed(3)",
            "print(r.random())",
            "print(np.random.random())",
        ),
    ),
    "process state is restored": Rule(
        "runtime.conditions",
        "ambient.restore(key, state)",
        "pass",
        (
            "a = 1\nos.environ['KFX_FUZZ'] = str(a + 1)",
            "print(os.environ.get('KFX_FUZZ'))",
        ),
    ),
    "changes are found by their digests": Rule(
        "runtime.inputs",
        "n for n in pickles if n not in rebound and content[n] != self._before.get(n)",
        "n for n in pickles if n not in rebound and False",
        ("a = [1]", "a.append(2)", "print(a)"),
    ),
    "digests take buffers in": Rule(
        "runtime.pickles",
        "found.update(stand_in(buffer) or buffer.raw())",
        "pass",
        ("v = np.arange(6)", "v[0] = 9", "print(v)"),
    ),
    "large buffers are asked about": Rule(
        "runtime.mappings",
        "return any(page & _IN_MEMORY and not page & _OF_FILE for page in pages)",
        "return False",
        ("v = np.zeros(300_000)", "v[7] = 9", "print(v.sum())"),
    ),
    "what is compared is compared by its sharing": Rule(
        "runtime.inputs",
        "comparison = Comparison(self._groups.token)",
        "comparison = Comparison(self._groups.token, sharing=False)",
        ("c = [[1], [1]]", "c[1] = c[0]", "print(c[0] is c[1])"),
    ),
    "labels stay with the arrays that they lie in": Rule(
        "runtime.sharing",
        "for identity in pickled.lent():",
        "for identity in ():",
        (
            "import pandas as pd\nv = np.arange(4.0)\ns = pd.Index(v, copy=False)",
            "v[0] = 9",
            "print(s)",
        ),
    ),
    "names that came to share are stored": Rule(
        "runtime.handover",
        "if not (kept & changed) and before == {kept}:",
        "if not (kept & changed):",
        ("a = [[1]]\nb = [[1]]", "a[0] = b[0]", "a[0].append(2)\nprint(a, b)"),
    ),
    "names that share are stored together": Rule(
        "runtime.sharing",
        "parent[top(name)] = top(other)",
        "pass",
        ("a = [1]\nb = [a]", "a.append(2)", "print(a, b, b[0] is a)"),
    ),
    "views stay views": Rule(
        "runtime.arrays",
        "if id(root) not in self.views:\n            return NotImplemented",
        "if True:\n            return NotImplemented",
        ("v = np.arange(6)\nw = v[1:4]", "w[0] = 9", "print(v, w)"),
    ),
    "what ends is not handed on": Rule(
        "runtime.endings",
        "if _is_waited_for(obj):",
        "if False:",
        (
            "import weakref\nclass C: pass\na = C()\n"
            "f = [weakref.ref(a, lambda r: print('gone'))]",
            "a = None",
        ),
        refused=True,
    ),
    "attributes stay those of their objects": Rule(
        "runtime.attributes",
        "if own is obj or id(own) in self._used:",
        "if False:",
        ("class C: pass\na = C()\nb = a.__dict__", "b['n'] = 1", "print(a.n)"),
    ),
    "what a state holds too is not handed on": Rule(
        "runtime.handover",
        "if held and held & pickles[name].held():",
        "if False:",
        (
            "import logging, io\nd = io.StringIO()\nlog = logging.getLogger('k')\n"
            "log.addHandler(logging.StreamHandler(d))",
            "log.warning('b')",
            "print(d.getvalue())",
        ),
        refused=True,
    ),
    "what stays replaced is not left behind": Rule(
        "runtime.step",
        "hooks.check()",
        "pass",
        (
            "import contextlib, io\nd = io.StringIO()\n"
            "contextlib.redirect_stdout(d).__enter__()",
            "print('in')",
        ),
        refused=True,
    ),
    "a rebound name is stored": Rule(
        "runtime.inputs",
        "n for n in looked if n not in self.bound or self.bound[n] is not looked[n]",
        "n for n in looked if n not in self.bound",
        ("a = [1]", "a = a[:]\na = {'k': a}", "print(a)"),
    ),
    "a deletion is seen": Rule(
        "runtime.handover",
        "sorted(above - set(now))",
        "[]",
        ("a = 1", "print(a)\ndel a", "print('a' in globals())"),
    ),
    "NaN keeps its identity": Rule(
        "runtime.numbering",
        "return _number(self._nans, obj)",
        "return None",
        ("x = float('nan')\na = [x]", "print(x in a)"),
    ),
    "sets keep their order": Rule(
        "runtime.pickling",
        "if kind is set and len(obj) > 1:",
        "if False:",
        (
            "a = set(range(40))\nfor z in range(40):\n"
            "    a.discard(z if z not in (1, 8) else -1)",
            "print(list(a))",
        ),
    ),
    "a class with other attributes is not replayed": Rule(
        "runtime.definitions",
        "return bool(state_of(value, self._namespace) == self._states[name])",
        "return True",
        (
            "class C:\n    n = 0",
            "getattr(builtins, 'seta' + 'ttr')(C, 'n', 1)",
            "print(C.n)",
        ),
        refused=True,
    ),
    "a class that its own step changed is not replayed": Rule(
        "runtime.standing",
        "if state_of(now[name], namespace) == state_of(made[name], made)",
        "if True",
        (
            "class C:\n    n = 0\n"
            "getattr(builtins, 'seta' + 'ttr')(C, 'n', 1)\nc = C()",
            "print(c.n)",
        ),
        refused=True,
    ),
    "what says how it is pickled is kept whole": Rule(
        "runtime.pickling",
        "if whole is not None:",
        "if False:",
        (
            "class C:\n    def __init__(self):\n        self.n = 1\n"
            "    def __getstate__(self):\n        return {'n': 0}\nc = C()",
            "print(c.n)",
        ),
    ),
    "open files hold what they held": Rule(
        "runtime.opened",
        "or content_of(path) != content",
        "or False",
        (
            "Path('a.txt').write_text('old')\nf = open('a.txt')",
            "import os\nos.remove('a.txt')\nPath('a.txt').write_text('new')",
            "print(f.read())",
        ),
        refused=True,
    ),
    "what goes with its step is not handed on": Rule(
        "runtime.endings",
        "if kind is weakref.finalize and obj.alive:",
        "if False:",
        (
            "import tempfile\nd = tempfile.TemporaryDirectory()",
            "print(Path(d.name).exists())",
        ),
        refused=True,
    ),
    "what was consumed is not begun anew": Rule(
        "runtime.recreate",
        "if state != inspect.GEN_CREATED:",
        "if False:",
        (
            "def made():\n    yield 1\n    yield 2\ng = made()\nnext(g)",
            "print(list(g))",
        ),
        refused=True,
    ),
    "what modules hold travels": Rule(
        "runtime.beside",
        "self._is_changed = bool(different)",
        "self._is_changed = False",
        (
            "Path('kfx_mine.py').write_text("
            "'cfg = []\\ndef f():\\n    cfg.append(1)\\n    return len(cfg)\\n')",
            "import kfx_mine\nprint(kfx_mine.f())",
            "print(kfx_mine.f())",
        ),
    ),
    "what modules hold and cannot be stored is missed": Rule(
        "runtime.beside",
        "if has == _GONE and was[0] in _STORED:",
        "if True:",
        (
            "Path('kfx_counts.py').write_text("
            "'import itertools\\nn = itertools.count()\\ndef f():\\n    return next(n)\\n')",
            "import kfx_counts\nprint(kfx_counts.f())",
            "print(kfx_counts.f())",
        ),
        refused=True,
    ),
    "modules that are lost are not imported again": Rule(
        "runtime.handover",
        "if lost is not None:",
        "if False:",
        (
            "Path('kfx_again.py').write_text("
            "'import itertools\\nn = itertools.count()\\ndef f():\\n    return next(n)\\n')",
            "import kfx_again\nprint(kfx_again.f())",
            "import kfx_again\nprint(kfx_again.f())",
        ),
        refused=True,
    ),
    "cached functions that act are not called anew": Rule(
        "runtime.modules",
        "and not is_pure(value, self._namespace)",
        "and False",
        (
            "@functools.lru_cache\ndef f(z):\n    print('computing')\n    return z",
            "f(1)",
            "f(1)",
        ),
        refused=True,
    ),
}
