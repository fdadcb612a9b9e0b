"""Writes random notebooks of many steps, whose every statement may touch any other's.

What may fail is mostly caught, so that most programs run to their end. Draws that no
seed decides are bound to names in `VOLATILE` and never shown.
"""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass
from typing import Any, Protocol

from tests.analysis.programs import Maker

__all__ = ["VOLATILE", "Chance", "Program", "document", "program"]

VOLATILE = frozenset({"u0", "u1", "u2"})


class Chance(Protocol):
    """What decides: a `random.Random`, or one that hypothesis shrinks."""

    def choice(self, seq: Any, /) -> Any: ...
    def random(self) -> float: ...
    def randint(self, a: int, b: int, /) -> int: ...


@dataclass(frozen=True)
class Program:
    """A notebook: steps of cells, each cell a list of statements."""

    steps: tuple[tuple[tuple[str, ...], ...], ...]
    setup: tuple[str, ...] = ()
    """Statements of a cell that is setup alone, above all steps."""
    ordered: frozenset[int] = frozenset()
    """Steps that say by a tag that they come after the one above."""
    conditions: tuple[tuple[int, str], ...] = ()
    """Steps that have one, with it."""
    jobs: int = 2

    def __str__(self) -> str:
        """Return it as a script with the tags as comments."""
        parts = [] if not self.setup else ["# [imports]\n" + "\n".join(self.setup)]
        for i, step in enumerate(self.steps):
            after = f" prev:s{i - 1}" if i in self.ordered else ""
            after += "".join(f" when:{test}" for j, test in self.conditions if i == j)
            for k, cell in enumerate(step):
                tag = f"# [step:s{i}{after}]\n" if not k else "# []\n"
                parts.append(tag + "\n".join(cell))
        return f"# jobs: {self.jobs}\n" + "\n".join(parts)


def document(made: Program) -> dict[str, Any]:
    """Return a program as a notebook's JSON."""
    cells: list[tuple[list[str], str]] = []
    if made.setup:
        cells.append((["imports"], "\n".join(made.setup)))
    for i, step in enumerate(made.steps):
        after = [f"prev:s{i - 1}"] if i in made.ordered else []
        after += [f"when:{test}" for j, test in made.conditions if i == j]
        for k, cell in enumerate(step):
            tags = [] if k else [f"step:s{i}", *after]
            if "raises" in cell[-1]:
                tags.append("raises-exception")
            cells.append((tags, "\n".join(cell)))
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "language": "python"}},
        "cells": [
            {
                "id": f"c{i}",
                "cell_type": "code",
                "metadata": {"tags": tags},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for i, (tags, source) in enumerate(cells)
        ],
    }


IMPORTS = (
    "import copy, decimal, functools, heapq, itertools, operator, os, random, time",
    "import collections, json, warnings",
    "from pathlib import Path",
    "import numpy as np",
)
LISTS = ("a", "b", "c")
DICTS = ("d", "e")
ARRAYS = ("v", "w", "x")
OBJECTS = ("k", "o")
NUMBERS = ("n", "m", "i")
FUNCTIONS = ("f", "g", "h")
FRAMES = ("df", "s")
FILES = ("'p.txt'", "'q.txt'", "'sub/r.txt'")
EVERY = (*LISTS, *DICTS, *ARRAYS, *OBJECTS, *NUMBERS, *FUNCTIONS)

START = (
    "a, n, m, i = [1, 2], 3, 5, 0",
    "b = {0}",
    "c = {1}",
    "d = {2}",
    "e = {{'z': [7]}}",
    "v = np.arange(6)",
    "w = {3}",
    "x = {4}",
)
CLASS = """\
class K:
    size = 2
    def __init__(self, it=None):
        self.it = it
        self.own = [0]
    def grow(self, x=1):
        self.own.append(x)
        return self
    def reach(self):
        {reach}
    @property
    def total(self):
        return len(self.own) + n
    def __repr__(self):
        return f'K({{self.it!r}}, {{self.own!r}})'
    def __eq__(self, other):
        return isinstance(other, K) and self.own == other.own
    __hash__ = None
class Kid(K):
    def grow(self, x=1):
        super().grow(x)
        {kid}
        return self"""
COUNTER = """\
def counter(start=0):
    total, seen = start, []
    def step(x=None):
        nonlocal total
        total += 1
        seen.append(x)
        return [total, len(seen)]
    return step"""

CHANGES = (
    "$L.append($E)",
    "$L[0] = $E",
    "$L += [$E]",
    "$L.extend($L)",
    "$L.insert(0, $E)",
    "$L.pop()",
    "$L.reverse()",
    "$L.clear()",
    "$L[1:] = [$E]",
    "del $L[0]",
    "$L[-1].append($n)",
    "$L[0] += [$n]",
    "$D['k'] = $E",
    "$D['k'].append($n)",
    "$D.update(z=$E)",
    "$D.setdefault('s', []).append($E)",
    "$D.pop('k', None)",
    "$D |= {'t': $n}",
    "del $D['z']",
    "$O.it = $E",
    "$O.own.append($E)",
    "$O.grow($n)",
    "$O.grow().grow($E)",
    "$O.reach()",
    "$O.it.append($n)",
    "$O.extra = $L",
    "$V[$n % 3] = $n",
    "$V += $n",
    "$V[1:3] = 0",
    "$V[$V > 2] -= 1",
    "$V.sort()",
    "$V.fill($n)",
    "$V.T[0] = $n",
    "$V.flat[0] = $n",
    "np.add($V, 1, out=$V)",
    "np.copyto($V, $n)",
    "$L[0], $L[-1] = $L[-1], $L[0]",
)
HIDDEN = (
    "getattr($L, 'app' + 'end')($n)",
    "list(map($L.append, [$n]))",
    "operator.setitem($D, 'k', $E)",
    "operator.iadd($L, [$n])",
    "vars($O)['it'] = $E",
    "setattr($O, 'it', $E)",
    'exec("""$L.append($n)""")',
    'exec("""$A = $E""")',
    "globals()['$A'] = $E",
    "print(eval('$A'))",
    "functools.reduce(lambda p, q: p.append(q) or p, [$n], $L)",
    "heapq.heapify($N and [$n, $n])",
    "[item.append($n) for item in $D.values()]",
    "any(item.clear() for item in $L)",
    "sorted($L, key=lambda z: $L.append(0) or 0)",
    "$F($E)",
    "$F($A)",
    "for z in list($L): z.append($n)",
    "copy.copy($D).get('k').append($n)",
    "copy.deepcopy($D)['k'].append($n)",
    "dict($D)['z'].append($n)",
    "list($L)[0].append($n)",
    "next(iter($L)).append($n)",
    "[*$L][0].append($n)",
    "max($L, $L, key=len).append($n)",
    "($L or $L).append($n)",
    "($L if $N else $L).append($n)",
    "np.asarray($V)[0] = $n",
    "np.ravel($V)[0] = $n",
    "$V.__setitem__(0, $n)",
    "np.nditer($V, op_flags=['readwrite']).operands[0][...] = $n",
    "locals()['$A']",
    "type($O).grow($O, $n)",
    "operator.methodcaller('append', $n)($L)",
    "functools.partial($L.append, $n)()",
    "$D.get('k', $L).append($n)",
    "repr($O), str($L), $O == $O",
)
BINDS = (
    "$A = $E",
    "$L = [$E]",
    "$L = $L",
    "$L = $L + [$n]",
    "$L = list($L)",
    "$L = [$L, $L]",
    "$L = $D.get('k')",
    "$L = $L[:]",
    "$L, $L = $L, $L",
    "$L = $L = [$n]",
    "$L, *$L = [$E, $n, $n]",
    "$D = {'k': $E}",
    "$D = {**$D, 'z': $L}",
    "$D = dict(k=$L, z=$L)",
    "$D = $D",
    "$D = copy.copy($D)",
    "$D = copy.deepcopy($D)",
    "$D = collections.defaultdict(list, k=$L)",
    "$O = K($E)",
    "$O = Kid($L)",
    "$O = $O",
    "$O = copy.copy($O)",
    "$V = $V[1:]",
    "$V = $V[::2]",
    "$V = $V.reshape(-1, 1)",
    "$V = $V.ravel()",
    "$V = $V.T",
    "$V = $V + 1",
    "$V = $V.copy()",
    "$V = $V",
    "$V = np.asarray($V)",
    "$V = np.arange($n + 2)",
    "$V = np.zeros((2, 3))",
    "$V = np.concatenate([$V.ravel(), $V.ravel()])",
    "$N = $n",
    "$N += 1",
    "$N = len($L)",
    "$N = len($L) + $N",
    "($N := $n)",
    "$A = ($A, $A)",
    "$L = [$A, $A]",
    "$L = $O.own",
    "$L = [*$L, $V]",
    "$D = {'k': $V}",
    "$L = list(zip($L, $L))",
    "$L = iter($L)",
    "$L = {type(z).__name__ for z in $L}",
    "$L = sorted(type(z).__name__ for z in $L)",
)
DEFINES = (
    "def $F(z=None):\n    $S\n    return z",
    "def $F(z=None):\n    global $A\n    $A = $E\n    return $A",
    "def $F(z=None):\n    global $N\n    $N += 1\n    return $N",
    "def $F(z=None):\n    $L.append(z)\n    return $L",
    "def $F(z=[]):\n    z.append($n)\n    return z",
    "def $F(z=$L):\n    return z",
    "def $F(z=None):\n    return $F(z)",
    "def $F(z=None):\n    try:\n        z.append($A)\n    except AttributeError:\n        $S\n    return $E",
    "def $F(z=None):\n    inner = lambda: $A\n    return inner()",
    "def $F(z=None):\n    yield $A\n    yield z",
    "$F = counter($n)",
    "$F = counter()",
    "$F = $F",
    "$F = lambda z=None: [$A, z]",
    "$F = lambda z=None: $A",
    "$F = lambda z=$L: z",
    "$F = $L.append",
    "$F = $O.grow",
    "$F = functools.partial($F, $A)",
    "$F = (lambda q: lambda z=None: q(z))($F)",
    "$F = [$F, $F][$n % 2]",
    "$L = [$F, $F]",
    "$D = {'k': $F}",
    "$F = $D.get('k', $F)",
    "$O.hook = $F",
    "$O.hook($n)",
    "@functools.wraps($F)\ndef $F(z=None):\n    return $A",
    "@functools.lru_cache\ndef $F(z=None):\n    return $N",
    "def $F(z=None):\n    return Path($P).exists(), z",
)
CLASSES = (
    "K.size = $n",
    "K.grow = lambda self, x=1: self",
    "class K:\n    own = [0]\n    it = None\n    def __init__(self, it=None):\n        self.it = it\n    def grow(self, x=1):\n        self.own.append(x)\n        return self",
    "$O = type('T', (K,), {})($A)",
    "class Kid(K):\n    def reach(self):\n        $S\n        return self.it",
)
LOOPS = (
    "for $N in range($n):\n    $S",
    "for $A in [$E, $E]:\n    $S",
    "for z in list($L)[:3]:\n    $S",
    "while $N and $N < 9:\n    $S\n    break",
    "[$C for z in range(2)]",
    "$L = [$E for z in range($n % 3)]",
    "$D = {z: $E for z in 'kz'}",
    "$L = [lambda: $A for z in range(2)]",
    "for $N in range(3):\n    if $N == $n:\n        break\nelse:\n    $S",
    "with open(os.devnull) as z:\n    $S",
)
BRANCHES = (
    "if $A:\n    $S",
    "if $N > $n:\n    $S\nelse:\n    $S",
    "if '$A' in globals():\n    $S",
    "try:\n    $S\n    $S\nexcept Exception as z:\n    $S\nfinally:\n    $S",
    "try:\n    $S\nexcept (TypeError, AttributeError, KeyError) as z:\n    print(type(z).__name__)\nexcept Exception:\n    $S\nelse:\n    $S",
    "match $E:\n    case [$N, *$L]:\n        $S\n    case {'k': $L}:\n        $S\n    case _:\n        $S",
    "if $A is $A:\n    $S",
    "if Path($P).exists():\n    $S",
    "$A = $E if $N % 2 else $E",
)
DELETES = (
    "del $A",
    "del $A\n$A = $E",
    "globals().pop('$A', None)",
    "$L = []\ndel $L[:]",
)
SHOWS = (
    "print($A)",
    "print($A, $A)",
    "print($A is $A)",
    "print($L == $L)",
    "print(len($L), $N)",
    "print(f'{$A!r}')",
    "print($F($E))",
    "print(np.shares_memory($V, $V))",
    "print($V.sum(), $V.shape)",
    "print($O.total, $O.own, K.size)",
    "print(isinstance($O, K), type($O).__name__)",
    "print([y is $A for y in $L])",
    "print(sorted($D))",
    "print(next($L))",
    "print($D['k'] is $L)",
    "$A",
    "warnings.warn('careful')",
)
DRAWS = (
    "print(random.random())",
    "$N = random.randint(0, 99)",
    "random.shuffle($L)",
    "print(np.random.rand())",
    "$V = np.random.rand(3)",
    "np.random.shuffle($V)",
    "print(random.choice($L or [0]))",
)
GENERATORS = (
    "print(rng.random())",
    "$V = rng.integers(0, 9, 4)",
    "$N = int(rng.integers(9))",
    "rng.shuffle($V)",
    "rng = np.random.default_rng($n)",
    "dice = random.Random($n)",
    "print(dice.random())",
    "dice.shuffle($L)",
    "$D = {'k': rng}",
    "$D['k'].random()",
    "dice2 = copy.copy(dice)",
    "print(dice.getstate() == random.Random($n).getstate())",
)
VOLATILE_DRAWS = (
    "$U = random.random()",
    "$U = np.random.rand()",
    "print($U == $U, type($U).__name__)",
    "print($U == $U)",
    "$U = random.randint(0, 10**12)",
)
WRITES = (
    "with open($P, 'w') as z:\n    z.write(type($A).__name__)",
    "with open($P, 'a') as z:\n    z.write('$n\\n')",
    "print('$n', file=open($P, 'a'))",
    "Path($P).write_text(repr($N))",
    "os.makedirs('sub', exist_ok=True)",
    "os.remove($P)",
    "Path($P).unlink(missing_ok=True)",
    "os.rename($P, $P)",
    "np.save('v.npy', $V)",
    "json.dump($L, open($P, 'w'))",
    "log = open($P, 'a')",
    "log.write('$n')",
    "log.close()",
)
READS = (
    "print(open($P).read())",
    "$L = open($P).read().split()",
    "print(os.path.exists($P))",
    "print(Path($P).is_file(), os.path.isdir('sub'))",
    "print(sorted(os.listdir()))",
    "print([z.name for z in sorted(Path().glob('*.txt'))])",
    "$V = np.load('v.npy')",
    "$L = json.load(open($P))",
    "print(Path($P).read_text())",
    "print(os.path.getsize($P))",
    "with open($P) as z:\n    $L = [y for y in z]",
    "if not os.path.exists($P):\n    $S",
)
AMBIENT = (
    "os.environ['KFX_FUZZ'] = '$n'",
    "os.environ['KFX_FUZZ'] = str($N)",
    "os.environ.pop('KFX_FUZZ', None)",
    "print(os.environ.get('KFX_FUZZ'))",
    "print(os.getenv('KFX_FUZZ', '-'))",
    "decimal.getcontext().prec = $n + 2",
    "print(decimal.Decimal(1) / 7)",
    "np.set_printoptions(precision=$n + 1)",
    "print(np.array([1 / 7]))",
    "warnings.simplefilter('ignore')",
    "os.makedirs('sub', exist_ok=True); os.chdir('sub')",
    "os.chdir(home)",
    "print(os.path.basename(os.getcwd()) == 'sub')",
    "np.seterr(all='ignore')",
)
TABLES = (
    "df = pd.DataFrame({'p': [3, 1, 2], 'q': list('xyz')})",
    "df['r'] = df.p * $n",
    "df.loc[0, 'p'] = $n",
    "s = df['p']",
    "s = df.p.copy()",
    "s[1] = $n",
    "s.iloc[0] += 1",
    "df = df.sort_values('p')",
    "df.sort_values('p', inplace=True)",
    "df.drop(columns='q', inplace=True)",
    "df = df.assign(t=$n)",
    "df.columns = [z.upper() for z in df.columns]",
    "df.index.name = 'i$n'",
    "df.attrs['k'] = $L",
    "df2 = df",
    "df2['w'] = 1",
    "$D['k'] = df",
    "$V = df['p'].to_numpy()",
    "df['p'].values",
    "df = pd.concat([df, df])",
    "print(df)",
    "print(s.sum(), len(df))",
    "df",
    "df.groupby('q').p.sum()",
    "df.insert(0, 'c$n', $n)",
    "df.iloc[$n % 3, 0] = $n",
    "for z, y in df.groupby('q'):\n    $S",
    "df.to_csv('t.csv', index=False)",
    "df = pd.read_csv('t.csv')",
)
FAILS = (
    "a.nothing  # raises",
    "undefined  # raises",
    "$L[99]",
    "assert not $N",
    "raise ValueError($N)",
    "$F(1, 2, 3)",
)
PAUSES = ("time.sleep(0.0$n)", "time.sleep(0.1$n)")


CONDITIONS = (
    "$N",
    "$N > $n",
    "$n > 4",
    "'$A' in globals()",
    "type($A) is list",
    "isinstance($O, K)",
    "($N := $n) > 4",
    "not $A",
    "$L.append($n) or $n > 4",
    "$D.setdefault('s', []) or $n > 4",
    "np.size($V) > $n",
    "callable($F) and $F($n)",
    "[z for z in (0, $n) if z > 4]",
    "print('asked') or $n > 4",
    "random.random() < 2",
    "os.path.exists($P)",
)


def _is_expression(text: str) -> bool:
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True


GROUPS: dict[str, tuple[tuple[str, ...], float]] = {
    "changes": (CHANGES, 6),
    "hidden": (HIDDEN, 3),
    "binds": (BINDS, 6),
    "defines": (DEFINES, 3),
    "classes": (CLASSES, 0.15),
    "loops": (LOOPS, 1.5),
    "branches": (BRANCHES, 1.5),
    "deletes": (DELETES, 0.5),
    "shows": (SHOWS, 5),
    "draws": (DRAWS, 1.5),
    "generators": (GENERATORS, 1),
    "volatile": (VOLATILE_DRAWS, 1),
    "writes": (WRITES, 1.5),
    "reads": (READS, 1.5),
    "ambient": (AMBIENT, 0.8),
    "tables": (TABLES, 1.5),
    "pauses": (PAUSES, 1),
}
ALWAYS = ("changes", "binds", "shows", "pauses")
SIMPLE = ("changes", "binds", "shows", "hidden")
"""Groups that statements inside of others come from."""

EXPRESSIONS = (
    "$n",
    "$n",
    "[$n]",
    "$A",
    "$A",
    "$L",
    "[$A]",
    "{'k': $A}",
    "($A, $n)",
    "($L or $D)",
    "[$E, $E]",
    "$D.get('k')",
    "(lambda $N: [$N, $A])($n)",
    "[$A for z in range(2)]",
    "($N := $n)",
    "$F($n)",
    "K($A)",
    "$V[:2]",
    "getattr($O, 'it', $n)",
    "list(map($F, [$n]))",
    "'t$n'",
    "None",
)
_HOLE = re.compile(r"\$([A-Zn])")
CALLS = tuple(
    template
    for name in SIMPLE
    for template in GROUPS[name][0]
    if _is_expression(_HOLE.sub("a", template))
)


class Writer:
    """Fills templates, with a taste of its own for groups of statements and names."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._groups = {
            name: weight
            for name, (_, weight) in GROUPS.items()
            if name in ALWAYS or chance.random() < 0.35
        }
        self.seeded = "draws" in self._groups
        if self.seeded:
            self._groups.pop("volatile", None)
        # Few names, so that steps meet.
        self._few = chance.random() < 0.6
        self._catch = 0.96 if chance.random() < 0.7 else 1.0

    @property
    def has(self) -> dict[str, float]:
        """The groups that it draws from, with their weights."""
        return self._groups

    def statement(self) -> str:
        """Return a statement, mostly one that catches its own errors."""
        while not _compiles(made := self._statement()):
            pass
        return made

    def _statement(self) -> str:
        if self._chance.random() < 0.01:
            return self._fill(self._chance.choice(FAILS), 0)
        text = self._fill(self._chance.choice(GROUPS[self._group(self._groups)][0]), 0)
        if text.startswith("class ") or self._chance.random() > self._catch:
            return text
        if text.startswith(("def ", "@")) and self._chance.random() < 0.8:
            return text
        if " = " not in text and "\n" not in text and self._chance.random() < 0.1:
            return text
        body = textwrap.indent(text, "    ")
        return f"try:\n{body}\nexcept Exception as z:\n    print(type(z).__name__)"

    def condition(self) -> str:
        """Return an expression that a step may depend on; few of them raise."""
        return self._fill(self._chance.choice(CONDITIONS), 2)

    def _group(self, groups: dict[str, float]) -> str:
        at = self._chance.random() * sum(groups.values())
        for name, weight in groups.items():
            at -= weight
            if at < 0:
                return name
        return next(iter(groups))

    def _fill(self, template: str, depth: int) -> str:
        lines = []
        for line in template.split("\n"):
            indent = line[: len(line) - len(line.lstrip())]
            filled = _HOLE.sub(lambda hole: self._hole(hole[1], depth), line.lstrip())
            lines.append(textwrap.indent(filled, indent))
        return "\n".join(lines)

    def _hole(self, kind: str, depth: int) -> str:
        chance = self._chance
        if kind == "n":
            return str(chance.randint(0, 9))
        if kind == "E":
            some: tuple[str, ...] = EXPRESSIONS if depth < 2 else EXPRESSIONS[:7]
            return self._fill(chance.choice(some), depth + 1)
        if kind == "C":
            return self._fill(chance.choice(CALLS), depth + 1)
        if kind == "S":
            groups = {name: GROUPS[name][1] for name in SIMPLE}
            if depth < 2:
                groups = {k: w for k, w in self._groups.items() if k != "pauses"}
            some = GROUPS[self._group(groups)][0]
            if depth >= 2:
                some = tuple(template for template in some if "\n" not in template)
            return self._fill(chance.choice(some), depth + 1)
        names = {
            "L": LISTS,
            "D": DICTS,
            "V": ARRAYS,
            "O": OBJECTS,
            "N": NUMBERS,
            "F": FUNCTIONS,
            "P": FILES,
            "U": tuple(sorted(VOLATILE)),
            "A": (*EVERY, *LISTS, *DICTS),
        }[kind]
        if self._few and kind in "LDVONFP":
            names = names[:2]
        return str(chance.choice(names))


def program(chance: Chance) -> Program:
    """Return a random notebook."""
    if chance.random() < 0.15:
        return _of_maker(chance)
    writer = Writer(chance)
    start = _start(chance, writer)
    steps: list[tuple[tuple[str, ...], ...]] = []
    for _ in range(chance.randint(2, 7)):
        cells = [
            tuple(writer.statement() for _ in range(chance.randint(1, 4)))
            for _ in range(1 + (chance.random() < 0.2))
        ]
        steps.append(tuple(cells))
    imports = [*IMPORTS, *(["import pandas as pd"] if "tables" in writer.has else [])]
    if chance.random() < 0.5:
        steps.append(((_everything(),),))
    apart = chance.random() < 0.5
    if not apart:
        start = (*imports, *start)
    return Program(
        ((start,), *steps),
        tuple(imports) if apart else (),
        frozenset(i for i in range(1, len(steps) + 1) if chance.random() < 0.05),
        _conditions(chance, writer, len(steps)),
        chance.choice((2, 3, 4)),
    )


def _conditions(
    chance: Chance, writer: Writer, last: int
) -> tuple[tuple[int, str], ...]:
    """Return conditions for some of the steps below the first, in some programs."""
    if chance.random() > 0.3:
        return ()
    some = [i for i in range(1, last + 1) if chance.random() < 0.4]
    return tuple((i, writer.condition()) for i in some)


def _start(chance: Chance, writer: Writer) -> tuple[str, ...]:
    choices = (
        ("[3, 4]", "a", "[a, 5]"),
        ("[6]", "b", "[a, b]", "list(a)"),
        ("{'k': a, 'z': [4]}", "{'k': [8]}"),
        ("v[1:4]", "v", "np.ones(3)", "v.reshape(2, 3)"),
        ("np.zeros(2)", "w", "v[::2]"),
    )
    picked = [chance.choice(some) for some in choices]
    lines = [line.format(*picked) for line in START]
    reach = chance.choice(
        (
            "return self.it",
            "a.append(self.own)",
            "return d.get('k')",
            "global n; n += 1",
        )
    )
    kid = chance.choice(("pass", "b.append(x)", "self.it = n"))
    lines += [CLASS.format(reach=reach, kid=kid), COUNTER]
    lines += ["k, o = K(a), Kid(5)", "f, g = counter(), counter"]
    lines += ["h = lambda z=None: [a, n]", "home = os.getcwd()"]
    lines += ["u0 = u1 = u2 = None"]
    if "generators" in writer.has:
        lines += ["rng = np.random.default_rng(5)", "dice = random.Random(6)"]
    if "tables" in writer.has:
        lines += ["df = pd.DataFrame({'p': [3, 1, 2], 'q': list('xyx')})", "s = df.p"]
    if "writes" in writer.has or "reads" in writer.has:
        lines += [
            "os.makedirs('sub', exist_ok=True)",
            "Path('q.txt').write_text('1 2')",
        ]
    if writer.seeded:
        lines += ["random.seed(7)", "np.random.seed(8)"]
    return tuple(lines)


def _everything() -> str:
    """Return code that shows contents and sharing of all names."""
    return (
        f"for z in {EVERY!r}:\n"
        "    y = globals().get(z)\n"
        "    print(z, y, type(y).__name__)\n"
        f"print([(p, q) for p, q in itertools.combinations({EVERY!r}, 2)\n"
        "       if globals().get(p) is globals().get(q)\n"
        "       and not isinstance(globals().get(p), (str, bytes, int, float, tuple))])\n"
        "print([np.shares_memory(p, q)"
        " for p, q in itertools.combinations([globals().get(z) for z in 'vwx'], 2)\n"
        "       if isinstance(p, np.ndarray) and isinstance(q, np.ndarray)])"
    )


def _compiles(text: str) -> bool:
    try:
        # Not parsed alone: the compiler knows of more errors.
        compile(text, "cell", "exec")
    except SyntaxError:
        return False
    return True


def _of_maker(chance: Chance) -> Program:
    maker = Maker(chance)  # type: ignore[arg-type]
    first, *rest = maker.notebook()
    shown = "print(*(globals().get(z) for z in 'abcdk'))"
    cells = [
        ((first,),),
        *(((cell,),) for cell in rest if _compiles(cell)),
        (((shown,),)),
    ]
    return Program(tuple(cells), jobs=chance.choice((2, 3, 4)))
