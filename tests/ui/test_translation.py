"""All that is said is said in the language of JupyterLab."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.cli.conftest import Cells, document
from tests.ui.conftest import ROOT, Lab, opened
from tests.ui.test_panel import node
from tests.ui.test_runs import ask
from tests.ui.test_widget import run_cell

SOURCE = ROOT / "labextension" / "src"
TEXT = r"""(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")"""
CALL = re.compile(rf"trans\s*\.\s*(__|_n)\(\s*{TEXT}(?:,\s*{TEXT})?")
ROUTE = "lab/api/settings/@jupyterlab/translation-extension:plugin"
PLURAL = "nplurals=2; plural=(n != 1);"
# What the notebook calls things by has an underscore in it, and so is told apart.
CELLS: Cells = [
    (["parameters"], "import os\nn_1 = 3"),
    (["step:a_1"], "x_1 = n_1\ny = missing_1"),
    (["step:b_1", "pipeline-metrics"], "x_1 + 1"),
]
SAID = """
root => {
  const said = [];
  // The server's sentences, and what is in the notebook, are no texts of the page.
  const others = 'small, code, em, legend, td[data-label], td .jp-kfx-Link, .jp-kfx-Log, .jp-kfx-Diff, '
    + '.jp-kfx-Diagnostics li, .jp-kfx-Form-field label, .jp-kfx-Edge, select[id] option';
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let text = walk.nextNode(); text; text = walk.nextNode()) {
    if (!text.parentElement.closest(others)) said.push(text.data);
  }
  for (const each of root.querySelectorAll('[aria-label], [title], [placeholder]')) {
    if (!each.closest(others)) {
      for (const name of ['aria-label', 'title', 'placeholder']) {
        said.push(each.getAttribute(name) ?? '');
      }
    }
  }
  return said.filter(text => /[a-z]{3}/.test(text));
}
"""


def catalogue() -> dict[str, list[str]]:
    """Return a translation of every text that the code asks for: ~the text itself~."""
    found: dict[str, list[str]] = {}
    for path in SOURCE.rglob("*.ts*"):
        for kind, *texts in CALL.findall(path.read_text("utf-8")):
            one, many = (first or second for first, second in (texts[:2], texts[2:]))
            if kind == "_n":
                found[f"{one}\u0004{many}"] = found[one] = [f"~{one}~", f"~{many}~"]
            else:
                found[one] = [f"~{one}~"]
    return found


@pytest.fixture
def translated(page: Page, lab: Lab) -> Iterator[Page]:
    """Give a page in a language in which every text of ours is between two tildes."""
    header = {"domain": "jupyter_kfx", "language": "de-DE", "plural_forms": PLURAL}
    data = {"jupyter_kfx": {"": header, **catalogue()}}

    def answer(route: Route) -> None:
        route.fulfill(json={"data": data, "message": ""})

    page.route("**/lab/api/translations/de_DE*", answer)
    ask(lab, "PUT", ROUTE, {"raw": json.dumps({"locale": "de_DE"})})
    page.goto("about:blank")
    try:
        yield page
    finally:
        ask(lab, "PUT", ROUTE, {"raw": "{}"})
        page.goto("about:blank")


def plain(within: Locator) -> list[str]:
    """Return what is said in no language, but for names that the notebook gives."""
    return [
        text
        for text in within.evaluate(SAID)
        if "~" not in text and not re.search(r"\w_\w|ipynb", text)
    ]


def test_every_text_of_ours_is_translated(translated: Page, lab: Lab) -> None:
    page = opened(translated, lab, "said_1.ipynb", document(CELLS))
    expect(node(page, "b_1")).to_be_visible()
    panel = page.locator(".jp-kfx-Panel")
    page.locator(".jp-NotebookPanel .jp-Cell").nth(1).locator(".cm-content").click()
    expect(page.locator(".jp-kfx-CellBar")).to_be_visible()
    node(page, "b_1").click()
    expect(page.locator(".jp-kfx-Details")).to_be_visible()
    assert plain(panel) == []
    assert plain(page.locator(".jp-kfx-CellBar")) == []
    panel.get_by_role("button", name="~Run as pipeline~").click()
    dialog = page.locator(".jp-Dialog")
    expect(dialog.locator(".jp-kfx-Form").first).to_be_visible()
    assert plain(dialog) == []
    page.keyboard.press("Escape")
    page.evaluate(
        "void window.jupyterapp.commands.execute('property-inspector:show-panel')"
    )
    page.locator(".jp-Collapse-header", has_text="~Pipeline Step~").click()
    expect(page.locator(".jp-kfx-Settings select").first).to_be_visible()
    assert plain(page.locator(".jp-kfx-Settings").first) == []
    page.evaluate("void window.jupyterapp.commands.execute('kfx:show-runs')")
    runs = page.locator(".jp-kfx-Runs")
    expect(runs).to_contain_text("~Every status~")
    assert plain(runs) == []


def test_the_widget_speaks_the_language_of_its_page(translated: Page, lab: Lab) -> None:
    (lab.folder / "said_2.ipynb").write_text(json.dumps(document(CELLS)), "utf-8")
    code = (
        "from jupyter_kfx.widget import PipelineWidget\nPipelineWidget('said_2.ipynb')"
    )
    page = opened(translated, lab, "speaks_2.ipynb", document([([], code)]))
    page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.sessionContext.session"
        "?.kernel?.status === 'idle'",
        timeout=90_000,
    )
    run_cell(page, 0)
    widget = page.locator(".jp-kfx-Widget")
    button = widget.get_by_role("button", name="~Run as pipeline~")
    expect(button).to_be_visible(timeout=60_000)
    assert plain(widget) == []


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "labextension" / "schema").iterdir()),
    ids=lambda path: path.name,
)
def test_settings_are_translated_with_the_rest(path: Path) -> None:
    schema = json.loads(path.read_text("utf-8"))
    assert schema["jupyter.lab.internationalization"]["domain"] == "jupyter_kfx"
