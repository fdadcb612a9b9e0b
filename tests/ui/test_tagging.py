"""Saying what cells are in the pipeline: bar, palette, keyboard."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.cli.conftest import Cells, document
from tests.ui.conftest import Open
from tests.ui.test_panel import TAGS, cell, node

PLAIN: Cells = [
    (["mine"], "import math\nrows = [3, 1, 2]"),
    ([], "top = max(rows)"),
    ([], "print(top, math.pi)"),
]


def select(page: Page, first: int, last: int) -> None:
    """Select cells with the keyboard, from the first to the last."""
    cell(page, first).locator(".cm-content").click()
    page.keyboard.press("Escape")
    for _ in range(first, last):
        page.keyboard.press("Shift+ArrowDown")


def undo(page: Page) -> None:
    page.evaluate(
        "void window.jupyterapp.commands.execute('notebook:undo-cell-action')"
    )


def show_bar(page: Page, *, shown: bool) -> None:
    page.evaluate(
        """shown => {
          const { commands } = window.jupyterapp;
          const command = 'kfx:toggle-cell-bar';
          if (commands.isToggled(command) !== shown) void commands.execute(command);
        }""",
        shown,
    )


def test_the_bar_follows_the_active_cell(open_notebook: Open) -> None:
    page = open_notebook("bar.ipynb", document(PLAIN))
    cell(page, 1).locator(".cm-content").click()
    bar = page.locator(".jp-kfx-CellBar")
    expect(bar).to_have_count(1)
    expect(cell(page, 1).locator(".jp-kfx-CellBar")).to_be_visible()
    cell(page, 2).locator(".cm-content").click()
    expect(cell(page, 2).locator(".jp-kfx-CellBar")).to_be_visible()
    expect(bar).to_have_count(1)


def test_the_bar_names_all_selected_cells_in_one_step_of_undo(
    open_notebook: Open,
) -> None:
    page = open_notebook("several.ipynb", document(PLAIN))
    select(page, 0, 1)
    bar = page.locator(".jp-kfx-CellBar")
    expect(bar).to_contain_text("2 cells")
    bar.get_by_label("What the cell is").select_option("step")
    bar.get_by_label("Name of the step").fill("first")
    page.keyboard.press("Enter")
    expect(node(page, "first")).to_be_visible()
    assert page.evaluate(TAGS) == [["mine", "step:first"], ["step:first"], []]
    undo(page)
    expect(node(page, "first")).to_have_count(0)
    assert page.evaluate(TAGS) == [["mine"], [], []]


def test_letters_in_the_bar_are_no_commands(open_notebook: Open) -> None:
    page = open_notebook("letters.ipynb", document(PLAIN))
    select(page, 1, 1)
    page.get_by_label("What the cell is").focus()
    page.keyboard.press("d")
    page.keyboard.press("d")
    page.keyboard.press("b")
    expect(page.locator(".jp-NotebookPanel .jp-Cell")).to_have_count(3)


def test_steps_are_put_in_order_from_the_bar(open_notebook: Open) -> None:
    cells = [(["step:a"], "x = 1"), (["step:b", "mine"], "y = 2")]
    page = open_notebook("order.ipynb", document(cells))
    edge = page.locator('.jp-kfx-Edge[data-source="a"][data-target="b"]')
    expect(node(page, "b")).to_be_visible()
    expect(edge).to_have_count(0)
    cell(page, 1).locator(".cm-content").click()
    page.get_by_label("Run the step after another").select_option("a")
    expect(edge).to_contain_class("jp-mod-order")
    assert page.evaluate(TAGS)[1] == ["step:b", "mine", "after:a"]
    page.get_by_role("button", name="Not after a").click()
    expect(edge).to_have_count(0)
    assert page.evaluate(TAGS)[1] == ["step:b", "mine"]


def test_tagging_by_keyboard_alone(open_notebook: Open) -> None:
    page = open_notebook("keys.ipynb", document(PLAIN))
    select(page, 1, 2)
    page.keyboard.press("t")
    page.keyboard.press("s")
    dialog = page.locator(".jp-Dialog")
    dialog.get_by_role("combobox").fill("show")
    page.keyboard.press("Enter")
    expect(node(page, "show")).to_be_visible()
    assert page.evaluate(TAGS) == [["mine"], ["step:show"], ["step:show"]]
    select(page, 0, 0)
    page.keyboard.press("t")
    page.keyboard.press("k")
    expect(cell(page, 0)).not_to_have_attribute("data-kfx-name", "setup")
    assert page.evaluate(TAGS)[0] == ["mine", "skip"]
    page.keyboard.press("t")
    page.keyboard.press("n")
    assert page.evaluate(TAGS)[0] == ["mine"]


def test_tagging_from_the_command_palette(open_notebook: Open) -> None:
    page = open_notebook("palette.ipynb", document(PLAIN))
    select(page, 0, 0)
    palette = page.locator(".jp-ModalCommandPalette .lm-CommandPalette-input")
    # It closes when something else takes the focus, as a notebook does that opens.
    while not palette.is_visible():
        page.evaluate(
            "window.jupyterapp.commands.execute('apputils:activate-command-palette')"
        )
        page.wait_for_timeout(200)
    palette.fill("tag the cells as setup")
    page.keyboard.press("Enter")
    page.wait_for_function(f"{TAGS}[0].length === 2")
    assert page.evaluate(TAGS)[0] == ["mine", "imports"]


def test_without_the_bar_the_panel_has_it(open_notebook: Open) -> None:
    page = open_notebook("nobar.ipynb", document(PLAIN))
    cell(page, 1).locator(".cm-content").click()
    expect(page.locator(".jp-kfx-CellBar")).to_be_visible()
    expect(page.locator(".jp-kfx-Panel .jp-kfx-TagBar")).to_have_count(0)
    show_bar(page, shown=False)
    try:
        expect(page.locator(".jp-kfx-CellBar")).to_have_count(0)
        expect(page.locator(".jp-kfx-Panel .jp-kfx-TagBar")).to_be_visible()
    finally:
        show_bar(page, shown=True)
    expect(page.locator(".jp-kfx-CellBar")).to_be_visible()


def test_a_step_has_one_colour_beside_its_cells_and_in_the_graph(
    open_notebook: Open,
) -> None:
    page = open_notebook("compare_models.ipynb")
    expect(node(page, "split")).to_be_visible()
    expect(cell(page, 3)).to_have_attribute("data-kfx-name", "split")
    colours = page.evaluate(
        """() => [
          getComputedStyle(document.querySelectorAll(
            '.jp-NotebookPanel .jp-Cell')[3], '::before').backgroundColor,
          getComputedStyle(document.querySelector(
            '[data-step="split"] .jp-kfx-Node-stripe')).fill,
          getComputedStyle(document.querySelector(
            '[data-step="load"] .jp-kfx-Node-stripe')).fill]"""
    )
    assert colours[0] == colours[1]
    assert colours[0] != colours[2]
