"""What is wrong with a cell is told at its place, with its cure."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.cli.conftest import FAILING, document
from tests.ui.conftest import Open
from tests.ui.test_panel import TAGS, cell, node, run


def test_findings_are_below_their_line_in_the_list_and_in_the_graph(
    open_notebook: Open,
) -> None:
    cells = [(["step:a"], "x = 1\ny = missing\nz = 3"), (["step:b"], "x")]
    page = open_notebook("found.ipynb", document(cells))
    found = cell(page, 0).locator(".jp-kfx-Finding")
    expect(found).to_contain_text("no cell binds missing")
    expect(cell(page, 0).locator(".jp-kfx-Line")).to_have_text("y = missing")
    expect(page.get_by_label("Diagnostics")).to_contain_text("Cell 1, line 2")
    expect(node(page, "a").locator(".jp-kfx-Node-found")).to_be_visible()
    expect(node(page, "b").locator(".jp-kfx-Node-found")).to_have_count(0)
    cell(page, 0).get_by_text("missing").first.click()
    page.keyboard.press("End")
    page.keyboard.type("_one = 2")
    page.keyboard.press("Home")
    page.keyboard.type("y = ")
    expect(found).to_have_count(0)


def test_a_misspelt_tag_is_cured_where_it_is_told(open_notebook: Open) -> None:
    cells = [(["stpe:a", "mine"], "x = [1]\nx.append(2)"), (["step:b"], "x")]
    page = open_notebook("misspelt.ipynb", document(cells))
    cell(page, 0).get_by_role("button", name="Tag it “step:a”").click()
    expect(node(page, "a")).to_be_visible()
    assert page.evaluate(TAGS)[0] == ["step:a", "mine"]
    expect(cell(page, 0).locator(".jp-kfx-Finding")).to_have_count(0)


def test_a_step_that_would_be_reordered_gets_a_name_of_its_own(
    open_notebook: Open,
) -> None:
    cells = [
        (["step:a"], "x = [1]"),
        (["step:b"], "x.append(2)"),
        (["step:a"], "print(x)"),
    ]
    page = open_notebook("reordered.ipynb", document(cells))
    found = page.get_by_label("Diagnostics")
    found.get_by_role("button", name="Tag it “step:a 2”").click()
    expect(node(page, "a 2")).to_be_visible()
    expect(found).to_have_count(0)
    assert page.evaluate(TAGS) == [["step:a"], ["step:b"], ["step:a 2"]]


def test_a_failed_run_is_told_at_its_line_until_that_is_edited(
    open_notebook: Open,
) -> None:
    page = open_notebook("broken.ipynb", document(FAILING))
    expect(node(page, "third")).to_be_visible()
    run(page)
    found = cell(page, 1).locator(".jp-kfx-Finding")
    expect(found).to_contain_text("ZeroDivisionError", timeout=30_000)
    expect(cell(page, 1).locator(".jp-kfx-Line")).to_have_text("z = x / y")
    cell(page, 1).locator(".cm-line").first.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("y")
    expect(found.filter(has_text="ZeroDivisionError")).to_have_count(0)
