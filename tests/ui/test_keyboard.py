"""From an untagged notebook to a finished run without a mouse."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.cli.conftest import Cells, document
from tests.ui.conftest import Open
from tests.ui.test_panel import TAGS, node

CELLS: Cells = [
    ([], "many = 4  # how many"),
    ([], "squares = [n * n for n in range(many)]"),
    ([], "print('their sum is', sum(squares))"),
]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_all_of_it_by_keyboard(open_notebook: Open) -> None:
    page = open_notebook("keys_alone.ipynb", document(CELLS))
    expect(page.locator(".jp-kfx-Node")).to_have_count(1)
    page.evaluate("window.jupyterapp.shell.collapseRight()")
    page.evaluate("window.jupyterapp.shell.currentWidget.activate()")
    press(page, "Escape", "t", "p")
    for name in ("square", "add"):
        press(page, "ArrowDown", "t", "s")
        expect(page.locator(".jp-Dialog")).to_be_visible()
        press(page, "Control+a")
        page.keyboard.type(name)
        press(page, "Enter")
        expect(page.locator(".jp-Dialog")).to_have_count(0)
    assert page.evaluate(TAGS) == [["parameters"], ["step:square"], ["step:add"]]

    expect(node(page, "add")).to_be_attached()

    # To the graph: what a screen reader is told there, and back.
    press(page, "Control+Alt+g")
    expect(node(page, "add")).to_be_focused()
    expect(node(page, "add")).to_have_role("button")
    expect(node(page, "add")).to_have_accessible_name(
        "Step add, takes squares from square"
    )
    press(page, "ArrowUp")
    expect(node(page, "square")).to_be_focused()
    press(page, "Escape")
    expect(node(page, "square")).not_to_be_focused()

    # Run it, with another value.
    press(page, "Control+Shift+c")
    page.keyboard.type("run as pipeline")
    press(page, "Enter")
    field = page.locator(".jp-Dialog").get_by_label("many", exact=True)
    expect(field).to_be_visible()
    for _ in range(20):
        if field.evaluate("it => it === document.activeElement"):
            break
        press(page, "Tab")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("how many")
    press(page, "Control+a")
    page.keyboard.type("5")
    button = page.locator(".jp-Dialog").get_by_role("button", name="Run", exact=True)
    for _ in range(20):
        if button.evaluate("it => it === document.activeElement"):
            break
        press(page, "Tab")
    press(page, "Enter")
    expect(node(page, "add")).to_have_attribute("data-status", "succeeded")
    expect(node(page, "add")).to_have_accessible_name(
        re.compile("Step add, succeeded .*takes squares from square")
    )

    # Read what it has printed.
    press(page, "Escape", "Control+Alt+g")
    if page.locator(".jp-kfx-Panel").is_hidden():
        press(page, "Control+Alt+g")
    expect(node(page, "add")).to_be_focused()
    press(page, "Enter")
    log = page.get_by_role("log")
    expect(log).to_have_text("their sum is 30")
    expect(log).to_have_accessible_name("Log of add")
