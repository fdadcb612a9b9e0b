"""Notebook 7 has all of it, too, in its own places."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.cli.conftest import GOOD, document
from tests.ui.conftest import NOTEBOOK_IS_THERE, Lab, opened
from tests.ui.test_debugging import CELLS
from tests.ui.test_panel import cell, node, run

pytestmark = pytest.mark.skipif(
    not NOTEBOOK_IS_THERE, reason="notebook is not installed"
)


def test_notebook_7_tags_draws_and_runs(page: Page, lab: Lab) -> None:
    opened(page, lab, "seven.ipynb", document(GOOD), tree="notebooks")
    expect(node(page, "total")).to_be_visible()
    cell(page, 2).locator(".cm-content").click()
    page.locator(".jp-kfx-CellBar").get_by_label("Name of the step").fill("sum")
    page.keyboard.press("Enter")
    expect(node(page, "sum")).to_be_visible()
    run(page, n="4")
    expect(node(page, "sum")).to_have_attribute("data-status", "succeeded")
    node(page, "sum").click()
    expect(page.get_by_role("log")).to_contain_text("total 6")


def test_all_of_the_panel_is_in_sight(page: Page, lab: Lab) -> None:
    opened(page, lab, "narrow.ipynb", document(GOOD), tree="notebooks")
    save = page.get_by_role("button", name="Save the graph as PNG")
    expect(save).to_be_visible()
    box = save.bounding_box()
    assert box
    assert page.viewport_size
    assert box["x"] + box["width"] <= page.viewport_size["width"]


def test_executed_cells_and_runs_are_below_the_notebook(page: Page, lab: Lab) -> None:
    opened(page, lab, "below.ipynb", document(GOOD), tree="notebooks")
    expect(node(page, "total")).to_be_visible()
    run(page, n="6")
    expect(node(page, "total")).to_have_attribute("data-status", "succeeded")
    node(page, "total").click()
    page.get_by_role("button", name="Open executed cells").click()
    executed = page.locator(".jp-kfx-StepNotebook")
    expect(executed.locator(".jp-OutputArea-output").first).to_have_text("total 15")
    box = executed.bounding_box()
    assert box
    assert box["height"] > 200
    for _ in range(2):
        page.evaluate("void window.jupyterapp.commands.execute('kfx:show-runs')")
        expect(page.locator(".jp-kfx-Runs")).to_contain_text("total = 15")
        expect(executed).to_be_hidden()
        page.get_by_role("tab", name="total (executed)").click()
        expect(executed).to_be_visible()


def test_a_step_is_debugged_in_a_console_of_its_own(page: Page, lab: Lab) -> None:
    opened(page, lab, "debugged7.ipynb", document(CELLS), tree="notebooks")
    expect(node(page, "use")).to_be_visible()
    run(page)
    expect(node(page, "use")).to_have_attribute("data-status", "failed")
    node(page, "use").click()
    with page.context.expect_page() as found:
        page.get_by_role("button", name="Debug here").click()
    tab = found.value
    try:
        console = tab.locator(".jp-CodeConsole")
        expect(console).to_contain_text("Loaded: rows.", timeout=60_000)
        expect(console.locator(".jp-OutputArea")).to_contain_text(
            ["ZeroDivisionError: float division by zero"]
        )
        prompt = console.locator(".jp-CodeConsole-promptCell .cm-content")
        expect(prompt).to_have_text("%debug")
        prompt.click()
        tab.keyboard.press("Control+a")
        tab.keyboard.type("print('there is', half, rows[2])")
        tab.keyboard.press("Shift+Enter")
        said = console.locator(".jp-OutputArea-output").last
        expect(said).to_have_text("there is 1.0 0")
    finally:
        tab.close()


def test_a_refusal_to_debug_leaves_no_empty_tab(page: Page, lab: Lab) -> None:
    opened(page, lab, "refused7.ipynb", document(GOOD), tree="notebooks")
    page.evaluate(
        """void window.jupyterapp.commands.execute(
          'kfx:debug-step', {run: 'no-such-run', step: 'total'})"""
    )
    expect(page.locator(".jp-Dialog")).to_contain_text("no-such-run")
    for _ in range(50):  # a tab takes a moment to close
        if len(page.context.pages) == 1:
            break
        page.wait_for_timeout(100)
    assert len(page.context.pages) == 1
