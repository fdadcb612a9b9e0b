"""Settings of steps and of the pipeline in the property inspector."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.cli.conftest import Cells, document
from tests.ui.conftest import Lab, Open
from tests.ui.test_panel import cell, node
from tests.ui.test_runs import ask
from tests.ui.test_tagging import undo

CELLS: Cells = [
    (["step:a"], "x = 1"),
    (["step:b", "gpu:1"], "y = x"),
]


def section(page: Page, name: str) -> Locator:
    """Open a section of the property inspector."""
    page.evaluate(
        "void window.jupyterapp.commands.execute('property-inspector:show-panel')"
    )
    for each in ("Pipeline Step", "Pipeline"):
        exactly = re.compile(rf"^\s*{each}\s*$")
        title = page.locator(".jp-Collapse-header").filter(has_text=exactly)
        expect(title).to_be_visible()
        is_open = "jp-Collapse-header-collapsed" not in str(
            title.get_attribute("class")
        )
        if is_open != (each == name):
            title.click()
    return page.locator(".jp-kfx-Settings:visible")


def fill(form: Locator, name: str, value: str) -> None:
    field = form.get_by_label(name, exact=True)
    field.fill(value)
    field.blur()


def metadata(page: Page, number: int) -> Any:
    return page.evaluate(
        """number => window.jupyterapp.shell.currentWidget.content.widgets[number]
           .model.getMetadata('kfx')""",
        number,
    )


def test_settings_of_a_step_are_a_form(open_notebook: Open) -> None:
    notebook = document(CELLS)
    page = open_notebook("settings.ipynb", notebook)
    expect(node(page, "b")).to_be_visible()
    cell(page, 0).locator(".cm-content").click()
    form = section(page, "Pipeline Step")
    expect(form).to_contain_text("Of step a")
    fill(form, "cpu", "0.5")
    fill(form, "memory", "2Gi")
    fill(form, "env", "A=1\nB=x=y")
    form.get_by_label("cache", exact=True).select_option("disabled")
    page.wait_for_timeout(1000)  # what comes sooner is undone together
    form.get_by_label("report", exact=True).select_option("yes")
    page.wait_for_function(
        """window.jupyterapp.shell.currentWidget.content.widgets[0]
           .model.getMetadata('kfx')?.report === true"""
    )
    assert metadata(page, 0) == {
        "cpu": 0.5,
        "memory": "2Gi",
        "env": {"A": "1", "B": "x=y"},
        "cache": "disabled",
        "report": True,
    }
    undo(page)
    expect(form.get_by_label("report", exact=True)).to_have_value("")
    assert "report" not in metadata(page, 0)
    fill(form, "memory", "much")
    expect(form.get_by_label("memory", exact=True)).to_have_attribute(
        "aria-invalid", "true"
    )
    assert metadata(page, 0)["memory"] == "2Gi"


def test_lists_of_objects_and_tags_in_the_form(open_notebook: Open) -> None:
    page = open_notebook("lists.ipynb", document(CELLS))
    expect(node(page, "b")).to_be_visible()
    cell(page, 1).locator(".cm-content").click()
    form = section(page, "Pipeline Step")
    expect(form).to_contain_text("Set by the tag “gpu:1”")
    expect(form.get_by_label("gpu", exact=True)).to_be_disabled()
    volumes = form.get_by_role("group", name="volumes")
    volumes.get_by_role("button", name="Add").click()
    fill(volumes, "claim", "data")
    assert metadata(page, 1) is None
    fill(volumes, "path", "/data")
    expect(volumes.get_by_role("button", name="Remove")).to_be_visible()
    assert metadata(page, 1) == {"volumes": [{"claim": "data", "path": "/data"}]}


def test_settings_of_the_pipeline_are_defaults_of_its_steps(
    open_notebook: Open,
) -> None:
    page = open_notebook("defaults.ipynb", document(CELLS))
    expect(node(page, "a")).to_be_visible()
    cell(page, 0).locator(".cm-content").click()
    form = section(page, "Pipeline")
    fill(form, "experiment", "first tries")
    form.get_by_text("defaults").click()
    fill(form, "retry", "2")
    page.evaluate("void window.jupyterapp.shell.activateById('jp-kfx-pipeline')")
    expect(node(page, "a")).to_contain_text("retry 2")
    expect(node(page, "b")).to_contain_text("retry 2")
    own = "window.jupyterapp.shell.currentWidget.content.model.getMetadata('kfx')"
    assert page.evaluate(own) == {
        "experiment": "first tries",
        "defaults": {"retry": 2},
    }


TYPED = {
    "after": "a",
    "image": "registry/image:1",
    "cpu": "0.5",
    "memory": "2Gi",
    "gpu": "1",
    "limits": "cpu=500m",
    "retry": "2",
    "timeout": "1.5",
    "env": "A=1",
    "node": "zone=east",
    "tolerations": "gpu:NoSchedule",
    "labels": "team=one",
    "annotations": "note=as it is",
    "when": "x > 0",
    "foreach": "i in range(2)",
}
CHOSEN = {"cache": "disabled", "report": "yes", "guard": "stop"}
LISTED = {
    "secrets": {"name": "keys", "key": "token", "env": "TOKEN"},
    "volumes": {"claim": "data", "path": "/data"},
}


def test_every_setting_of_the_schema_can_be_set(open_notebook: Open, lab: Lab) -> None:
    schema = ask(lab, "GET", "jupyter-kfx/schema")["step"]
    assert {*TYPED, *CHOSEN, *LISTED} == set(schema["properties"])
    notebook = document([(["step:a"], "x = 1"), (["step:b"], "y = 2")])
    page = open_notebook("every.ipynb", notebook)
    expect(node(page, "b")).to_be_visible()
    cell(page, 1).locator(".cm-content").click()
    form = section(page, "Pipeline Step")
    for name, text in TYPED.items():
        fill(form, name, text)
    for name, text in CHOSEN.items():
        form.get_by_label(name, exact=True).select_option(text)
    for name, texts in LISTED.items():
        group = form.get_by_role("group", name=name)
        group.get_by_role("button", name="Add").click()
        for key, text in texts.items():
            fill(group, key, text)
        expect(group.get_by_role("button", name="Remove")).to_be_visible()
    notebook["cells"][1]["metadata"]["kfx"] = metadata(page, 1)
    request = {"notebook": notebook, "path": "every.ipynb"}
    pipeline = ask(lab, "POST", "jupyter-kfx/analyse", request)["pipeline"]
    # The analysis understands all of it, and nothing is left as it was.
    assert [d for d in pipeline["diagnostics"] if d["severity"] == "error"] == []
    step = pipeline["steps"][1]["settings"]
    assert step["cpu"] == 0.5
    assert step["limits"] == {"cpu": "500m"}
    defaults = {
        name: each.get("default") for name, each in schema["properties"].items()
    }
    assert [name for name in defaults if step.get(name) in (defaults[name], None)] == []
