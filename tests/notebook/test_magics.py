from __future__ import annotations

import ast
import re
import warnings

import pytest
from hypothesis import assume, example, given, reject, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from jupyter_kfx.notebook.magics import translate

CASES = [
    "%matplotlib inline",
    "!ls",
    "!!ls -l",
    "x = !ls",
    "x = %time 5",
    "x=%time 5",
    "x=!ls",
    "x = ! ls",
    "!  ls  ",
    "%  foo bar",
    "%foo   bar",
    "%time x = f()",
    "foo?",
    "foo??",
    "?foo",
    "??foo",
    "?",
    "??",
    "foo? ",
    "foo.bar[0]?",
    "foo.*?",
    "a = foo?",
    "%time?",
    "%%time?",
    "x.y(1).z?",
    "!ls?",
    "!ls ?",
    "x = !ls foo?",
    "foo(1)?",
    "/f a b",
    ",f a b",
    ";f a b",
    "/",
    ",",
    ";",
    "/f",
    "%%foo bar",
    "  %foo",
    "if x:\n    %foo bar\n    !ls {x}\nelse:\n    y = !ls\nfoo?",
    'def f():\n    """doc\n    %foo\n    >>> x\n    """\n    !ls',
    "x = (a\n%b)",
    "x = (1\n/2)",
    "x = [1\n,2]",
    'x = """\n%foo\n!ls\nfoo?\n"""',
    "# %foo\n# foo?",
    "x = a \\\n  %b",
    "!ls \\\n -l \\\n -a\nx = 1",
    "x = !ls \\\n -l\ny = 2",
    "%foo \\\n bar",
    "x = \\\n !ls",
    "x = \\\n %time 3",
    "x \\\n = !ls",
    "x \\\n = %time 3",
    "a = b = !ls",
    "a = 1; b = !ls",
    "print(a); b = !ls",
    "if x: y = !ls",
    "a.b[c] = !ls",
    "a, b = !ls",
    "x: list = !ls",
    "f(a=1)[0] = %foo",
    "f(a=!ls)",
    "x == !ls",
    "x += !ls",
    "x += %foo",
    'x = "%foo"',
    "x = 5 %foo",
    "x = %5",
    "x = %%foo",
    "x = !!ls",
    'x = "a" "?"',
    "x = 'it?'",
    'x = f"{a!r}"',
    "x = f'{a:%d}'",
    "print(a != b)",
    "x = a != b",
    "x = lambda a=1: a",
    "x = 5 # foo?",
    "foo? # bar",
    '!echo "it\'s" # foo',
    "!echo 'don\"t\nx = 1",
    "!echo (\nx = 1",
    "!echo {x}\ny = 2",
    '!echo """\nx = 1',
    'x = r"\\"\n!ls',
    'x = "a\\\n%foo"\n!ls',
    "x = 'a\\'b' # %\n!ls",
    ">>> x = 1\n>>> y = 2",
    ">>> def f():\n...     return 1\n...\n>>> f()",
    "    >>> x = 1\n    >>> y = 2",
    "In [1]: x = 1\n   ...: y = 2",
    "In [1]: %time x = 1\n   ...: y = 2",
    " In [1]: x = 1",
    "[ins] In [1]: x = 1",
    "    x = 1\n    y = 2",
    "    if x:\n        %foo\n    y = 2",
    "\n\n    x = 1\n    !ls",
    "\n\n%%time\nx = 1",
    "%%time\nx = 1\n!ls",
    "%%time",
    "%%bash\nls\n",
    "%%timeit -n 10 x = 1\ny = x",
    "%%capture  out\nprint()",
    "  %%time\n  x = 1",
    "%%html\n<b>%</b>",
    "%matplotlib inline;",
    "!ls;",
    "x = !ls;",
    '%cd "a b"',
    "%config InlineBackend.figure_format = 'retina'",
    "%load_ext autoreload\n%autoreload 2\nimport os",
    "!pip install \"pandas>=2\" 'x[y]'",
    "!python -c \"print('a=!b')\"",
    "!echo $HOME $$x",
    "async with a:\n    !ls",
    "for i in range(3):\n    %time f(i)\n    x = %timeit -o f(i)",
    "try:\n    !ls\nexcept E:\n    %foo\nfinally:\n    foo?",
    "class A:\n    !ls\n    x = %foo",
    "with x:\n\\t!ls\n\\ty = !ls",
    "match x:\n    case 1:\n        !ls",
    "x = {\n  'a': 1,\n}\n%foo\n",
    "x = 1 if a else 2\n?x",
    'print("a=!b")',
    'print("%s" % a)',
    "a = b\\\n%c",
    "get_ipython().system('ls')",
    "x = yield",
    "@foo\ndef f(): pass\n!ls",
    "!",
    "!!",
    "%",
    "%%",
    "x = !",
    "x = %",
    "lambda: 0?",
    '"abc"?',
    '"abc".upper?',
    "1?",
    "a[0]?",
    "a[i]?",
    "a[-1].b?",
    "ä?",
    "größe = !ls",
    "*?",
    "a*b?",
    "foo ?",
    "foo\\\n?",
    "(a\n?)",
    "(\na?",
    "# c\n\n%foo\n# d\n\n!ls\n",
    "x = 1;\n;f a",
    "x = 1 # comment \\\n!ls",
    "!ls # c \\\n-l",
    "if True:\n    pass\n  # c\n!ls",
    "if True:\n    !ls\n    # c\n\n    !ls\nx=1",
    "if True:\n    !ls\n  \n    !ls",
    "!ls \\",
    "x = !ls \\",
    "%foo \\\n",
    'x = "unterminated\n!ls',
    'x = f"{x!r:>{w}}"\n!ls',
    'x = f"""{\na\n}"""\n!ls',
    "x = f'{a[\"b\"]}'\n%foo",
    'd = {"a": """\n)"""}\n!ls',
    "a = b'x'\n!ls",
    "%time\n",
    "x = %time",
    "x = %time\ny = 1",
    "x=1\n\n\n\nfoo?\n\n\ny = 2",
    "x = [\n  # 'a\n  1]\n!ls",
]


def tree(code: str) -> str:
    """The code as a tree, or `no Python`: what either side refuses is refused loudly."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.dump(ast.parse(code))
        except (SyntaxError, ValueError):
            return "no Python"


def ipython(source: str) -> str:
    """What IPython makes of a cell; `(` where it refuses."""
    try:
        return str(TransformerManager().transform_cell(source))
    except SyntaxError:
        return "("


@pytest.mark.parametrize("source", CASES)
def test_cells_mean_what_they_mean_in_ipython(source: str) -> None:
    assert tree(translate(source).code) == tree(ipython(source))


@pytest.mark.parametrize("source", CASES)
def test_lines_stay_where_they_are(source: str) -> None:
    """A marker below the cell is on the line where the source has it."""
    if source.lstrip().startswith("%%") or source.endswith("\\\n"):
        source = "x = 1"
    code = translate(f"{source}\nmarker = 1").code
    rows = [i for i, line in enumerate(code.split("\n")) if "marker = 1" in line]
    assert rows == [source.count("\n") + 1] or source.rstrip("\n").endswith("\\")


simple = st.sampled_from([
    "%foo bar", "%time x = f(1)", "!ls -l {y} | grep 'a b'", "!!ls", "x = !ls {y}",
    "a.b = %foo 1", "foo?", "?foo", "foo.bar??", "x = (1,\n  %b\n)", "x = 5 \\\n  %y",
    '"""\n%foo\n!ls\n"""', "f'{x!r}'", "print('a=!b', a != b)", "# %foo", "/f a b",
    ",f a b", ";f a b", "x = 1", "!ls \\\n -a", "y = %foo \\\n bar", "lambda a=1: a",
    "!echo \"it's\"", "d = {\n'k': '!ls',\n}", "",
])  # fmt: skip


def block(lines: list[str]) -> str:
    inner = "\n".join(lines or ["pass"])
    return "if x:\n" + re.sub(r"(?m)^(?=.)", "    ", inner) + "\n    pass"


cells = st.recursive(
    simple,
    lambda inner: (
        st.lists(inner, max_size=4).map("\n".join)
        | st.lists(inner, max_size=3).map(block)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(cells)
def test_any_cell_means_what_it_means_in_ipython(source: str) -> None:
    assume(not re.search(r"(?m)^[ ]+$", source))  # IPython 9 takes these spaces out
    assert tree(translate(source).code) == tree(ipython(source))


pieces = st.sampled_from([
    "%foo bar", "!ls -l", "x = !ls {y}", "x = %time f(1)", "foo?", "?foo", "x = 1", "if x:",
    "    ", "else:", '"', "'", '"""', "(", ")", "[", "]", "#", " # c", "\\\n", "=", "==",
    "!=", "%", "!", "?", ";", ",", "/", "f a", "r'\\'", "%%time", "lambda a=1: a", "\t",
    "In [1]: ", "1", "\n", "\n", "\n    ",
])  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(pieces, max_size=10).map("".join))
@example("%foo bar>>> \n>>> ")
def test_rubbish_never_means_something_else(source: str) -> None:
    """It may be refused where IPython's tokenizer lets it pass."""
    # Known: a question mark behind an open quote, a prompt on a continued line, a call
    # that is a magic again, blanks that IPython 9 takes out of a string, a first line that is indented more than the rest.
    assume(not re.search(r"\A\s*[ \t]|(?m:^[ \t]+$)", source))
    assume(not ("?" in source and set(source) & set("'\"")))
    assume(not re.search(r"\\\n\s*>>>", source))
    assume(not re.search(r"(?m)^\W*[,;/]\s*[^\w\s]", source))
    try:
        ipython(source)
    except IndexError:
        reject()  # IPython itself trips over an open quote behind `=%`
    assert tree(translate(source).code) in (tree(ipython(source)), "no Python")


def test_plain_python_is_the_same_object() -> None:
    source = "x = 1\nprint(x % 2, x != 3, 'what?')\n"
    assert translate(source).code is source


@pytest.mark.parametrize("name", ["time", "timeit -n 3", "capture out", "prun"])
def test_the_body_of_a_python_cell_magic_keeps_its_lines(name: str) -> None:
    translation = translate(f"\n%%{name}\nx = 1\n!ls\ny = 2")
    magic, _, line = name.partition(" ")
    assert translation.cell_magic == (magic, line)
    assert translation.body is not None
    body = ast.parse(translation.body.code).body
    assert [node.lineno for node in body] == [3, 4, 5]
    assert ast.parse(translation.code).body[0].lineno == 2


def test_cell_magics_within_cell_magics_keep_their_lines() -> None:
    outer = translate("%%capture out\n%%time\nx = 1")
    assert outer.body is not None
    assert outer.body.cell_magic == ("time", "")
    assert ast.parse(outer.body.code).body[0].lineno == 2
    assert outer.body.body is not None
    assert ast.parse(outer.body.body.code).body[0].lineno == 3


def test_the_body_of_another_cell_magic_is_no_python() -> None:
    translation = translate("%%bash\nrm -rf x")
    assert translation.cell_magic == ("bash", "")
    assert translation.body is None


def test_line_ends_of_windows_and_form_feeds_are_line_ends_of_python() -> None:
    code = translate("x = 1\r\n!ls\r\n\x0cy = 2\r\n").code
    assert [node.lineno for node in ast.parse(code).body] == [1, 2, 3]


def test_hostile_commands_stay_text() -> None:
    source = "!echo '); import os; os.system(\"x\") #'"
    (node,) = ast.parse(translate(source).code).body
    assert isinstance(node, ast.Expr)
    assert isinstance(node.value, ast.Call)
    (argument,) = node.value.args
    assert isinstance(argument, ast.Constant)
    assert argument.value == source[1:]
