from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.cli.conftest import FAILING, GOOD, REFUSED, Cells, document
from tests.ui.conftest import Lab, Open


def node(page: Page, step: str) -> Locator:
    return page.locator(f'.jp-kfx-Node[data-step="{step}"]')


def cell(page: Page, number: int) -> Locator:
    return page.locator(".jp-NotebookPanel .jp-Cell").nth(number)


def run(page: Page, **parameters: str) -> None:
    """Click through the dialog."""
    page.locator(".jp-NotebookPanel-toolbar").get_by_text("Run as pipeline").click()
    dialog = page.locator(".jp-Dialog")
    for name, value in parameters.items():
        dialog.get_by_label(name, exact=True).fill(value)
    dialog.get_by_role("button", name="Run", exact=True).click()


def test_the_graph_of_a_notebook_is_drawn(open_notebook: Open) -> None:
    page = open_notebook("compare_models.ipynb")
    expect(page.locator(".jp-kfx-Node")).to_have_count(6)
    edge = page.locator('.jp-kfx-Edge[data-source="split"][data-target="compare"]')
    expect(edge).to_have_class("jp-kfx-Edge jp-mod-data ")
    expect(page.locator(".jp-kfx-Edge-label", has_text="X, y")).to_have_count(1)
    expect(cell(page, 2)).to_have_attribute("data-kfx-name", "load")


def test_node_and_cell_point_at_each_other(open_notebook: Open) -> None:
    page = open_notebook("compare_models.ipynb")
    node(page, "forest").click()
    expect(cell(page, 6)).to_contain_class("jp-mod-active")
    expect(node(page, "forest")).to_have_attribute("aria-current", "true")
    cell(page, 2).locator(".cm-content").click()
    expect(node(page, "load")).to_have_attribute("aria-current", "true")
    node(page, "load").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(cell(page, 3)).to_contain_class("jp-mod-active")


def test_the_graph_follows_typing(open_notebook: Open) -> None:
    page = open_notebook("typed.ipynb", document(GOOD))
    expect(page.locator('.jp-kfx-Edge[data-source="load"]')).to_have_count(1)
    cell(page, 2).locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("total = 3")
    expect(page.locator('.jp-kfx-Edge[data-source="load"]')).to_have_count(0)


def test_tagging_changes_the_graph_and_can_be_undone(open_notebook: Open) -> None:
    cells = [(["mine", "step:a"], "x = 1"), ([], "y = x + 1"), ([], "print(y)")]
    page = open_notebook("tagged.ipynb", document(cells))
    expect(page.locator(".jp-kfx-Node")).to_have_count(1)
    cell(page, 1).locator(".cm-content").click()
    page.get_by_label("What the cell is").select_option("step")
    page.get_by_label("Name of the step").fill("b, or not")
    page.keyboard.press("Enter")
    expect(page.locator(".jp-kfx-Node")).to_have_count(2)
    expect(node(page, "b  or not")).to_be_visible()
    expect(cell(page, 1)).to_have_attribute("data-kfx-name", "b  or not")
    cell(page, 0).locator(".cm-content").click()
    page.get_by_label("What the cell is").select_option("skip")
    expect(node(page, "a")).to_have_count(0)
    tags = (
        "window.jupyterapp.shell.currentWidget.content.widgets"
        ".map(w => w.model.getMetadata('tags') ?? [])"
    )
    assert page.evaluate(tags) == [["mine", "skip"], ["step:b  or not"], []]
    for _ in range(2):
        page.evaluate(
            "void window.jupyterapp.commands.execute('notebook:undo-cell-action')"
        )
    expect(node(page, "a")).to_have_count(1)
    expect(page.locator(".jp-kfx-Node")).to_have_count(1)
    assert page.evaluate(tags) == [["mine", "step:a"], [], []]


UNTAGGED: Cells = [
    ([], "import math"),
    (["mine"], "rows = [str(n) for n in range(9)]\nrows.reverse()\nprint(rows)"),
    ([], "rows[0]"),
    (
        [],
        "# <img src=x onerror=window.caught=1>\nleft = sorted(rows)\nleft.append('1')",
    ),
    ([], "right = list(map(int, rows))\nright.sort()\nright.append(1)"),
    ([], "print(left, right)\nboth = sum(right) + len(left)\nprint(math.sqrt(both))"),
]

TAGS = (
    "window.jupyterapp.shell.currentWidget.content.widgets"
    ".map(w => w.model.getMetadata('tags') ?? [])"
)


def test_suggested_steps_are_shown_applied_and_undone(open_notebook: Open) -> None:
    page = open_notebook("untagged.ipynb", document(UNTAGGED))
    before = [tags for tags, _ in UNTAGGED]
    button = page.locator(".jp-kfx-Panel").get_by_role("button", name="Suggest steps")
    button.click()
    dialog = page.locator(".jp-Dialog")
    expect(dialog.locator("li")).to_have_count(4)
    expect(dialog.locator("li").first).to_contain_text(re.compile("Cells 2.3"))
    expect(dialog.locator("li").nth(1)).to_contain_text("at the same time as right")
    expect(dialog).to_contain_text(
        "Cell 1 only imports or defines: it is no step. Undo"
    )
    dialog.get_by_role("button", name="Cancel").click()
    assert page.evaluate(TAGS) == before
    button.click()
    dialog.get_by_role("button", name="Add these steps").click()
    expect(page.locator(".jp-kfx-Node")).to_have_count(4)
    expect(button).to_have_count(0)
    assert page.evaluate(TAGS)[1] == ["mine", "step:rows"]
    page.evaluate(
        "void window.jupyterapp.commands.execute('notebook:undo-cell-action')"
    )
    expect(page.locator(".jp-kfx-Node")).to_have_count(1)
    expect(button).to_be_visible()
    assert page.evaluate(TAGS) == before
    assert page.evaluate("window.caught") is None


def test_steps_that_are_there_are_not_suggested_anew(open_notebook: Open) -> None:
    page = open_notebook("good.ipynb", document(GOOD))
    expect(page.locator(".jp-kfx-Node")).to_have_count(2)
    expect(page.get_by_role("button", name="Suggest steps")).to_have_count(0)
    page.evaluate("void window.jupyterapp.commands.execute('kfx:suggest-steps')")
    expect(page.locator(".jp-Dialog")).to_contain_text("steps of its own")


def test_possible_edges_are_dashed(open_notebook: Open) -> None:
    cells = [
        (["step:a"], "import other\ndata = [1]"),
        (["step:b"], "other.mystery(data)"),
        (["step:c"], "print(data)"),
    ]
    page = open_notebook("possible.ipynb", document(cells))
    edge = page.locator('.jp-kfx-Edge[data-source="b"][data-target="c"]')
    expect(edge).to_contain_class("jp-mod-possible")
    expect(edge).to_have_css("stroke-dasharray", "6px, 4px")


def test_a_missing_server_part_is_told(open_notebook: Open, page: Page) -> None:
    gone = re.compile("/jupyter-kfx/(analyse|engines|runs)")
    page.route(gone, lambda route: route.fulfill(status=404, body=""))
    open_notebook("alone.ipynb", document(GOOD))
    told = page.locator(".jp-kfx-Panel").get_by_role("alert")
    expect(told).to_contain_text("install it where Jupyter Server runs")


def test_diagnostics_lead_to_their_cell(open_notebook: Open) -> None:
    page = open_notebook("refused.ipynb", document(REFUSED))
    found = page.get_by_label("Diagnostics")
    expect(found).to_contain_text("nowhere")
    found.get_by_role("button", name="Cell 2").click()
    expect(cell(page, 1)).to_contain_class("jp-mod-active")


def test_running_with_a_parameter_and_reading_a_log(
    open_notebook: Open, lab: Lab
) -> None:
    page = open_notebook("good.ipynb", document(GOOD))
    expect(page.locator(".jp-kfx-Node")).to_have_count(2)
    run(page, n="5")
    for step in ("load", "total"):
        expect(node(page, step)).to_have_attribute(
            "data-status", "succeeded", timeout=30_000
        )
    expect(page.locator(".jp-kfx-Header")).to_contain_text("total = 10")
    node(page, "total").click()
    expect(page.get_by_role("log")).to_have_text("total 10")
    page.get_by_role("button", name="Open executed cells").click()
    executed = page.locator(".jp-kfx-StepNotebook")
    outputs = executed.locator(".jp-OutputArea-output")
    expect(outputs).to_have_text(["total 10", "10"])
    expect(executed.locator(".cm-content").last).to_have_attribute(
        "aria-readonly", "true"
    )
    # The file has neither outputs nor parameters of the run.
    assert json.loads((lab.folder / "good.ipynb").read_text()) == document(GOOD)


def test_a_failed_step_leads_to_its_cell(open_notebook: Open) -> None:
    page = open_notebook("failing.ipynb", document(FAILING))
    expect(page.locator(".jp-kfx-Node")).to_have_count(3)
    run(page)
    expect(node(page, "second")).to_have_attribute(
        "data-status", "failed", timeout=30_000
    )
    expect(node(page, "third")).to_have_attribute("data-status", "skipped")
    node(page, "second").click()
    cell(page, 0).locator(".cm-content").click()
    expect(page.get_by_role("log")).to_contain_text("ZeroDivisionError")
    page.get_by_role("button", name="Go to the cell").click()
    expect(cell(page, 1)).to_contain_class("jp-mod-active")


def test_cancelling_a_run_found_again_after_a_reload(open_notebook: Open) -> None:
    cells = [(["step:long"], "import time\nprint('on my way')\ntime.sleep(600)")]
    page = open_notebook("long.ipynb", document(cells))
    expect(page.locator(".jp-kfx-Node")).to_have_count(1)
    run(page)
    expect(node(page, "long")).to_have_attribute("data-status", "running")
    page.reload()
    page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell")
    page.evaluate("void window.jupyterapp.shell.activateById('jp-kfx-pipeline')")
    expect(node(page, "long")).to_have_attribute("data-status", "running")
    node(page, "long").click()
    expect(page.get_by_role("log")).to_contain_text("on my way")
    page.get_by_role("button", name="Cancel the run").click()
    expect(node(page, "long")).to_have_attribute("data-status", "cancelled")


def test_a_parameter_of_another_type_cannot_be_run(open_notebook: Open) -> None:
    page = open_notebook("wrong.ipynb", document(GOOD))
    expect(page.locator(".jp-kfx-Node")).to_have_count(2)
    page.get_by_role("button", name="Run as pipeline").last.click()
    dialog = page.locator(".jp-Dialog")
    button = dialog.get_by_role("button", name="Run", exact=True)
    expect(button).to_be_enabled()
    dialog.get_by_label("n", exact=True).fill("1.5")
    expect(button).to_be_disabled()


def test_a_hostile_notebook_runs_nothing(open_notebook: Open) -> None:
    bait = "<img src=x onerror=window.caught=1>"
    cells = [
        (
            [f"step:{bait}"],
            f"from IPython.display import HTML, display\nprint({bait!r})\n"
            f"display(HTML({bait + '<script>window.caught = 2</script>'!r}))",
        ),
        (["step:b"], f"raise KeyError({bait!r})"),
    ]
    content = document(cells)
    heading = f"# {bait}\n<script>window.caught = 3</script>"
    markdown = {"id": "m", "cell_type": "markdown", "metadata": {}, "source": heading}
    content["cells"].insert(0, markdown)
    page = open_notebook("hostile.ipynb", content)
    expect(page.locator(".jp-kfx-Node")).to_have_count(2)
    run(page)
    expect(node(page, "b")).to_have_attribute("data-status", "failed", timeout=30_000)
    page.locator(".jp-kfx-Node").first.click()
    expect(page.get_by_role("log")).to_have_text(bait)
    page.get_by_role("button", name="Open executed cells").click()
    executed = page.locator(".jp-kfx-StepNotebook")
    expect(executed.locator(".jp-RenderedHTML img")).to_be_attached()
    assert page.evaluate("window.caught") is None


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_colours_are_those_of_the_theme(open_notebook: Open, theme: str) -> None:
    page = open_notebook("clean_in_place.ipynb")
    page.evaluate(
        "theme => void window.jupyterapp.commands.execute('apputils:change-theme', {theme})",
        theme,
    )
    light = str(theme == "JupyterLab Light").lower()
    page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")
    expect(node(page, "read")).to_be_visible()
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)
    box: Any = page.locator(".jp-kfx-Node-box").first.evaluate(
        "box => getComputedStyle(box).fill.match(/\\d+/g).map(Number)"
    )
    assert (sum(box) > 384) == (theme == "JupyterLab Light")


def test_every_command_describes_its_arguments(open_notebook: Open) -> None:
    page = open_notebook("described.ipynb", document(GOOD))
    described = page.evaluate(
        """async () => {
          const { commands } = window.jupyterapp;
          const own = commands.listCommands().filter(id => id.startsWith('kfx:'));
          const found = await Promise.all(own.map(id => commands.describedBy(id)));
          return Object.fromEntries(own.map((id, i) => [id, found[i].args?.type]));
        }"""
    )
    assert "kfx:run-pipeline" in described
    assert set(described.values()) == {"object"}


def test_jupyterlab_is_told_how_to_uninstall() -> None:
    extensions = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
    told = json.loads((extensions / "jupyter-kfx" / "install.json").read_text("utf-8"))
    assert told["packageName"] == "jupyter_kfx"
    assert "uninstall the package" in told["uninstallInstructions"]
