"""A step with a condition: drawn, read out, set in the form, and skipped."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.cli.conftest import Cells, document
from tests.ui.conftest import Open
from tests.ui.test_panel import cell, node, run
from tests.ui.test_settings import fill, metadata, section

HOSTILE = "'<img src=x onerror=alert(1)>' in str(n) or n > 3"
CELLS: Cells = [
    (["step:load"], "n = 1"),
    (["step:tune", f"when:{HOSTILE}"], "best = n"),
    (["step:use"], "print(best)"),
    (["step:show"], "print(n)"),
]


def test_a_condition_is_shown_and_decides(open_notebook: Open) -> None:
    page = open_notebook("conditions.ipynb", document(CELLS))
    tune = node(page, "tune")
    expect(tune.locator("title")).to_have_text(f"if {HOSTILE}")
    expect(tune).to_contain_text(f"{f'if {HOSTILE}'[:32]}…")
    expect(tune).to_have_attribute("aria-label", re.compile(re.escape(f"if {HOSTILE}")))
    run(page)
    expect(tune).to_have_attribute("data-status", "skipped", timeout=60_000)
    expect(node(page, "use")).to_have_attribute("data-status", "skipped")
    expect(node(page, "show")).to_have_attribute("data-status", "succeeded")
    tune.click()
    details = page.locator(".jp-kfx-Details")
    expect(details).to_contain_text(f"Skipped: its condition `{HOSTILE}` is false")
    node(page, "use").click()
    expect(details).to_contain_text("Skipped: it needs `best`, and step `tune`")
    assert page.locator("img[src='x']").count() == 0


def test_a_condition_is_set_in_the_form(open_notebook: Open) -> None:
    page = open_notebook("conditional.ipynb", document(CELLS[:1]))
    expect(node(page, "load")).to_be_visible()
    cell(page, 0).locator(".cm-content").click()
    form = section(page, "Pipeline Step")
    fill(form, "when", "max(1, 2) > 1")
    assert metadata(page, 0) == {"when": "max(1, 2) > 1"}
    page.get_by_role("tab", name="Pipeline of the notebook").click()
    expect(node(page, "load")).to_contain_text("if max(1, 2) > 1")
