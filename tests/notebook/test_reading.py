from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_kfx.errors import NotebookFormatError
from jupyter_kfx.notebook import from_json, read


def code(source: Any = "x = 1", **more: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        **more,
    }


def document(*cells: Any, minor: int = 5, **metadata: Any) -> dict[str, Any]:
    return {
        "nbformat": 4,
        "nbformat_minor": minor,
        "metadata": metadata,
        "cells": list(cells),
    }


def test_a_notebook_is_read_as_it_is(tmp_path: Path) -> None:
    content = document(
        code(["x = 1\n", "y = 2"], id="a", metadata={"tags": ["step:one"]}),
        {"cell_type": "markdown", "source": "# é", "metadata": {}, "id": "b"},
        {"cell_type": "raw", "source": "", "metadata": {}, "id": "c"},
        kernelspec={"name": "my-env", "language": "python", "display_name": "x"},
    )
    path = tmp_path / "a b.ipynb"
    path.write_text(json.dumps(content), "utf-8")
    notebook = read(path)
    assert [cell.type for cell in notebook.cells] == ["code", "markdown", "raw"]
    assert notebook.cells[0].source == "x = 1\ny = 2"
    assert notebook.cells[0].tags == ("step:one",)
    assert [(cell.id, cell.index) for cell in notebook.cells] == [
        ("a", 0),
        ("b", 1),
        ("c", 2),
    ]
    assert notebook.kernel == "my-env"
    assert notebook.path == str(path)
    assert notebook.raw == content


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the file is empty"),
    "blank": (b" \n ", "the file is empty"),
    "no JSON": (b"{'a': 1}", "not JSON"),
    "cut off": (json.dumps(document(code())).encode()[:-20], "not JSON"),
    "binary": (b"\x89PNG\r\n\x1a\n\x00\xff", "not UTF-8"),
    "UTF-16": (json.dumps(document()).encode("utf-16"), "not UTF-8"),
    "too deep": (b"[" * 200_000, "nested too deeply"),
    "long number": (b'{"nbformat": ' + b"4" * 5000 + b"}", "too many digits"),
    "list": (b"[]", "without `nbformat`"),
    "text": (b'"nbformat"', "without `nbformat`"),
    "other JSON": (b'{"name": "package"}', "without `nbformat`"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_notebook_gets_one_sentence(
    name: str, tmp_path: Path
) -> None:
    content, said = BAD_FILES[name]
    path = tmp_path / "bad.ipynb"
    path.write_bytes(content)
    with pytest.raises(NotebookFormatError, match=said) as caught:
        read(path)
    assert caught.value.notebook == str(path)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == content


def test_what_is_no_file_gets_one_sentence(tmp_path: Path) -> None:
    for path, said in (
        (tmp_path / "none.ipynb", "no such file"),
        (tmp_path / "nu\0ll", "no such file"),
        (tmp_path, "folder"),
        (tmp_path / ("x" * 300), "cannot be read"),
    ):
        with pytest.raises(NotebookFormatError, match=said):
            read(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({**document(), "nbformat": "4"}, "not a number"),
        ({**document(), "nbformat": True}, "not a number"),
        ({**document(), "nbformat": 0}, "not a number"),
        ({**document(), "nbformat": 5}, "format 5 cannot be read"),
        ({**document(), "cells": None}, "no list of cells"),
        ({**document(), "cells": {"a": 1}}, "no list of cells"),
        ({**document(), "metadata": []}, "no list of cells"),
        (document("x = 1"), "cell 1 is no code"),
        (document(code(), {"cell_type": "heading"}), "cell 2 is no code"),
        (document(code(5)), "source of cell 1 is not text"),
        (document(code(["a", 5])), "source of cell 1 is not text"),
        (document(code(metadata=[])), "metadata of cell 1"),
        (document(code(metadata={"tags": "step:a"})), "tags of cell 1"),
        (document(code(metadata={"tags": [1]})), "tags of cell 1"),
        (document(kernelspec={"language": "R", "name": "ir"}), "is for R;"),
        (document(language_info={"name": "julia"}), "is for julia;"),
        ({"nbformat": 3, "worksheets": 5}, "old format cannot be upgraded"),
        (
            {
                "nbformat": 3,
                "nbformat_minor": 0,
                "metadata": {},
                "worksheets": [
                    {"cells": [{"cell_type": "code", "language": "ruby", "input": ""}]}
                ],
            },
            "is for ruby;",
        ),
    ],
)
def test_json_that_is_no_python_notebook_gets_one_sentence(
    content: Any, said: str
) -> None:
    with pytest.raises(NotebookFormatError, match=said):
        from_json(content)


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"kernelspec": {"name": "x", "language": "python"}},
        {"kernelspec": {"name": "x"}, "language_info": {"name": "python"}},
        {"kernelspec": None, "language_info": 5},
        {"language_info": {"name": "ipython"}},
    ],
)
def test_python_is_what_says_nothing_else(metadata: Any) -> None:
    assert from_json(document(code(), **metadata)).cells


def test_cells_without_ids_are_known_by_their_place() -> None:
    cells = from_json(document(code(), code(), minor=4)).cells
    assert [cell.id for cell in cells] == ["cell-0", "cell-1"]


def test_two_cells_never_have_one_id() -> None:
    cells = from_json(
        document(code(id="a"), code(id="a"), code(), code(id="cell-2"), code(id=7))
    ).cells
    assert [c.id for c in cells] == ["a", "cell-1", "cell-2-", "cell-2", "cell-4"]


def test_old_notebooks_are_upgraded_the_same_each_time(tmp_path: Path) -> None:
    old = nbformat.v3.new_notebook(
        worksheets=[
            nbformat.v3.new_worksheet(
                cells=[
                    nbformat.v3.new_code_cell(input="x = 1"),
                    nbformat.v3.new_heading_cell("A title"),
                ]
            )
        ]
    )
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({**old, "nbformat": 3, "nbformat_minor": 0}))
    notebook = read(path)
    assert [(c.id, c.type, c.source) for c in notebook.cells] == [
        ("cell-0", "code", "x = 1"),
        ("cell-1", "markdown", "# A title"),
    ]
    assert read(path).raw == notebook.raw
    nbformat.validate(notebook.raw)


def test_a_null_byte_in_a_cell_is_kept() -> None:
    assert from_json(document(code("x = '\0'"))).cells[0].source == "x = '\0'"


def test_attachments_and_outputs_are_kept_in_the_document() -> None:
    cell = {
        "cell_type": "markdown",
        "source": "![a](attachment:a.png)",
        "metadata": {},
        "attachments": {"a.png": {"image/png": "AAAA"}},
    }
    notebook = from_json(document(cell))
    assert notebook.raw["cells"] == [cell]


def test_a_large_notebook_is_read(tmp_path: Path) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 1_000_000}
    path = tmp_path / "large.ipynb"
    cells = [code(f"a{i} = 1", outputs=[output]) for i in range(50)]
    path.write_text(json.dumps(document(*cells)))
    assert len(read(path).cells) == 50


def test_the_way_to_a_notebook_imports_nothing_heavy(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps(document(code("%matplotlib inline"))))
    program = (
        "import sys\n"
        "from jupyter_kfx.notebook import read\n"
        "from jupyter_kfx.notebook.tags import parse, pipeline_settings\n"
        "from jupyter_kfx.notebook.parameters import parse as parameters\n"
        "from jupyter_kfx.notebook.magics import translate\n"
        "notebook = read(sys.argv[1])\n"
        "pipeline_settings(notebook)\n"
        "for cell in notebook.cells: parse(cell), parameters(cell)\n"
        "heavy = {'nbformat', 'pydantic', 'IPython', 'papermill', 'yaml', 'jsonschema'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == "[]\n"
