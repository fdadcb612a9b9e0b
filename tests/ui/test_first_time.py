"""From an untagged notebook to two runs side by side, as somebody new would go."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.cli.conftest import Cells, document
from tests.ui.conftest import Open
from tests.ui.test_panel import cell, node, run

DRAWING = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='30'/>"
CELLS: Cells = [
    ([], "import math\nn = 3  # how many"),
    ([], "rows = [math.sqrt(i) for i in range(n)]\nprint('made', len(rows))"),
    ([], "total = sum(rows)\nprint('the total is', total)"),
    ([], f"from IPython.display import SVG, display\ndisplay(SVG({DRAWING!r}))"),
]


def test_from_an_untagged_notebook_to_two_runs_side_by_side(
    open_notebook: Open,
) -> None:
    page = open_notebook("new.ipynb", document(CELLS))
    bar = page.locator(".jp-kfx-CellBar")
    panel = page.locator(".jp-kfx-Panel")

    # Tag the cells, and see the pipeline come into being.
    cell(page, 0).locator(".cm-content").click()
    bar.get_by_label("What the cell is").select_option("parameters")
    for number, name in ((1, "make"), (2, "add")):
        cell(page, number).locator(".cm-content").click()
        bar.get_by_label("What the cell is").select_option("step")
        bar.get_by_label("Name of the step").fill(name)
        page.keyboard.press("Enter")
        expect(node(page, name)).to_be_visible()
    edge = panel.locator('.jp-kfx-Edge[data-source="make"][data-target="add"]')
    expect(edge).to_contain_class("jp-mod-data")
    expect(panel.locator(".jp-kfx-Preamble")).to_contain_text("n = 3")

    # Run it, and look at what came out.
    run(page, n="5")
    for name in ("make", "add"):
        expect(node(page, name)).to_have_attribute(
            "data-status", "succeeded", timeout=60_000
        )
    node(page, "add").click()
    expect(page.get_by_role("log")).to_contain_text("the total is 6.146")
    plot = panel.locator(".jp-kfx-Plots img")
    expect(plot).to_have_count(1)
    assert plot.evaluate("it => it.decode().then(() => it.naturalWidth)") == 40
    page.get_by_role("button", name="Open executed cells").click()
    expect(page.locator(".jp-kfx-StepNotebook")).to_contain_text("the total is 6.146")

    # Again with another value: what does not depend on it is not run.
    page.locator(".jp-NotebookPanel").first.wait_for(state="attached")
    page.evaluate(
        "void window.jupyterapp.commands.execute('docmanager:open', {path: 'new.ipynb'})"
    )
    run(page)
    expect(node(page, "add")).to_have_attribute("data-status", "cached", timeout=60_000)

    # Side by side.
    page.evaluate("void window.jupyterapp.commands.execute('kfx:show-runs')")
    runs = page.locator(".jp-kfx-Runs")
    runs.get_by_label("Notebook", exact=True).select_option("new.ipynb")
    expect(runs.locator("tr[data-run]")).to_have_count(2)
    for box in runs.get_by_role("checkbox").all():
        box.check()
    runs.get_by_role("button", name="Compare").click()
    expect(runs.get_by_label("Comparison of runs")).to_contain_text(
        "The same code, and the same values came out.", timeout=60_000
    )
