"""Which steps of a pipeline a run is about, and which earlier results they may take."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_kfx.engines.cache import Rule, Use
from jupyter_kfx.engines.setup import SETUP_STEP, SetupPlaces
from jupyter_kfx.engines.skipping import because_missing
from jupyter_kfx.engines.versions import View
from jupyter_kfx.errors import UsageError
from jupyter_kfx.pipeline.topology import ancestors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_kfx.engines.cache import Cache
    from jupyter_kfx.pipeline.model import Pipeline, Step

__all__ = ["EVERYTHING", "Selection", "left_out", "refuse_changed", "rules"]

_STALE = "or take their last results as they are, with `--stale`."


@dataclass(frozen=True)
class Selection:
    """What of a pipeline is to run, and how much of earlier runs is used."""

    cache: bool = True
    """Whether results of earlier runs are taken where they hold."""
    resume: str | None = None
    """Id of the run whose finished steps do not run again."""
    from_step: str | None = None
    """Runs again with everything that depends on it; the steps above must have run."""
    only: str | None = None
    """Runs again, and nothing else does; the steps above must have run."""
    until: str | None = None
    """The last step that runs, in notebook order."""
    stale: bool = False
    """Whether a last result is also taken where something has changed since."""

    def check(self, pipeline: Pipeline) -> None:
        """Raise UsageError for steps that are not there and for what contradicts itself."""
        names = [step.name for step in pipeline.steps]
        for option in ("from_step", "only", "until"):
            given = getattr(self, option)
            if given is not None and given not in names:
                near = difflib.get_close_matches(given, names, 1)
                cure = f"Did you mean `{near[0]}`?" if near else _listed(names)
                message = f"there is no step `{given}`."
                raise UsageError(message, notebook=pipeline.notebook, cure=cure)
        if self.only is not None and (self.from_step or self.until):
            message = "`only` says already which step runs."
            raise UsageError(message, cure="Leave `from` and `until` away.")
        if self.resume is not None and (self.only or self.from_step or self.until):
            message = "a run is resumed as a whole."
            raise UsageError(message, cure="Leave `from`, `only` and `until` away.")
        if self.from_step is not None and self.until is not None:
            first, last = names.index(self.from_step), names.index(self.until)
            if last < first:
                message = f"step `{self.until}` stands above step `{self.from_step}`."
                raise UsageError(message, cure="Give them in notebook order.")
        if self.stale and not (self.resume or self.only or self.from_step):
            message = "`stale` says how steps that do not run are taken."
            raise UsageError(message, cure="Give it with `from`, `only` or `resume`.")


EVERYTHING = Selection()


def rules(pipeline: Pipeline, selection: Selection) -> dict[str, Rule]:
    """Return, for each step, which earlier results it may take."""
    names = [step.name for step in pipeline.steps]
    chosen = selection.only or selection.from_step
    above = set(names[: names.index(chosen)]) if chosen else set()
    again = set()
    if chosen:
        again = {chosen, *(n for n in names if chosen in ancestors(pipeline, n))}
    found = {}
    for step in pipeline.steps:
        if step.name in again:
            asked = "it was asked for"
            if step.name != chosen:
                asked = f"it depends on `{chosen}`, which was asked for"
            rule = Rule(Use.NONE, asked)
        elif step.name in above and step.name != SETUP_STEP:
            rule = Rule(Use.STALE if selection.stale else Use.ANY)
        elif not selection.cache:
            rule = Rule(Use.NONE, "no earlier results were to be used")
        elif step.settings.cache == "disabled":
            rule = Rule(Use.NONE, "its setting is `cache:disabled`")
        else:
            rule = Rule(Use.STEADY)
        if selection.resume is not None:
            use = Use.RUN if rule.use is Use.NONE else rule.use
            use = Use.STALE if selection.stale else use
            rule = Rule(use, rule.reason, selection.resume)
        found[step.name] = rule
    return found


def left_out(pipeline: Pipeline, selection: Selection, cache: Cache) -> frozenset[str]:
    """Return the steps that are no part of the run.

    UsageError if one that the chosen step depends on has no result that holds.
    """
    names = [step.name for step in pipeline.steps]
    if selection.until is not None:
        below = frozenset(names[names.index(selection.until) + 1 :])
    else:
        below = frozenset()
    chosen = selection.only or selection.from_step
    if chosen is None:
        return below
    place = names.index(chosen)
    needed = ancestors(pipeline, chosen)
    missing = _missing(pipeline, cache, place)
    lacking = {name: why for name, why in missing.items() if name in needed}
    if lacking:
        listed = ", ".join(f"`{name}` ({why})" for name, why in lacking.items())
        message = f"step `{chosen}` needs results that do not hold any more: {listed}."
        never = all(why == "it has no earlier result" for why in lacking.values())
        cure = "Run these steps first." if never else f"Run them too, {_STALE}"
        raise UsageError(message, notebook=pipeline.notebook, cure=cure)
    if selection.only is None:
        return below
    others = frozenset(missing) - {SETUP_STEP}
    return frozenset(names[place + 1 :]) | others


def refuse_changed(
    pipeline: Pipeline, changed: Mapping[str, str], selection: Selection
) -> None:
    """Raise UsageError if steps that a resumed run had finished have changed since."""
    if changed and not selection.stale:
        listed = ", ".join(f"`{name}` ({why})" for name, why in changed.items())
        message = f"steps of run {selection.resume} have changed since: {listed}."
        cure = f"Start a new run, which uses what still holds, {_STALE}"
        raise UsageError(message, notebook=pipeline.notebook, cure=cure)


def _missing(pipeline: Pipeline, cache: Cache, end: int) -> dict[str, str]:
    """Return the steps above a place without a result that holds, and why."""
    setup, view, loose = SetupPlaces(pipeline), View(), 0
    found = {}
    skipped: list[Step] = []
    for i, step in enumerate(pipeline.steps[:end]):
        loose = setup.define_loose(view, i, loose)
        if because_missing(step, view, skipped) is not None:
            skipped.append(step)
            setup.define_own(view, i)
            continue
        reading = setup.reading(i, view, step.reads)
        order = setup.order(i, view, reading, run="", attempt=1, alone=True, seed="")
        look = cache.look(order, reading, view)
        setup.define_own(view, i)
        if look.entry is None:
            found[step.name] = look.reason
            view.leave_out(step)
        else:
            observation = cache.observation(look.entry, order)
            if observation.status == "skipped":
                skipped.append(step)
            view.apply(observation)
    return found


def _listed(names: list[str]) -> str:
    return f"There are: {', '.join(f'`{name}`' for name in names)}."
