"""Tags in the file: nothing but the tags changes."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_kfx.errors import UsageError
from jupyter_kfx.notebook import read
from jupyter_kfx.notebook.tagging import write_tags


def _document() -> dict[str, Any]:
    cell: Any = nbformat.v4.new_code_cell("s = 'ü'\nprint(1e5)\n", id="a")
    cell.metadata = {"collapsed": True, "tags": ["hide"], "zoom": {"b": 1, "a": 1.5}}
    other = nbformat.v4.new_code_cell("x = 2", id="b")
    return dict(nbformat.v4.new_notebook(cells=[cell, other], metadata={"kept": None}))


@pytest.mark.parametrize("indent", [1, 2, 4, None])
@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("end", ["", "\n"])
def test_only_tags_are_added(
    tmp_path: Path, indent: int | None, ascii_only: bool, end: str
) -> None:
    path = tmp_path / "nb.ipynb"
    text = json.dumps(_document(), indent=indent, ensure_ascii=ascii_only) + end
    path.write_text(text, "utf-8")
    write_tags(read(path), {0: ["step:one"]})
    expected = _document()
    expected["cells"][0]["metadata"]["tags"] = ["hide", "step:one"]
    wanted = json.dumps(expected, indent=indent, ensure_ascii=ascii_only) + end
    assert path.read_text("utf-8") == wanted
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_of_nbformat_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "nb.ipynb"
    notebook = nbformat.from_dict(_document())
    nbformat.write(notebook, path)
    write_tags(read(path), {1: ["step:two"]})
    after = path.read_text("utf-8")
    notebook.cells[1].metadata["tags"] = ["step:two"]
    nbformat.write(notebook, path)
    assert path.read_text("utf-8") == after


def test_line_ends_mark_and_mode_stay(tmp_path: Path) -> None:
    path = tmp_path / "nb.ipynb"
    text = json.dumps(_document(), indent=1, ensure_ascii=False) + "\n"
    data = ("\ufeff" + text.replace("\n", "\r\n")).encode()
    path.write_bytes(data)
    path.chmod(0o640)
    write_tags(read(path), {1: ["step:two"]})
    after = path.read_bytes()
    added = b'"metadata": {\r\n    "tags": [\r\n     "step:two"\r\n    ]\r\n   }'
    assert after == added.join(data.rsplit(b'"metadata": {}', 1))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "nb.ipynb", tmp_path / "link.ipynb"
    path.write_text(json.dumps(_document()), "utf-8")
    link.symlink_to(path)
    write_tags(read(link), {1: ["step:two"]})
    assert link.is_symlink()
    assert read(path).cells[1].tags == ("step:two",)


def test_a_file_that_has_changed_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "nb.ipynb"
    path.write_text(json.dumps(_document()), "utf-8")
    notebook = read(path)
    path.write_text("{}", "utf-8")
    with pytest.raises(UsageError, match="has changed"):
        write_tags(notebook, {0: ["step:one"]})
    assert path.read_text("utf-8") == "{}"


def test_a_folder_that_is_not_ours(tmp_path: Path) -> None:
    path = tmp_path / "nb.ipynb"
    path.write_text(json.dumps(_document()), "utf-8")
    notebook = read(path)
    (tmp_path / ".nb.ipynb.part").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        write_tags(notebook, {0: ["step:one"]})
    assert read(path).cells[0].tags == ("hide",)
