"""A notebook against its own pipeline: alike, different, refused, broken."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from jupyter_kfx import project
from jupyter_kfx.errors import UsageError

if TYPE_CHECKING:
    from jupyter_kfx.verification import Verification


def _written(folder: Path, *sources: str) -> Path:
    cells: list[Any] = [nbformat.v4.new_code_cell(source) for source in sources]
    path = folder / "nb.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def _verified(folder: Path, *sources: str, **options: Any) -> Verification:
    path = _written(folder, *sources)
    before = sorted(folder.rglob("*"))
    found = project.verify(project.load(path, cut="cell"), **options)
    assert sorted(folder.rglob("*")) == before, "the folder itself is left alone"
    return found


def test_the_same(tmp_path: Path) -> None:
    found = _verified(
        tmp_path,
        "a = [1]\nb = {'x': a}",
        "a.append(2)\nopen('out.txt', 'w').write('x')",
        "print(b, {'p', 'q', 'r'})",
    )
    assert found.status == "same"
    assert (found.steps, found.unknown, found.volatile) == (3, (), ())
    assert found.compared >= 3


def test_pickles_in_files_count_by_what_they_say(tmp_path: Path) -> None:
    found = _verified(
        tmp_path,
        "import joblib, pickle\nd = {'kind': 'some'}",
        "d['other'] = 'some'",
        "with open('d.pkl', 'wb') as file:\n    pickle.dump(d, file)",
        "joblib.dump([d, 'kind'], 'd.joblib')",
    )
    assert (found.status, found.differences) == ("same", ())


def test_what_differs_is_named(tmp_path: Path) -> None:
    # What a cache has counted is not handed on, and out of sight it is not refused.
    found = _verified(
        tmp_path,
        "from functools import lru_cache\n@lru_cache\ndef f(x):\n    return x",
        "f(1)",
        "hits = f(1), getattr(f, 'cache_info')().hits\nprint(hits)",
    )
    assert found.status == "different"
    assert {(d.kind, d.name, d.cell_index) for d in found.differences} == {
        ("output", None, 2),
        ("variable", "hits", 2),
    }
    assert found.first is not None
    assert "0" in found.first.what


def test_what_differs_by_itself_is_not_held_against_it(tmp_path: Path) -> None:
    found = _verified(
        tmp_path, "import time\nnow = time.time_ns()", "print('at', now)\nnow"
    )
    assert found.status == "same"
    assert "variable now" in found.volatile
    assert "output of cell 1" in found.volatile


def test_once_is_enough_where_nothing_differs(tmp_path: Path) -> None:
    stages: list[str] = []
    found = _verified(
        tmp_path,
        "import matplotlib.pyplot as plt\nwide = 1",
        "plt.figure(figsize=(wide, 1))",
        "plt.figure(figsize=(wide, 2))",
        once=True,
        stage=stages.append,
    )
    assert (found.status, found.reruns) == ("same", ())
    assert stages == ["running the notebook", "running the pipeline"]


def test_filters_of_warnings_count_for_who_warns(tmp_path: Path) -> None:
    found = _verified(
        tmp_path,
        "import warnings\nx = 'simple'",
        "getattr(warnings, x + 'filter')('ignore')",
        "print(x)",
        "warnings.warn(x)",
        "import warnings as w\nprint(w.filters[0][0], len(w.filters) > 1)",
        once=True,
    )
    assert found.status == "same"
    assert not any("part 3" in rerun.partition(":")[0] for rerun in found.reruns)


def test_once_is_not_enough_where_something_differs(tmp_path: Path) -> None:
    found = _verified(tmp_path, "import time\nnow = time.time_ns()", "now", once=True)
    assert (found.status, found.needless) == ("same", 0)
    assert "variable now" in found.volatile


def test_twice_is_not_enough_for_what_is_seldom_different(tmp_path: Path) -> None:
    count, folder = tmp_path / "count", tmp_path / "folder"
    count.write_text("0")
    folder.mkdir()
    stages: list[str] = []
    found = _verified(
        folder,
        f"count = int(open({str(count)!r}).read()) + 1\n"
        f"with open({str(count)!r}, 'w') as file:\n    print(count, file=file)\n"
        "found = 'yes' if count > 2 else 'no'\ndel count",
        "print(found)",
        stage=stages.append,
    )
    assert found.status == "same"
    assert {"variable found", "output of cell 1"} <= {*found.volatile}
    again = "running the notebook again"
    assert stages == ["running the notebook", again, "running the pipeline", again]


def test_the_order_of_objects_in_a_set_is_volatile(tmp_path: Path) -> None:
    found = _verified(
        tmp_path,
        "class A:\n    def __init__(self, name):\n        self.name = name\n"
        "    def __repr__(self):\n        return self.name\n"
        "many = {A(name) for name in 'abcdef'}",
        "order = [a.name for a in many]\nprint(order)",
    )
    assert found.status == "same"
    assert {"variable many", "variable order"} <= {*found.volatile}


BEGUN = ("g = (i for i in range(9))\nnext(g)", "print(next(g))", "x = 2")


def test_a_refusal_is_none_of_the_differences(tmp_path: Path) -> None:
    found = _verified(tmp_path, *BEGUN, join=False)
    assert found.status == "refused"
    assert "`g`" in (found.message or "")


def test_steps_that_run_as_one_are_compared_at_their_end(tmp_path: Path) -> None:
    found = _verified(tmp_path, *BEGUN)
    assert (found.status, found.joined) == ("same", ("part 2",))
    assert "ran as one" in "".join(found.warnings)


def test_a_notebook_that_fails_by_itself(tmp_path: Path) -> None:
    found = _verified(tmp_path, "a = 1", "a / 0")
    assert (found.status, found.cell_index) == ("broken", 1)
    assert "ZeroDivisionError" in (found.message or "")


def test_parameters_are_given_to_both(tmp_path: Path) -> None:
    path = _written(tmp_path, "n = 1", "print(n + 1)")
    document = nbformat.read(path, as_version=4)
    document.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(document, path)
    found = project.verify(project.load(path, cut="cell"), parameters={"n": 5})
    assert found.status == "same"


@pytest.mark.parametrize("where", ["cells", "0", "-1", ""])
def test_a_cut_is_one_of_three(where: str, tmp_path: Path) -> None:
    path = _written(tmp_path, "a = 1")
    with pytest.raises(UsageError, match="no place to cut"):
        project.load(path, cut=where)


EXAMPLES = sorted((Path(__file__).parents[2] / "example_notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_verified(path: Path) -> None:
    found = project.verify(path)
    assert (found.status, found.differences) == ("same", ())
