from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Locator, Page, expect

from tests.cli.conftest import GOOD, REFUSED, Cells, document
from tests.ui.conftest import Lab
from tests.ui.test_access import faults
from tests.ui.test_runs import ask


def slow(where: str) -> Cells:
    """Return cells that no other test has run, so that nothing of them is cached."""
    count = "import time\nfor i in range(n):\n    print(word, i)\n    time.sleep(1)"
    return [
        (["parameters"], f"n = 2  # seconds\nword = {where!r}"),
        (["step:count"], count),
        (["step:end"], "print(word, i)"),
    ]


Shown = Callable[..., Locator]


@pytest.fixture(params=["lab", "notebook"])
def shown(page: Page, lab: Lab, request: pytest.FixtureRequest) -> Shown:
    """Give what shows the widget of a notebook in another one."""

    def show(name: str, cells: Cells, code: str = "w") -> Locator:
        (lab.folder / name).write_text(json.dumps(document(cells)), "utf-8")
        own = f"watch_{request.param}_{name}"
        script = (
            "from jupyter_kfx.widget import PipelineWidget\n"
            f"w = PipelineWidget({name!r})\n{code}"
        )
        other = document([([], script), ([], "print(w.selected, w.run['status'])")])
        (lab.folder / own).write_text(json.dumps(other), "utf-8")
        where = "lab/tree" if request.param == "lab" else "notebooks"
        page.goto(f"{lab.url}/{where}/{own}?reset")
        page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell")
        # Until the kernel is there, running a cell asks which one to take.
        page.wait_for_function(
            "window.jupyterapp.shell.currentWidget.sessionContext.session"
            "?.kernel?.status === 'idle'",
            timeout=90_000,
        )
        run_cell(page, 0)
        return page.locator(".jp-kfx-Widget")

    return show


def run_cell(page: Page, number: int) -> None:
    cell = page.locator(".jp-NotebookPanel .jp-CodeCell").nth(number)
    cell.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")


def node(widget: Locator, step: str) -> Locator:
    return widget.locator(f'.jp-kfx-Node[data-step="{step}"]')


def test_the_widget_runs_and_reads_a_growing_log(
    shown: Shown, page: Page, request: pytest.FixtureRequest
) -> None:
    word = request.node.callspec.params["shown"]
    widget = shown("slow.ipynb", slow(word))
    expect(node(widget, "count")).to_be_visible(timeout=60_000)
    expect(widget.locator(".jp-kfx-Edge")).to_have_count(1)
    widget.get_by_label("n", exact=True).fill("3")
    widget.get_by_role("button", name="Run as pipeline").click()
    expect(node(widget, "count")).to_have_attribute(
        "data-status", "running", timeout=30_000
    )
    node(widget, "count").click()
    expect(widget.get_by_role("log")).to_contain_text(f"{word} 0")
    expect(node(widget, "end")).to_have_attribute(
        "data-status", "succeeded", timeout=30_000
    )
    expect(widget.get_by_role("log")).to_have_text(f"{word} 0\n{word} 1\n{word} 2")
    expect(widget.get_by_role("status")).to_have_text("The run succeeded")
    # The picture for pages without widgets is hidden.
    expect(page.locator(".jp-kfx-Picture")).to_be_attached()
    expect(page.locator(".jp-kfx-Picture")).to_be_hidden()
    run_cell(page, 1)
    outputs = page.locator(".jp-NotebookPanel .jp-OutputArea-output")
    expect(outputs.last).to_have_text("count succeeded")


def test_the_widget_cancels_and_follows_the_file(
    shown: Shown, page: Page, lab: Lab
) -> None:
    long: Cells = [(["step:long"], "import time\ntime.sleep(600)")]
    widget = shown("cancelled.ipynb", long)
    expect(node(widget, "long")).to_be_visible(timeout=60_000)
    widget.get_by_role("button", name="Run as pipeline").click()
    expect(node(widget, "long")).to_have_attribute(
        "data-status", "running", timeout=30_000
    )
    widget.get_by_role("button", name="Cancel the run").click()
    expect(node(widget, "long")).to_have_attribute("data-status", "cancelled")
    more: Cells = [*long, (["step:<b>more"], "x = time")]
    (lab.folder / "cancelled.ipynb").write_text(json.dumps(document(more)), "utf-8")
    expect(widget.locator(".jp-kfx-Node")).to_have_count(2)
    expect(widget).to_contain_text("<b>more")


@pytest.mark.parametrize("shown", ["lab"], indirect=True)
def test_the_widget_marks_a_wrong_parameter_and_tells_a_refusal(
    shown: Shown, lab: Lab
) -> None:
    widget = shown("good.ipynb", GOOD)
    field = widget.get_by_label("n", exact=True)
    button = widget.get_by_role("button", name="Run as pipeline")
    expect(field).to_have_value("3", timeout=60_000)
    for wrong in ("1.5", "some", ""):
        field.fill(wrong)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_class("jp-mod-error")
        expect(button).to_be_disabled()
    field.fill("4")
    expect(button).to_be_enabled()
    expect(field).not_to_have_class("jp-mod-error")
    text = json.dumps(document(REFUSED))
    (lab.folder / "good.ipynb").write_text(text, "utf-8")
    expect(node(widget, "a")).to_be_visible()
    button.click()
    expect(widget.get_by_role("alert")).to_contain_text("nowhere")


def test_the_front_end_is_small() -> None:
    package = Path(__file__).parents[2] / "jupyter_kfx"
    own = [*package.glob("static/*.js"), *package.glob("labextension/static/*.js")]
    assert sum(path.stat().st_size for path in own) <= 400_000


@pytest.mark.parametrize("shown", ["lab"], indirect=True)
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_the_widget_has_the_colours_of_the_theme(
    shown: Shown, page: Page, theme: str
) -> None:
    widget = shown("themed.ipynb", GOOD)
    expect(node(widget, "load")).to_be_visible(timeout=60_000)
    page.evaluate(
        "theme => void window.jupyterapp.commands.execute('apputils:change-theme', {theme})",
        theme,
    )
    light = str(theme == "JupyterLab Light").lower()
    page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)
    box: Any = widget.locator(".jp-kfx-Node-box").first.evaluate(
        "box => getComputedStyle(box).fill.match(/\\d+/g).map(Number)"
    )
    assert (sum(box) > 384) == (theme == "JupyterLab Light")
    assert faults(page, ".jp-kfx-Widget") == []


DRAWING = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='30'/>"
DRAWN: Cells = [
    (
        ["step:draw"],
        f"from IPython.display import SVG, display\ndisplay(SVG({DRAWING!r}))",
    )
]


@pytest.mark.parametrize("shown", ["lab"], indirect=True)
def test_the_widget_shows_the_plots_of_a_step(shown: Shown) -> None:
    widget = shown("drawn.ipynb", DRAWN)
    expect(node(widget, "draw")).to_be_visible(timeout=60_000)
    widget.get_by_role("button", name="Run as pipeline").click()
    expect(node(widget, "draw")).to_have_attribute("data-status", "succeeded")
    node(widget, "draw").click()
    plot = widget.locator(".jp-kfx-Plots img")
    expect(plot).to_have_count(1)
    assert plot.evaluate("it => it.decode().then(() => it.naturalWidth)") == 40


@pytest.mark.parametrize("shown", ["lab"], indirect=True)
def test_a_kernel_that_is_gone_is_told(shown: Shown, page: Page) -> None:
    widget = shown("gone.ipynb", GOOD)
    expect(node(widget, "load")).to_be_visible(timeout=60_000)
    page.evaluate(
        "window.jupyterapp.shell.currentWidget.sessionContext.shutdown()",
    )
    widget.get_by_role("button", name="Run as pipeline").click()
    expect(widget.get_by_role("alert")).to_contain_text("kernel does not answer")


@pytest.mark.parametrize("shown", ["lab"], indirect=True)
def test_a_page_made_of_a_saved_notebook_has_the_picture(
    shown: Shown, page: Page, lab: Lab
) -> None:
    """JupyterLab saves the states of widgets, if it is told to."""
    route = "lab/api/settings/@jupyter-widgets/jupyterlab-manager:plugin"
    ask(lab, "PUT", route, {"raw": '{"saveState": true}'})
    try:
        page.goto("about:blank")
        widget = shown("kept.ipynb", GOOD)
        expect(node(widget, "load")).to_be_visible(timeout=60_000)
        page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    finally:
        ask(lab, "PUT", route, {"raw": "{}"})
    saved = lab.folder / "watch_lab_kept.ipynb"
    [state] = [
        each["state"]
        for each in json.loads(saved.read_text())["metadata"]["widgets"].values()
    ]
    assert any("_esm" in each["state"] for each in state.values())
    exporter = HTMLExporter()  # type: ignore[no-untyped-call]
    html, _ = exporter.from_filename(str(saved))
    page.route(
        "**/saved.html",
        lambda route: route.fulfill(body=html, content_type="text/html"),
    )
    page.goto(f"{lab.url}/saved.html")
    picture = page.locator(".jp-OutputArea img")
    expect(picture).to_have_count(1)
    expect(picture).to_have_attribute("alt", "kept: 2 steps")
    assert picture.evaluate("it => it.decode().then(() => it.naturalWidth)") > 50
    # What would run the widget there, had it been found, leaves it alone.
    page.evaluate(
        """async code => {
          const url = URL.createObjectURL(new Blob([code], {type: 'text/javascript'}));
          const { default: widget } = await import(url);
          const el = document.body.appendChild(document.createElement('div'));
          el.id = 'revived';
          widget.render({ model: {}, el });
        }""",
        next(
            each["state"]["_esm"] for each in state.values() if "_esm" in each["state"]
        ),
    )
    expect(page.locator("#revived")).to_be_empty()
    expect(picture).to_be_visible()
