"""Running as a pipeline: what is asked for, what is seen."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.cli.conftest import Cells, document
from tests.ui.conftest import Open
from tests.ui.test_panel import node, run

TYPED: Cells = [
    (
        ["parameters"],
        "from typing import Literal\n"
        "rows: int = 3  # how many rows\n"
        "how: Literal['mean', 'sum'] = 'sum'\n"
        "names = ['a']\n"
        "dry = True",
    ),
    (["step:load"], "values = list(range(rows))\nprint('loading')"),
    (["step:total", "pipeline-metrics"], "total = sum(values)\ntotal"),
]


def test_parameters_are_asked_for_by_their_types_and_remembered(
    open_notebook: Open,
) -> None:
    page = open_notebook("typed.ipynb", document(TYPED))
    expect(node(page, "total")).to_be_visible()
    page.locator(".jp-NotebookPanel-toolbar").get_by_text("Run as pipeline").click()
    dialog = page.locator(".jp-Dialog")
    button = dialog.get_by_role("button", name="Run", exact=True)
    rows = dialog.get_by_label("rows", exact=True)
    expect(rows).to_have_value("3")
    expect(dialog).to_contain_text("how many rows")
    rows.fill("many")
    expect(button).to_be_disabled()
    rows.fill("5")
    expect(button).to_be_enabled()
    dialog.get_by_label("how", exact=True).select_option("mean")
    dialog.get_by_label("names", exact=True).fill('["b", "c"]')
    dialog.get_by_label("dry", exact=True).select_option("no")
    button.click()
    expect(node(page, "total")).to_have_attribute(
        "data-status", "succeeded", timeout=30_000
    )
    expect(page.locator(".jp-kfx-Header")).to_contain_text("total = 10")
    given = page.evaluate(
        """async () => {
          const answer = await fetch('/jupyter-kfx/runs?path=typed.ipynb');
          return (await answer.json())[0].parameters;
        }"""
    )
    assert given == {"rows": 5, "how": "mean", "names": ["b", "c"], "dry": False}
    page.wait_for_timeout(1000)  # what is remembered is written a moment later
    page.reload()
    expect(node(page, "total")).to_have_attribute(
        "data-status", re.compile("succeeded|cached")
    )
    page.locator(".jp-NotebookPanel-toolbar").get_by_text("Run as pipeline").click()
    expect(rows).to_have_value("5")
    expect(dialog.get_by_label("how", exact=True)).to_have_value('"mean"')


def test_a_part_of_the_pipeline_runs_from_a_node(open_notebook: Open) -> None:
    page = open_notebook("parts.ipynb", document(TYPED))
    expect(node(page, "total")).to_be_visible()
    run(page, rows="4")
    expect(node(page, "total")).to_have_attribute(
        "data-status", "succeeded", timeout=30_000
    )
    node(page, "total").click()
    page.get_by_role("button", name="Run only this").click()
    expect(node(page, "load")).to_have_attribute(
        "data-status", "cached", timeout=30_000
    )
    expect(page.locator(".jp-kfx-Header")).to_contain_text("total = 6")
    expect(node(page, "total")).to_have_attribute("data-status", "succeeded")
    node(page, "load").click(button="right")
    page.get_by_role("menuitem", name="Run the Pipeline From This Step").click()
    expect(node(page, "load")).to_have_attribute(
        "data-status", "succeeded", timeout=30_000
    )
    expect(page.locator(".jp-kfx-Header")).to_contain_text("The run succeeded")
    expect(node(page, "total")).to_have_attribute("data-status", "succeeded")


BEGUN: Cells = [
    (["step:begin"], "squares = (i * i for i in range(9))\nnext(squares)"),
    (["step:go on"], "print('next', next(squares))"),
    (["step:apart"], "print('apart')"),
]


def test_steps_that_run_as_one_are_all_shown(open_notebook: Open) -> None:
    page = open_notebook("begun.ipynb", document(BEGUN))
    expect(node(page, "apart")).to_be_visible()
    run(page)
    expect(page.locator(".jp-kfx-Header")).to_contain_text(
        "The run succeeded", timeout=30_000
    )
    for name in ("begin", "go on", "apart"):
        expect(node(page, name)).to_have_attribute("data-status", "succeeded")
    node(page, "go on").click()
    expect(page.locator(".jp-kfx-Details")).to_contain_text(
        "it ran as one with `begin`"
    )


def test_a_log_is_read_while_it_grows(open_notebook: Open) -> None:
    cells = [
        (
            ["step:slow"],
            "import pathlib, time\n"
            "print('one')\n"
            "while not pathlib.Path('go').exists(): time.sleep(0.05)\n"
            "print('two')",
        )
    ]
    page = open_notebook("grows.ipynb", document(cells))
    expect(node(page, "slow")).to_be_visible()
    run(page)
    expect(node(page, "slow")).to_have_attribute("data-status", "running")
    node(page, "slow").click()
    log = page.get_by_role("log")
    expect(log).to_have_text("one")
    elapsed = node(page, "slow").locator(".jp-kfx-Node-status")
    first = elapsed.text_content() or ""
    expect(elapsed).not_to_have_text(first)
    page.evaluate(
        """fetch('/api/contents/go', {method: 'PUT', body: JSON.stringify(
           {type: 'file', format: 'text', content: ''})})"""
    )
    expect(log).to_have_text("one\ntwo")
    expect(node(page, "slow")).to_have_attribute("data-status", "succeeded")
