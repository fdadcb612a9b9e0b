"""A graph of many steps, and a graph as a file."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from playwright.sync_api import Page, expect

from tests.cli.conftest import Cells, document
from tests.ui.conftest import Open
from tests.ui.test_panel import node

COUNT = 200
MANY: Cells = [
    (["step:s0"], "x0 = 0"),
    *(([f"step:s{i}"], f"x{i} = x{i - 1}") for i in range(1, COUNT)),
]


def saved(page: Page, kind: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Save the graph as {kind}").click()
    assert download.value.suggested_filename == f"many.{kind.lower()}"
    return Path(download.value.path()).read_bytes()


def test_what_is_in_sight_of_a_large_graph_is_drawn(open_notebook: Open) -> None:
    page = open_notebook("many.ipynb", document(MANY))
    expect(node(page, "s0")).to_be_visible()
    expect(page.get_by_label(f"Pipeline of {COUNT} steps")).to_be_visible()
    assert 3 < page.locator(".jp-kfx-Node").count() < COUNT / 2
    # The keyboard gets everywhere, whatever is drawn.
    node(page, "s0").focus()
    page.keyboard.press("End")
    expect(node(page, f"s{COUNT - 1}")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(node(page, f"s{COUNT - 2}")).to_be_focused()
    expect(node(page, f"s{COUNT // 2}")).to_have_count(0)
    page.get_by_label(f"Pipeline of {COUNT} steps").hover()
    for _ in range(COUNT):
        if node(page, f"s{COUNT // 2}").is_visible():
            break
        page.mouse.wheel(0, -400)
        page.evaluate("new Promise(requestAnimationFrame)")
    expect(node(page, f"s{COUNT // 2}")).to_be_visible()
    # A file has all of it, with the colours and without our style sheet.
    drawing = ET.fromstring(saved(page, "SVG"))
    texts = [each.text for each in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {f"s{i}" for i in range(COUNT)} <= set(texts)
    assert all("class" not in each.attrib for each in drawing.iter())
    assert saved(page, "PNG").startswith(b"\x89PNG\r\n")
    page.get_by_role("button", name="Show the whole graph").click()
    expect(page.locator(".jp-kfx-Node")).to_have_count(COUNT)
