"""With a rule of the commit switched off, some notebook is computed otherwise."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import textwrap
import zipfile
from pathlib import Path
from typing import Any

import pytest

from jupyter_kfx.engines.bundle import PACKAGE, runtime_archive
from tests.equivalence.arena import Trial, trials
from tests.equivalence.generator import Program
from tests.equivalence.sabotage import RULES, SETUP, Rule


def notebook(rule: Rule) -> Program:
    steps = tuple(((cell,),) for cell in rule.cells)
    return Program(steps, SETUP, conditions=rule.conditions, jobs=3)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runtime_archive(tmp_path_factory.mktemp("runtime"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trial]:
    """What becomes of the notebooks with all rules."""
    folder = tmp_path_factory.mktemp("arena")
    programs = [notebook(rule) for rule in RULES.values()]
    return dict(zip(RULES, asyncio.run(trials(folder, programs)), strict=True))


def without(rule: Rule, archive: Path, folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Switch a rule off; return the runtime's archive to use."""
    if not rule.is_of_runtime:
        _switch_off(rule, patch)
        return archive
    changed = folder / "runtime.pyz"
    name = f"{PACKAGE}/{rule.place.removeprefix('runtime.')}.py"
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(changed, "w") as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename == name:
                data = _replaced(rule, data.decode()).encode()
            new.writestr(item, data)
    return changed


def _switch_off(rule: Rule, patch: pytest.MonkeyPatch) -> None:
    module_name, _, path = rule.place.partition(":")
    module = importlib.import_module(f"jupyter_kfx.{module_name}")
    *owners, name = path.split(".")
    owner: Any = module
    for part in owners:
        owner = getattr(owner, part)
    found = getattr(owner, name)
    source = textwrap.dedent(inspect.getsource(getattr(found, "fget", found)))
    scope = dict(vars(module))
    future = "from __future__ import annotations\n"
    exec(future + _replaced(rule, source), scope)
    patch.setattr(owner, name, scope[name])
    if name == "resolve":
        patch.setattr("jupyter_kfx.engines.setup.resolve", scope[name])


def _replaced(rule: Rule, source: str) -> str:
    assert source.count(rule.old) == 1, f"{rule.place} has changed: mend the table"
    return source.replace(rule.old, rule.new)


@pytest.mark.parametrize("name", RULES)
def test_holds_with_the_rule(name: str, whole: dict[str, Trial]) -> None:
    trial = whole[name]
    wanted = "refused" if RULES[name].refused else "same"
    assert trial.verdict == wanted, trial.why


@pytest.mark.parametrize("name", RULES)
def test_breaks_without_the_rule(
    name: str, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = RULES[name]
    used = without(rule, archive, tmp_path, monkeypatch)
    (trial,) = asyncio.run(
        trials(tmp_path, [notebook(rule)], archive=used, modules=["numpy.random"])
    )
    assert trial.verdict == "different", trial
