"""Parameters of any text reach the steps as they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from jupyter_kfx import project
from tests.equivalence.test_constructs import printed, write

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = [
    "it's",
    'say "so"',
    "two\nlines",
    "\\n back\\slash",
    "'''\"\"\"",
    "{x} %s $HOME {{7*7}}",
    "größe π 🙂",
    "\t\r\x1b[0m",
    "",
]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("where", ["default", "given"])
def test_a_text_is_what_it_was(value: str, where: str, tmp_path: Path) -> None:
    default = value if where == "default" else "other"
    cells = [
        f"word = {default!r}\nrows = [1]",
        "print(ascii(word))",
        "print(rows, ascii(word))",
    ]
    path = tmp_path / "nb.ipynb"
    write(path, cells, chain=False)
    document = json.loads(path.read_text())
    document["cells"][0]["metadata"]["tags"] = ["parameters"]
    path.write_text(json.dumps(document))
    report = project.run(
        path,
        output=str(tmp_path / "out.ipynb"),
        parameters={"word": value} if where == "given" else {},
        store=str(tmp_path / "store"),
    )
    assert report.status == "succeeded", report.failed
    shown = printed(tmp_path / "out.ipynb")
    assert shown[-2:] == [f"{value!a}\n", f"[1] {value!a}\n"]


@pytest.mark.parametrize("chain", [False, True], ids=["free", "chained"])
def test_a_parameter_that_is_bound_anew(chain: bool, tmp_path: Path) -> None:
    cells = [
        "n = 2\nrows = [0]",
        "first = n\nn = n + 1\nrows.append(n)",
        "rows.append(n)\nn *= 10",
        "print(first, n, rows)",
    ]
    path = tmp_path / "nb.ipynb"
    write(path, cells, chain=False)
    document = json.loads(path.read_text())
    document["cells"][0]["metadata"]["tags"] = ["parameters"]
    for i in (2, 3) if chain else ():
        document["cells"][i]["metadata"]["tags"].append(f"prev:s{i - 1}")
    path.write_text(json.dumps(document))
    report = project.run(
        path,
        output=str(tmp_path / "out.ipynb"),
        parameters={"n": 5},
        store=str(tmp_path / "store"),
    )
    assert report.status == "succeeded", report.failed
    assert printed(tmp_path / "out.ipynb")[-1] == "5 60 [0, 6, 6]\n"
