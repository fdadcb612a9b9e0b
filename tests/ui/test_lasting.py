"""Runs outlive a server; two people share a notebook."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cli.conftest import GOOD, document
from tests.ui.conftest import (
    COLLABORATION_IS_THERE,
    Servers,
    opened,
)
from tests.ui.test_panel import cell, node, run

LONG = [
    (
        ["step:long"],
        "import pathlib, time\n"
        "print('on my way')\n"
        "while not pathlib.Path('go').exists(): time.sleep(0.05)\n"
        "print('arrived')",
    )
]


def test_a_run_is_found_again_after_the_server_was_restarted(
    page: Page, servers: Servers
) -> None:
    server = servers.start()
    opened(page, server.lab, "long.ipynb", document(LONG))
    expect(node(page, "long")).to_be_visible()
    run(page)
    expect(node(page, "long")).to_have_attribute("data-status", "running")
    node(page, "long").click()
    expect(page.get_by_role("log")).to_contain_text("on my way")
    server = servers.restart(server)
    (server.lab.folder / "go").touch()
    # The page was not reloaded: it has taken up the run where it lost it.
    expect(page.get_by_role("log")).to_contain_text("arrived")
    expect(node(page, "long")).to_have_attribute("data-status", "succeeded")
    page.goto(f"{server.lab.url}/lab/tree/long.ipynb?reset")
    page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell")
    page.evaluate("void window.jupyterapp.shell.activateById('jp-kfx-pipeline')")
    expect(node(page, "long")).to_have_attribute("data-status", "succeeded")


@pytest.mark.skipif(
    not COLLABORATION_IS_THERE, reason="jupyter-collaboration is not installed"
)
def test_two_browsers_see_the_same_tags_and_runs(
    browser: Browser, servers: Servers
) -> None:
    lab = servers.start(collaboration=True).lab
    first, second = browser.new_page(), browser.new_page()
    try:
        for page in (first, second):
            opened(page, lab, "shared.ipynb", document(GOOD))
            expect(node(page, "total")).to_be_visible()
        cell(first, 2).locator(".cm-content").click()
        bar = first.locator(".jp-kfx-CellBar")
        bar.get_by_label("Name of the step").fill("sum")
        first.keyboard.press("Enter")
        for page in (first, second):
            expect(node(page, "sum")).to_be_visible()
            expect(node(page, "total")).to_have_count(0)
        first.evaluate(
            "void window.jupyterapp.commands.execute('notebook:undo-cell-action')"
        )
        for page in (first, second):
            expect(node(page, "total")).to_be_visible()
        # What one of them runs is seen by the other.
        run(first, n="8")
        for page in (first, second):
            expect(node(page, "total")).to_have_attribute("data-status", "succeeded")
            expect(page.locator(".jp-kfx-Header")).to_contain_text("total = 28")
    finally:
        first.close()
        second.close()
