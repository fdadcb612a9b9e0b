"""Cells in a step put out what they put out in a real kernel."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.engines.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

CELLS = {
    "print": "print('one'); print('two', end='')",
    "stderr": "import sys\nprint('wrong', file=sys.stderr)",
    "interleaved": "print('a')\nprint('b', file=sys.stderr)\nprint('c')",
    "flushed": "print('a', flush=True)\nprint('b', file=sys.stderr, flush=True)\nprint('c')",
    "last expression": "40 + 2",
    "semicolon": "40 + 2;",
    "several expressions": "1\n2\n3",
    "none": "None",
    "underscore": "_",
    "In and Out": "len(In), sorted(Out)",
    "frame": "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'b': ['x', 'ü']})\ndf",
    "display": "display(df, 'text', {'a': 1})",
    "rich": "from IPython.display import HTML, Image, JSON, Markdown, SVG\n"
    "display(HTML('<b>x</b>'), Markdown('*x*'), JSON({'a': [1]}))",
    "image": "import base64\nImage(base64.b64decode("
    "'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=='))",
    "inline by default": "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])",
    "two figures": "plt.figure()\nplt.plot([3, 1])\nplt.figure()\nplt.plot([1, 3]);",
    "magic inline": "%matplotlib inline\nfig, ax = plt.subplots(figsize=(2, 2))",
    "show": "plt.plot([1]); print('before'); plt.show(); print('after')",
    "figures are closed": "plt.get_fignums(), plt.get_backend()",
    "figure as value": "fig",
    "svg": "%config InlineBackend.figure_formats = ['svg']\nplt.rcParams['svg.hashsalt'] = 'x'"
    "\nprint(plt.rcParams['figure.dpi'])",
    "echo": "!echo hello {40 + 2}",
    "shell assignment": "x = !printf 'a\\nb\\n'\nx",
    "bash": "%%bash\necho from bash\necho wrong >&2",
    "bash fails": "%%bash\nexit 3",
    "capture": "%%capture got\nprint('caught')\ndisplay(1)",
    "captured": "print(got.stdout)\ngot.show()",
    "cd": "%cd /",
    "cwd": "import os\nos.getcwd()",
    "error": "def f(x):\n    return 1 / x\n\nf(0)",
    "error in function above": "print('first')\nf(0)",
    "syntax error": "x = = 1",
    "name error": "not_there",
    "usage error": "%no_such_magic",
    "sys.exit": "sys.exit('bye')",
    "chained": "try:\n    f(0)\nexcept ZeroDivisionError as e:\n    raise ValueError('no') from e",
    "assertion": "assert 1 == 2, 'sum'",
    "warning": "import warnings\nwarnings.warn('careful')",
    "deprecation": "warnings.warn('old', DeprecationWarning)",
    "await": "import asyncio\nawait asyncio.sleep(0.01)\nprint('slept')\n7",
    "running loop": "asyncio.get_event_loop().is_running()",
    "asyncio.run": "asyncio.run(asyncio.sleep(0))",
    "task": "async def work():\n    print('in task')\n    return 3\nt = asyncio.create_task(work())\n"
    "await t",
    "async for": "async def numbers():\n    yield 1\n[n async for n in numbers()]",
    "update": "h = display('old', display_id='here')\nh.update('new')",
    "update elsewhere": "h.update('newest')",
    "clear": "print('gone')\nfrom IPython.display import clear_output\nclear_output()\nprint('here')",
    "clear wait": "print('gone')\nclear_output(wait=True)\nprint('here')",
    "clear wait only": "print('stays')\nclear_output(wait=True)",
    "descriptor": "os.write(1, b'below python\\n');",
    "child process": "import subprocess\nsubprocess.run(['echo', 'from a child']).returncode",
    "c code": "import ctypes\nctypes.CDLL(None).puts(b'from C');",
    "logging": "import logging\nlogging.warning('watch out')",
    "getsource": "import inspect\nprint(inspect.getsource(f))",
    "class name": "type(get_ipython()).__name__, 'IPKernelApp' in get_ipython().config",
    "main": "__name__, __import__('__main__').__dict__ is globals(), '__file__' in globals()",
    "environment": "{k: os.environ[k] for k in ('TERM', 'MPLBACKEND', 'PAGER', 'CLICOLOR')}",
    "isatty": "sys.stdout.isatty(), sys.stdout.encoding, sys.stdin.isatty()",
    "tqdm": "import time\nclass Bar:\n    def _repr_html_(self): return '<i>bar</i>'\nBar()",
    "repr fails": "class Bad:\n    def __repr__(self): raise RuntimeError('no')\nBad()",
    "pinfo": "len?",
    "who": "%who_ls function",
    "sys.path": "[p for p in sys.path if 'site-packages' in p or p == '']",
    "write not text": "try:\n    sys.stdout.write(b'x')\nexcept TypeError as e:\n    print(e)",
    "dunder stdout": "print('dunder', file=sys.__stdout__, flush=True)",
    "future": "from __future__ import annotations\ndef g(x: not_there): ...",
    "future holds": "def g(x: not_there_either): ...\ng.__annotations__",
    "history": "%history -n 1-2",
    "emoji": "print('\\N{SNOWMAN}', 'ü')",
    "surrogate": "'\\ud800'",
    "long": "list(range(2000))",
    "last": "print('end')",
}


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[list[Any], list[Any]]]:
    """The outputs of all cells: in a kernel, and in a step."""
    tags = {"tags": ["raises-exception"]}
    cells = [
        nbformat.v4.new_code_cell(source, metadata=tags) for source in CELLS.values()
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    folder = tmp_path_factory.mktemp("kernel")
    # ipykernel captures descriptors unless it sees this.
    env = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}
    client = NotebookClient(notebook, resources={"metadata": {"path": folder}})
    client.execute(env=env)
    metadata = {f"cell-{i}": tags for i in range(1, len(CELLS) + 1)}
    stage = Stage(tmp_path_factory.mktemp("stage"), cell_metadata=metadata)
    observation = stage.run(*CELLS.values(), alone=True)
    assert observation.status == "succeeded", observation
    yield [c.outputs for c in cells], [c["outputs"] for c in stage.notebook()["cells"]]
    stage.close()


def _normal(outputs: list[Any]) -> list[Any]:
    """Return outputs without what differs between two kernels too."""
    merged: list[dict[str, Any]] = []
    for output in outputs:
        last = merged[-1] if merged else {}
        if "name" in output and output["name"] == last.get("name"):
            last["text"] += output["text"]
        else:
            merged.append(dict(sorted(output.items())))
    text = repr(merged)
    for pattern, stand_in in (
        (r"ipykernel_\d+", "ipykernel_N"),
        (r"0x[0-9a-f]{6,}", "0xN"),
        (r"[\d.]+ [nµμm]?s\b", "N s"),
        (r"<dc:date>[^<]*", "<dc:date>"),
    ):
        text = re.sub(pattern, stand_in, text)
    value: list[Any] = eval(text, {"nan": "nan"})
    return value


BELOW = {
    "descriptor": "below python",
    "child process": "from a child",
    "c code": "from C",
}


@pytest.mark.parametrize("name", CELLS)
def test_outputs_are_a_kernels(name: str, both: tuple[list[Any], list[Any]]) -> None:
    position = list(CELLS).index(name)
    kernel, step = (_normal(outputs[position]) for outputs in both)
    # A kernel may be done with a cell before it has read its own descriptor, and may
    # show with one cell what another has written.
    if name in BELOW:
        assert BELOW[name] in str(step)
        return
    assert step == [output for output in kernel if not _is_late(output)]


def _is_late(output: dict[str, Any]) -> bool:
    return str(output.get("text", "")).strip() in BELOW.values()
