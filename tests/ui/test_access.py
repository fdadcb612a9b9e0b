"""What axe-core says of our widgets, and what a hostile notebook can do."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.cli.conftest import FAILING, document
from tests.ui.conftest import Open
from tests.ui.test_panel import cell, node, run
from tests.ui.test_settings import section

FOUND = find_spec("axe_playwright_python")
AXE = Path(FOUND.origin if FOUND and FOUND.origin else "").with_name("axe.min.js")


def faults(page: Page, *selectors: str) -> list[str]:
    """Return the serious faults within elements, each with its place."""
    page.add_script_tag(path=AXE)
    found: list[str] = page.evaluate(
        """async selectors => {
          const {violations} = await axe.run(
            {include: selectors.map(each => [each])});
          return violations.filter(each => ['serious', 'critical'].includes(each.impact))
            .flatMap(each => each.nodes.map(node => `${each.id}: ${node.html}`));
        }""",
        list(selectors),
    )
    return found


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_no_serious_fault(open_notebook: Open, theme: str) -> None:
    cells = [(["parameters"], "n = 1  # rows"), *FAILING]
    page = open_notebook("axe.ipynb", document(cells))
    page.evaluate(
        "theme => void window.jupyterapp.commands.execute('apputils:change-theme', {theme})",
        theme,
    )
    expect(node(page, "third")).to_be_visible()
    page.locator(".jp-NotebookPanel-toolbar").get_by_text("Run as pipeline").click()
    expect(page.locator(".jp-Dialog .jp-kfx-Form").first).to_be_visible()
    assert faults(page, ".jp-kfx-RunForm") == []
    page.keyboard.press("Escape")
    run(page)
    expect(node(page, "second")).to_have_attribute("data-status", "failed")
    node(page, "second").click()
    expect(cell(page, 2).locator(".jp-kfx-Finding")).to_be_visible()
    expect(page.locator(".jp-kfx-Details")).to_be_visible()
    assert faults(page, ".jp-kfx-Panel", ".jp-kfx-CellBar", ".jp-kfx-Finding") == []
    form = section(page, "Pipeline Step")
    expect(form.get_by_label("cpu", exact=True)).to_be_visible()
    assert faults(page, ".jp-kfx-Settings") == []
    page.evaluate("void window.jupyterapp.commands.execute('kfx:show-runs')")
    runs = page.locator(".jp-kfx-Runs")
    row = runs.locator("tr[data-run]").first
    row.locator("button[aria-expanded]").click()
    details = runs.locator(".jp-kfx-Details")
    details.get_by_role("button", name="second").click()
    expect(details.get_by_role("log")).to_contain_text("ZeroDivisionError")
    assert faults(page, ".jp-kfx-Runs") == []


def test_what_a_notebook_says_of_itself_is_text(open_notebook: Open) -> None:
    bait = "<img src=x onerror=window.caught=1>"
    content = document(
        [
            (["parameters"], f"p = {bait!r}  # help {bait}"),
            (["step:a", f"cpu:{bait}", f"stpe:{bait}"], f"x = p\n{bait!r}.y"),
            (["step:b"], f"print(x, '\\x1b]8;;javascript:window.caught=2\\x07{bait}')"),
        ]
    )
    content["cells"][2]["metadata"]["kfx"] = {"env": {"A": bait}, bait: bait}
    content["metadata"]["kfx"] = {"description": bait, "experiment": bait}
    page = open_notebook("of_itself <img src=x onerror=window.caught=3>.ipynb", content)
    diagnostics = page.get_by_label("Diagnostics")
    expect(diagnostics).to_contain_text(bait)
    expect(cell(page, 1).locator(".jp-kfx-Finding").first).to_contain_text(bait)
    page.locator(".jp-NotebookPanel-toolbar").get_by_text("Run as pipeline").click()
    dialog = page.locator(".jp-Dialog .jp-kfx-RunForm")
    expect(dialog).to_contain_text(f"help {bait}")
    page.locator(".jp-Dialog").get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".jp-Dialog")).to_contain_text(bait)
    page.keyboard.press("Escape")
    cell(page, 2).locator(".cm-content").click()
    form = section(page, "Pipeline Step")
    expect(form.get_by_label("env", exact=True)).to_have_value(f"A={bait}")
    form = section(page, "Pipeline")
    expect(form.get_by_label("description", exact=True)).to_have_value(bait)
    assert page.evaluate("window.caught") is None
