"""Steps with conditions: as `if` around their cells, and what needs them is skipped."""

from __future__ import annotations

import asyncio

import pytest

from tests.equivalence.arena import Trial, trials
from tests.equivalence.generator import Program

Cases = dict[str, tuple[dict[int, str], list[str]]]
"""Conditions by the number of the step, and the steps."""

SAME: Cases = {
    "an older value stays": (
        {1: "n > 3", 2: "n < 3"},
        ["n, a = 1, [1]", "a = [2]\nn = 5", "a.append(n)", "print(a, n)\na"],
    ),
    "objects are shared on one path": (
        {1: "b is None"},
        ["a, b = [1], None", "b = a", "b.append(2)", "print(a, b, a is b)"],
    ),
    "objects are shared on the other path": (
        {1: "not a"},
        ["a = [1]\nb = a", "b = [3]", "b.append(2)", "print(a, b, a is b)"],
    ),
    "a definition is another one on one path": (
        {1: "n", 2: "not n"},
        [
            "n = 1\ndef f(x):\n    return x\nimport math as m",
            "def f(x):\n    return x, n\nimport cmath as m",
            "def f(x):\n    return 0",
            "print(f(2), m.__name__)",
        ],
    ),
    "imports and settings inside": (
        {1: "True"},
        [
            "import numpy as np",
            "import decimal, os as system\nnp.set_printoptions(precision=2)\n"
            "decimal.getcontext().prec = 5\nsystem.environ['KFX_FUZZ'] = '1'",
            "print(np.array([1 / 7]), decimal.Decimal(1) / 7)\n"
            "import os\nprint(os.environ.get('KFX_FUZZ'), system is os)",
        ],
    ),
    "imports and settings left away": (
        {1: "not np"},
        [
            "import numpy as np, os",
            "np.set_printoptions(precision=2)\nos.environ['KFX_FUZZ'] = '1'",
            "print(np.array([1 / 7]), os.environ.get('KFX_FUZZ'))",
        ],
    ),
    "a condition that acts": (
        {1: "ask(4)", 2: "ask(1) or print('no')"},
        [
            "a = []\ndef ask(n):\n    print('asked', n)\n    a.append(n)\n"
            "    open('log.txt', 'a').write(str(n))\n    return n > 3",
            "print('one')",
            "print('two')",
            "print(a, open('log.txt').read())",
        ],
    ),
    "a condition that binds": (
        {1: "(n := len(a)) > 1", 2: "(m := n) > 1"},
        ["a = [1]", "m = 3", "print('two')", "print(n, m)"],
    ),
    "a condition that draws": (
        {1: "random.random() < 2", 2: "random.random() > 2"},
        ["import random\nrandom.seed(3)", "print(random.random())", "x = random.random()", "print(random.random())"],
    ),
    "a condition that fails": ({1: "1 / n"}, ["n = 0", "print(n)", "print('end')"]),
    "a condition that cannot be told": (
        {1: "v > 1"},
        ["import numpy as np\nv = np.arange(3)", "print(v)", "print('end')"],
    ),
    "names with `del`": (
        {1: "n", 2: "not n"},
        ["n, a, b = 1, 2, 3", "del a", "del b", "print('a' in globals(), 'b' in globals())"],
    ),
    "a name that only a skipped step binds": (
        {1: "n > 3"},
        ["n = 1", "late = 2", "try:\n    print(late)\nexcept NameError:\n    print('none')", "print('late' in globals())"],
    ),
    "what needs a missing name is skipped": (
        {1: "n > 3", 3: "late > 1"},
        ["n = 1", "late = 2\nimport math", "print(late)", "print('never')", "print(math.pi)", "print(n)"],
    ),
    "what turns out to need a missing name is skipped": (
        {1: "n > 3"},
        ["n = 1\ndef f():\n    return late", "late = 2", "n = 2\nprint(n)\nf()", "print(n)"],
    ),
    "expressions of all kinds": (
        {1: "a[0:1] == [1] and f'{n:>3}'", 2: "(lambda x: x)(n)  # why", 3: "[x for x in a if x in a]"},
        ["n, a = 1, [1]", "print(1)", "print(2)", "print(3)"],
    ),
    "a class of a step that may not run": (
        {1: "n", 3: "not n"},
        [
            "n = 1",
            "class K:\n    def __repr__(self):\n        return 'a K'\nk = K()",
            "print(k, K.__name__)",
            "class K(K):\n    pass",
            "print(K.__mro__[1:], type(k) is K)",
        ],
    ),
    "commands": (
        {1: "n", 2: "not n"},
        ["n = 1", "%env KFX_FUZZ=2\n!echo shown", "!echo hidden", "import os\nprint(os.environ.get('KFX_FUZZ'))"],
    ),
    "a change that only the run shows": (
        {1: "len(a) > 1"},
        ["a = [1]\ndef f(x):\n    getattr(x, 'app' + 'end')(2)", "m = 1", "f(a)", "print(a)"],
    ),
}  # fmt: skip
REFUSED: Cases = {
    "an enum of a step that may not run": (
        {1: "n"},
        [
            "n = 1",
            "import enum\nclass K(enum.Enum):\n    A = n\n"
            "    def __init__(self, x):\n        self.x = x\nk = K.A",
            "print(k)",
        ],
    ),
}


def program(case: tuple[dict[int, str], list[str]]) -> Program:
    tests, sources = case
    steps = tuple(((source,),) for source in sources)
    return Program(steps, conditions=tuple(tests.items()), jobs=3)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trial]:
    cases = {**SAME, **REFUSED}
    folder = tmp_path_factory.mktemp("arena")
    programs = [program(case) for case in cases.values()]
    return dict(zip(cases, asyncio.run(trials(folder, programs)), strict=True))


@pytest.mark.parametrize("name", SAME)
def test_computes_what_the_notebook_computes(
    name: str, found: dict[str, Trial]
) -> None:
    assert (found[name].verdict, found[name].why) == ("same", [])


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_what_has_no_sound_treatment(
    name: str, found: dict[str, Trial]
) -> None:
    assert found[name].verdict == "refused"


def test_the_cases_skip(found: dict[str, Trial]) -> None:
    assert found["an older value stays"].skipped == 1
    assert found["what needs a missing name is skipped"].skipped == 4
    assert found["what turns out to need a missing name is skipped"].skipped == 2
    assert found["expressions of all kinds"].skipped == 0
