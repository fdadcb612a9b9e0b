from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.cli.conftest import FAILING, GOOD, Cells, document
from tests.ui.conftest import Lab, Open, is_loaded


def start(lab: Lab, name: str, cells: Cells, **parameters: Any) -> str:
    """Start a run of a notebook and return its id."""
    (lab.folder / name).write_text(json.dumps(document(cells)), "utf-8")
    request = {"notebook": document(cells), "path": name, "parameters": parameters}
    return str(ask(lab, "POST", "jupyter-kfx/runs", request)["run"])


def ask(lab: Lab, method: str, route: str, body: Any = None) -> Any:
    request = urllib.request.Request(  # noqa: S310  (our own server)
        f"{lab.url}/{route}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        text = answer.read()
    return json.loads(text) if text else None


@pytest.fixture(autouse=True)
def _no_runs(lab: Lab) -> None:
    for run in ask(lab, "GET", "jupyter-kfx/runs"):
        if run["status"] != "running":
            ask(lab, "DELETE", f"jupyter-kfx/runs/{run['run']}")


@pytest.fixture
def runs(page: Page, lab: Lab) -> Locator:
    """Give the list of runs, opened in JupyterLab."""
    if not is_loaded(page, lab):
        page.goto(f"{lab.url}/lab?reset")
        page.evaluate("window.isAsLoaded = true")
    page.wait_for_function(
        "window.jupyterapp?.commands.hasCommand('kfx:show-runs') ?? false"
    )
    page.evaluate("void window.jupyterapp.commands.execute('kfx:show-runs')")
    shown = page.locator(".jp-kfx-Runs")
    expect(shown).to_be_visible()
    return shown


def row(runs: Locator, run: str) -> Locator:
    return runs.locator(f'tr[data-run="{run}"]')


def has_ended(runs: Locator, run: str, status: str) -> None:
    expect(row(runs, run)).to_have_attribute("data-status", status, timeout=30_000)


def test_runs_are_listed_filtered_and_opened(runs: Locator, lab: Lab) -> None:
    expect(runs).to_contain_text("Nothing has been run yet.")
    good = start(lab, "one.ipynb", GOOD, n=5)
    bad = start(lab, "two.ipynb", FAILING)
    has_ended(runs, good, "succeeded")
    has_ended(runs, bad, "failed")
    expect(row(runs, good)).to_contain_text("n = 5")
    expect(row(runs, good)).to_contain_text("total = 10")
    expect(row(runs, good)).to_contain_text(re.compile(r"\d\.\d s"))
    runs.get_by_label("Status", exact=True).select_option("failed")
    expect(row(runs, good)).to_have_count(0)
    expect(runs.get_by_role("status")).to_have_text("1 of 2 runs")
    runs.get_by_label("Status", exact=True).select_option("")
    runs.get_by_label("Notebook", exact=True).select_option("one.ipynb")
    expect(row(runs, bad)).to_have_count(0)
    runs.get_by_label("Notebook", exact=True).select_option("")
    runs.get_by_label("Search in runs").fill("total 10")
    expect(row(runs, bad)).to_have_count(0)
    runs.get_by_label("Search in runs").fill("nothing like it")
    expect(runs).to_contain_text("No run is like that.")
    runs.get_by_label("Search in runs").fill("")
    row(runs, bad).get_by_role("button", name=bad, exact=True).click()
    details = runs.get_by_label(f"Run {bad}", exact=True)
    expect(details).to_contain_text("ZeroDivisionError: division by zero")
    details.get_by_role("button", name="second").click()
    expect(details.get_by_role("log")).to_contain_text("ZeroDivisionError")
    expect(details.get_by_role("link", name="executed cells")).to_have_count(2)


def test_runs_are_compared(runs: Locator, lab: Lab) -> None:
    other = [
        *GOOD[:2],
        (["step:total"], "total = sum(rows) * 2\nprint(total)"),
        GOOD[3],
    ]
    one = start(lab, "compared.ipynb", GOOD)
    has_ended(runs, one, "succeeded")
    two = start(lab, "compared.ipynb", other, n=4)
    has_ended(runs, two, "succeeded")
    button = runs.get_by_role("button", name="Compare")
    expect(button).to_be_disabled()
    for run in (one, two):
        runs.get_by_label(f"Choose run {run}").check()
    button.click()
    shown = runs.get_by_label("Comparison of runs")
    given = shown.get_by_role("table", name="Parameters")
    expect(given.locator("tr.jp-mod-different td")).to_have_text(["3", "4"])
    metrics = shown.get_by_role("table", name="Metrics")
    expect(metrics.locator("tr.jp-mod-different td")).to_have_text(["3", "12"])
    is_cut = "all => all.some(each => each.scrollWidth > each.clientWidth)"
    assert not shown.locator("th, td").evaluate_all(is_cut)
    expect(shown.get_by_role("img")).to_have_attribute(
        "aria-label", f"total by run: {one}: 3, {two}: 12"
    )
    expect(shown.locator(".jp-mod-removed")).to_contain_text(["total = sum(rows)"])
    expect(shown.locator(".jp-mod-added").first).to_contain_text("sum(rows) * 2")
    expect(shown.locator("li", has_text="rows")).to_have_count(1)


def test_a_run_is_cancelled_run_again_and_deleted(
    runs: Locator, lab: Lab, page: Page
) -> None:
    long = start(lab, "long.ipynb", [(["step:a"], "import time\ntime.sleep(600)")])
    row(runs, long).get_by_role("button", name="Cancel").click()
    has_ended(runs, long, "cancelled")
    run = start(lab, "again.ipynb", GOOD, n=7)
    has_ended(runs, run, "succeeded")
    row(runs, run).get_by_role("button", name="again").click()
    again = runs.locator("tr[data-run]", has_text="n = 7")
    expect(again).to_have_count(2)
    expect(again.first).to_have_attribute("data-status", "succeeded", timeout=30_000)
    row(runs, long).get_by_role("button", name="Delete").click()
    page.locator(".jp-Dialog").get_by_role("button", name="Cancel").click()
    expect(row(runs, long)).to_have_count(1)
    row(runs, long).get_by_role("button", name="Delete").click()
    page.locator(".jp-Dialog").get_by_role("button", name="Delete").click()
    expect(row(runs, long)).to_have_count(0)


def test_the_end_of_a_long_run_is_told(
    open_notebook: Open, lab: Lab, page: Page
) -> None:
    route = "lab/api/settings/jupyter-kfx:runs"
    ask(lab, "PUT", route, {"raw": '{"notifyAfter": 1}'})
    try:
        page.goto("about:blank")  # settings are read when JupyterLab is loaded
        cells = [(["step:<b>a"], "import time\ntime.sleep(2)")]
        page = open_notebook("told<b>.ipynb", document(cells))
        expect(page.locator(".jp-kfx-Panel .jp-kfx-Node")).to_be_visible()
        page.locator(".jp-NotebookPanel-toolbar").get_by_text("Run as pipeline").click()
        page.locator(".jp-Dialog").get_by_role("button", name="Run", exact=True).click()
        told = page.locator(".jp-toast-message, .Toastify__toast").first
        expect(told).to_contain_text("told<b>.ipynb has succeeded", timeout=30_000)
        page.get_by_role("button", name="Open the run").click()
        expect(page.locator(".jp-kfx-Runs .jp-kfx-Details")).to_contain_text("<b>a")
    finally:
        ask(lab, "PUT", route, {"raw": "{}"})
        page.goto("about:blank")


def test_what_others_wrote_is_text(runs: Locator, lab: Lab, page: Page) -> None:
    bait = "<img src=x onerror=window.caught=1>"
    cells: Cells = [
        (["parameters"], f"p = {bait!r}"),
        ([f"step:{bait}"], f"print({bait!r})\nraise KeyError({bait!r})"),
    ]
    run = start(lab, "bait.ipynb", cells, p=f"{bait}!")
    has_ended(runs, run, "failed")
    expect(row(runs, run)).to_contain_text(f"{bait}!")
    row(runs, run).get_by_role("button", name=run, exact=True).click()
    runs.locator(".jp-kfx-Runs-steps button[aria-expanded]").click()
    expect(runs.get_by_role("log")).to_contain_text(bait)
    assert page.evaluate("window.caught") is None


@pytest.mark.parametrize("width", [250, 320, 600, 1000])
def test_nothing_of_a_run_is_hidden_where_there_is_little_room(
    runs: Locator, lab: Lab, width: int
) -> None:
    run = start(lab, "narrow.ipynb", GOOD, n=5)
    has_ended(runs, run, "succeeded")
    runs.evaluate("(it, width) => (it.style.width = `${width}px`)", width)
    hidden = row(runs, run).evaluate(
        """row => [...row.cells].filter(cell => {
          const range = document.createRange();
          range.selectNodeContents(cell);
          const {left, right, top, bottom} = range.getBoundingClientRect();
          const within = row.closest('.jp-kfx-Runs').getBoundingClientRect();
          const seen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
          return left < within.left || right > within.right || !cell.contains(seen);
        }).map(cell => cell.textContent)"""
    )
    assert hidden == []
    expect(row(runs, run).get_by_role("cell")).to_contain_text(["total = 10"])
