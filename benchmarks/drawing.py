"""In Chromium: from the last key to the new graph, and 1,000 nodes to move about in."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from commands import Figure, report
from jupyter import Jupyter, document, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

BUNDLE = Path(__file__).resolve().parent.parent / "jupyter_kfx" / "labextension"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"]
QUIET = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    }
}
WIDTH = 25
"""Steps that do not wait for one another, in the large graph."""

EDIT = """
number => new Promise(resolve => {
  const { content } = window.jupyterapp.shell.currentWidget;
  const cell = content.widgets[content.widgets.length - 1].model.sharedModel;
  const drawn = () => document.querySelector('[data-step="last"]')
    .getAttribute('aria-label').includes(`takes x${number} from`);
  const begun = performance.now();
  const observer = new MutationObserver(() => {
    if (drawn()) {
      observer.disconnect();
      requestAnimationFrame(() => resolve(performance.now() - begun));
    }
  });
  observer.observe(document.querySelector('.jp-kfx-Panel'),
    { subtree: true, childList: true, attributes: true });
  cell.setSource(`print(x${number})`);
})
"""
PAN = """
() => new Promise(resolve => {
  const frame = document.querySelector('.jp-kfx-Graph-frame');
  const times = [];
  let last = performance.now();
  const step = now => {
    times.push(now - last);
    last = now;
    if (times.length > 120) {
      resolve(times.slice(1).sort((a, b) => a - b));
      return;
    }
    const down = times.length <= 60 ? 40 : -40;
    frame.dispatchEvent(
      new WheelEvent('wheel', { deltaX: down, deltaY: down, bubbles: true }));
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=20)
    given = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "extensions").mkdir()
        (folder / "extensions" / "jupyter-kfx").symlink_to(BUNDLE)
        (folder / "settings").mkdir()
        (folder / "settings" / "overrides.json").write_text(json.dumps(QUIET))
        _write(folder / "edited.ipynb", chain(given.steps))
        _write(folder / "large.ipynb", lattice(given.nodes))
        options = (
            f"--LabApp.extra_labextensions_path={folder / 'extensions'}",
            f"--LabApp.app_settings_dir={folder / 'settings'}",
            "--LabApp.extension_manager=readonly",
            "--LabApp.expose_app_in_browser=True",
        )
        with (
            serving(folder, *options, module="jupyterlab") as server,
            sync_playwright() as playwright,
        ):
            chromium = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=FLAGS
            )
            page = chromium.new_page(viewport={"width": 1440, "height": 900})
            opened(page, server, "edited.ipynb", given.steps)
            edits = sorted(
                page.evaluate(EDIT, 1 + number % (given.steps - 2))
                for number in range(given.repeat)
            )
            size = opened(page, server, "large.ipynb", given.nodes)
            page.get_by_role("button", name="Show the graph as it was at first").click()
            near = page.locator(".jp-kfx-Node").count()
            frames = page.evaluate(PAN)
            page.get_by_role("button", name="Show the whole graph").click()
            page.wait_for_timeout(1000)
            far = page.locator(".jp-kfx-Node").count()
            far_frames = page.evaluate(PAN)
            chromium.close()
    report(
        Figure(
            f"{given.steps} steps, from the last key to the graph, 95th percentile",
            edits[len(edits) * 95 // 100],
            "ms",
            at_most=300,
        ),
        Figure("the same, median", edits[len(edits) // 2], "ms"),
        Figure(f"{given.nodes} nodes, from the click to the graph", size, "ms"),
        Figure("nodes in the page", near, ""),
        Figure("moving about, median frame", frames[len(frames) // 2], "ms"),
        Figure(
            "the same, 95th percentile",
            frames[len(frames) * 95 // 100],
            "ms",
            at_most=50,
        ),
        Figure("nodes in the page, all in sight", far, ""),
        Figure(
            "moving about, 95th percentile",
            far_frames[len(far_frames) * 95 // 100],
            "ms",
        ),
    )


def opened(page: Page, server: Jupyter, name: str, steps: int) -> float:
    """Open a notebook and its panel; return the ms until its graph was there."""
    url = f"http://127.0.0.1:{server.port}/lab/tree/{name}?token={server.token}&reset"
    page.goto(url)
    page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell", timeout=120_000)
    page.wait_for_function("window.jupyterapp.commands.hasCommand('kfx:show-pipeline')")
    begun: float = page.evaluate(
        """() => {
          void window.jupyterapp.shell.activateById('jp-kfx-pipeline');
          return performance.now();
        }"""
    )
    page.wait_for_selector(
        f'.jp-kfx-Graph-frame[aria-label="Pipeline of {steps} steps"]'
    )
    page.wait_for_selector(".jp-kfx-Node")
    now: float = page.evaluate("performance.now()")
    return now - begun


def chain(steps: int) -> list[tuple[str, str]]:
    """Return steps of which each reads what the one above has made."""
    cells = [("step:s0", "x0 = [0]")]
    cells += [
        (f"step:s{number}", f"x{number} = [*x{number - 1}, {number}]")
        for number in range(1, steps - 1)
    ]
    return [*cells, ("step:last", "print(x0)")]


def lattice(steps: int) -> list[tuple[str, str]]:
    """Return rows of steps, each of which reads two of the row above."""
    cells = [(f"step:s{number}", f"x{number} = {number}") for number in range(WIDTH)]
    for number in range(WIDTH, steps):
        left, right = number - WIDTH, number - WIDTH + (number % WIDTH != WIDTH - 1)
        cells.append((f"step:s{number}", f"x{number} = x{left} + x{right}"))
    return cells


def _write(path: Path, cells: list[tuple[str, str]]) -> None:
    path.write_text(json.dumps(document(*cells)), "utf-8")


if __name__ == "__main__":
    if sys.platform != "linux":
        sys.exit("This benchmark needs Linux.")
    main()
