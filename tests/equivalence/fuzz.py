"""Random programs through the real engine: python -m tests.equivalence.fuzz."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from tests.equivalence.arena import Arena, Trial
from tests.equivalence.generator import VOLATILE, Program, document, program
from tests.equivalence.minimal import minimal

_SERVER = 100
"""Programs on one server, so that nothing gathers in it."""


def main() -> int:
    """Run programs, print what came of them; return 1 if any differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=20_000)
    parser.add_argument("--seed", default=secrets.token_hex(4))
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    parser.add_argument("--side", type=int, default=6, help="how many side by side")
    parser.add_argument("--show", action="store_true", help="print each program")
    given = parser.parse_args()
    return asyncio.run(_Fuzz(given).run())


class _Fuzz:
    """A sequence of programs, each made from the seed and its number."""

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self._counts: Counter[str] = Counter()
        self._refusals: Counter[str] = Counter()
        self._reruns: Counter[str] = Counter()
        self._started = time.monotonic()

    async def run(self) -> int:
        given = self._given
        print(f"seed {given.seed}: {given.programs} programs", flush=True)
        numbers = range(given.first, given.first + given.programs)
        for at in range(0, len(numbers), _SERVER):
            await self._batch(numbers[at : at + _SERVER])
            self._report()
        return 1 if self._counts["different"] or self._counts["broken"] else 0

    async def _batch(self, numbers: range) -> None:
        with tempfile.TemporaryDirectory() as name:
            hash_seed = int(Random(f"{self._given.seed}/{numbers[0]}").random() * 2**32)
            arena = Arena(Path(name), hash_seed=hash_seed)
            turn = asyncio.Semaphore(self._given.side)

            async def one(number: int) -> None:
                async with turn:
                    await self._one(arena, number)

            try:
                await asyncio.gather(*map(one, numbers))
            finally:
                await arena.close()

    async def _one(self, arena: Arena, number: int) -> None:
        made = program(Random(f"{self._given.seed}/{number}"))
        if self._given.show:
            print(made)
        try:
            trial = await _trial(arena, made)
        except Exception as error:  # the harness or the engine broke: look into it
            self._counts["broken"] += 1
            print(f"--- program {number} broke: {error!r}\n{made}\n---", flush=True)
            return
        self._count(trial)
        if trial.verdict == "different":
            # At once: to cut it down takes a while.
            print(f"--- program {number} differs: {trial.why[:6]}", flush=True)

            async def goes_wrong(smaller: Program) -> bool:
                return (await _trial(arena, smaller)).verdict == "different"

            small = await minimal(made, goes_wrong)
            print(f"--- program {number}, cut down:\n{small}\n---", flush=True)

    def _count(self, trial: Trial) -> None:
        counts = self._counts
        counts["programs"] += 1
        counts[trial.verdict] += 1
        counts["steps"] += trial.steps
        counts["edges"] += trial.edges
        counts["executions before their turn"] += trial.early
        counts["steps that waited before an act"] += trial.waits
        counts["steps run again"] += len(trial.reruns)
        counts["groups stored anew"] += trial.changed
        counts["steps skipped"] += trial.skipped
        for what, is_so in (
            ("with edges", trial.edges),
            ("with changes across steps", trial.changed),
            ("with steps before their turn", trial.early),
            ("with steps run again", trial.reruns),
            ("with steps skipped", trial.skipped),
            ("with files", trial.files),
            ("that end with an error", trial.raised),
        ):
            counts[f"programs {what}"] += bool(is_so)
        if trial.verdict == "refused":
            self._refusals.update(set(trial.why))
        self._reruns.update(trial.reruns)

    def _report(self) -> None:
        seconds = time.monotonic() - self._started
        counts = self._counts
        print(
            f"seed {self._given.seed}: {counts['programs']} programs: "
            f"{counts['same']} equal, {counts['refused']} refused, "
            f"{counts['different']} different, {counts['broken']} broken, "
            f"{counts['endless']} endless; "
            f"{counts['programs'] / seconds:.2f} a second"
        )
        _table({k: v for k, v in counts.items() if " " in k or k in ("steps", "edges")})
        _table({f"refused: {why}": n for why, n in self._refusals.most_common(20)})
        _table({f"run again: {why}": n for why, n in self._reruns.most_common(20)})
        sys.stdout.flush()


async def _trial(arena: Arena, made: Program) -> Trial:
    return await arena.trial(document(made), jobs=made.jobs, volatile=VOLATILE)


def _table(counts: dict[str, Any]) -> None:
    for name, count in counts.items():
        print(f"  {count:7d}  {name}")


if __name__ == "__main__":
    sys.exit(main())
