"""A console opens where a step of a run began."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.cli.conftest import Cells, document
from tests.ui.conftest import Open
from tests.ui.test_panel import node, run

CELLS: Cells = [
    (["step:load"], "rows = [1, 2, 0]"),
    (["step:use"], "half = rows[1] / 2"),
    (["step:use"], "half / rows[2]"),
]


def kernels(page: Page) -> int:
    count = "fetch('/api/kernels').then(it => it.json()).then(it => it.length)"
    return int(page.evaluate(count))


def test_a_failed_step_is_debugged_in_a_console(open_notebook: Open) -> None:
    page = open_notebook("debugged.ipynb", document(CELLS))
    expect(node(page, "use")).to_be_visible()
    run(page)
    expect(node(page, "use")).to_have_attribute("data-status", "failed")
    before = kernels(page)
    node(page, "use").click()
    page.get_by_role("button", name="Debug here").click()
    console = page.locator(".jp-CodeConsole")
    expect(console).to_contain_text("Loaded: rows.", timeout=60_000)
    expect(console.locator(".jp-OutputArea")).to_contain_text(
        ["ZeroDivisionError: float division by zero"]
    )
    prompt = console.locator(".jp-CodeConsole-promptCell .cm-content")
    expect(prompt).to_have_text("%debug")
    prompt.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("print('there is', half, rows[2])")
    page.keyboard.press("Shift+Enter")
    expect(console.locator(".jp-OutputArea-output").last).to_have_text("there is 1.0 0")
    # The kernel goes with its console.
    assert kernels(page) == before + 1
    page.evaluate("window.jupyterapp.shell.currentWidget.dispose()")
    page.wait_for_function(
        "async n => (await (await fetch('/api/kernels')).json()).length === n",
        arg=before,
    )


def test_a_step_that_has_succeeded_is_shown_with_its_cells(
    open_notebook: Open,
) -> None:
    page = open_notebook("inspected.ipynb", document(CELLS[:2]))
    expect(node(page, "use")).to_be_visible()
    run(page)
    expect(node(page, "use")).to_have_attribute("data-status", "succeeded")
    node(page, "use").click(button="right")
    page.get_by_role("menuitem", name="Debug This Step").click()
    console = page.locator(".jp-CodeConsole")
    expect(console).to_contain_text("half = rows[1] / 2", timeout=60_000)
    expect(console).to_contain_text("cell 2 of the notebook")


def test_a_step_that_was_taken_from_the_cache_is_debugged_too(
    open_notebook: Open,
) -> None:
    cells: Cells = [
        (["step:load"], "rows = [4, 2, 6]"),
        (["step:use"], "half = rows[1] / 2\nprint('half is', half)"),
    ]
    page = open_notebook("cached.ipynb", document(cells))
    expect(node(page, "use")).to_be_visible()
    run(page)
    expect(node(page, "use")).to_have_attribute("data-status", "succeeded")
    run(page)
    expect(node(page, "use")).to_have_attribute("data-status", "cached")
    node(page, "use").click()
    page.get_by_role("button", name="Debug here").click()
    console = page.locator(".jp-CodeConsole")
    expect(console).to_contain_text("Loaded: rows.", timeout=60_000)
    prompt = console.locator(".jp-CodeConsole-promptCell .cm-content")
    prompt.click()
    page.keyboard.type("print('first', rows[0])")
    page.keyboard.press("Shift+Enter")
    expect(console.locator(".jp-OutputArea-output").last).to_have_text("first 4")
