"""Looking at an object is no change, whatever it computes and keeps on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_kfx import project
from tests.equivalence.test_constructs import NP, PD, write

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_kfx.engines.report import RunReport

FRAME = (
    f"{NP}\n{PD}\nindex = pd.date_range('2024-01-01', periods=60, freq='D')\n"
    "x = pd.DataFrame({'a': np.arange(60.0), 'b': list('xyz') * 20}, index=index)"
)
READ: dict[str, tuple[str, str]] = {
    "the repr of dates": (FRAME, "repr(x)\nx._repr_html_()\nx.info()"),
    "dates by label": (
        FRAME,
        "x.loc['2024-02']\nx.loc['2024-01-03', 'a']\nx.at[index[1], 'a']",
    ),
    "resampled dates": (
        FRAME,
        "x['a'].resample('W').sum()\nx.index.is_unique\nx.index.freq",
    ),
    "grouped and joined": (
        FRAME,
        "x.groupby('b')['a'].mean()\nx.merge(x, on='b')\nx.sort_values('a')\nx.describe()",
    ),
    "an index of its own": (
        f"{PD}\nx = pd.Series(range(5), index=list('abcde'))",
        "x['c']\nx.index.get_loc('d')\nx.index.is_monotonic_increasing\nx.reindex(list('ba'))",
    ),
    "a multi-index": (
        f"{PD}\nx = pd.DataFrame({{'v': range(6)}}, index=pd.MultiIndex.from_product("
        "[list('ab'), range(3)]))",
        "x.loc['a']\nx.xs(1, level=1)\nx.unstack()\nrepr(x)",
    ),
    "a graph": (
        "import networkx as nx\nx = nx.path_graph(9)",
        "nx.shortest_path(x, 0, 8)\nlist(x.nodes), list(x.edges), x.adj[1], x.degree[2]\n"
        "nx.pagerank(x)",
    ),
    "a sparse matrix": (
        "from scipy import sparse\nx = sparse.random(30, 30, 0.2, format='csr', rng=1)",
        "x @ x\nx.T.tocoo()\nx.has_sorted_indices\nx.sum()\nx[3, 4]\nrepr(x)",
    ),
    "a fitted forest": (
        "from sklearn.datasets import load_iris\n"
        "from sklearn.ensemble import RandomForestClassifier\n"
        "data, target = load_iris(return_X_y=True)\n"
        "x = RandomForestClassifier(5, random_state=0).fit(data, target)",
        "x.predict(data)\nx.score(data, target)\nx.feature_importances_\nrepr(x)\n"
        "x._repr_html_() if hasattr(x, '_repr_html_') else None",
    ),
    "a fitted pipeline": (
        "from sklearn.datasets import load_iris\n"
        "from sklearn.linear_model import LogisticRegression\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import StandardScaler\n"
        "data, target = load_iris(return_X_y=True)\n"
        "x = make_pipeline(StandardScaler(), LogisticRegression()).fit(data, target)",
        "x.predict_proba(data)\nx.named_steps\nx.get_params()\nx[0].mean_",
    ),
    "an array": (
        f"{NP}\nx = np.arange(12.0).reshape(3, 4)",
        "x.T @ x\nx.flags\nx[1:, ::2].sum()\nnp.linalg.norm(x)\nrepr(x)",
    ),
    "a compiled pattern and a path": (
        "import pathlib, re\nx = [re.compile('a+'), pathlib.Path('a/b.c')]",
        "x[0].match('aa')\nx[1].suffix\nstr(x[1])\nhash(x[1])\nx[1].parts",
    ),
}


def _run(folder: Path, make: str, look: str) -> RunReport:
    # Not even the analysis knows what the third step does: the run has to tell.
    hidden = f"exec(compile({look!r}, 'look', 'exec'))"
    write(folder / "nb.ipynb", [make, look, hidden, "print(type(x))"], chain=False)
    report = project.run(folder / "nb.ipynb", store=str(folder / "store"))
    assert report.status == "succeeded", report.failed
    return report


@pytest.mark.parametrize("name", READ)
def test_what_is_only_read_is_not_handed_on_again(name: str, tmp_path: Path) -> None:
    report = _run(tmp_path, *READ[name])
    assert [step.outputs for step in report.steps[1:3]] == [(), ()]
    assert not report.warnings


def test_what_an_own_property_has_computed_is_handed_on(tmp_path: Path) -> None:
    source = (
        "import functools\nclass Rows:\n    def __init__(self):\n        self.rows = [1, 2]\n"
        "    @functools.cached_property\n    def total(self):\n        return sum(self.rows)\n"
        "x = Rows()"
    )
    report = _run(tmp_path, source, "print(x.total)")
    assert "x" in report.steps[1].outputs


def test_what_is_changed_is_handed_on_again(tmp_path: Path) -> None:
    report = _run(tmp_path, FRAME, "x.loc['2024-01-03', 'a'] += 1")
    assert all("x" in step.outputs for step in report.steps[1:3])
