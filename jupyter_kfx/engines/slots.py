"""How many steps may run at once: cores, memory and GPUs as slots."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_kfx.errors import UsageError

if TYPE_CHECKING:
    from jupyter_kfx.pipeline.settings import StepSettings

__all__ = ["Slots", "memory_bytes"]

_UNITS = {
    "": 1,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "P": 10**15,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
    "Pi": 2**50,
}


def memory_bytes(text: str) -> int:
    """Return the bytes that a Kubernetes quantity such as `512Mi` stands for.

    UsageError if it is not one
    (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/).
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([kMGTP]i?|Ki|)", text.strip())
    if match is None or match[2] not in _UNITS:
        message = f"`{text}` is not an amount of memory."
        raise UsageError(message, cure="Write it like `512Mi` or `2Gi`.")
    return math.ceil(float(match[1]) * _UNITS[match[2]])


@dataclass
class Slots:
    """What is free on this machine; a step takes its share and gives it back."""

    cpu: float
    memory: int
    gpu: int

    @classmethod
    def of_machine(cls, jobs: int | None = None) -> Slots:
        """Return as many CPU slots as cores unless `jobs` says otherwise."""
        cores = len(os.sched_getaffinity(0)) if jobs is None else jobs
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        devices = os.listdir("/dev") if os.path.isdir("/dev") else []  # noqa: PTH208, PTH112 (pathlib costs start-up time here)
        gpus = sum(1 for name in devices if re.fullmatch(r"nvidia\d+", name))
        return cls(cores, memory, gpus)

    def check(self, step: str, settings: StepSettings) -> None:
        """Raise UsageError if a step asks for more than the machine will ever have."""
        cpu, memory, gpu = _share(settings)
        for what, wanted, have in (
            ("CPU cores", cpu, self.cpu),
            ("bytes of memory", memory, self.memory),
            ("GPUs", gpu, self.gpu),
        ):
            if wanted > have and not (what == "CPU cores" and settings.cpu is None):
                message = (
                    f"step `{step}` asks for {wanted:g} {what}, "
                    f"and the local engine has {have:g}."
                )
                raise UsageError(message, cure="Ask for less, or run with more jobs.")

    def take(self, settings: StepSettings) -> bool:
        """Take a step's share if it is free."""
        cpu, memory, gpu = _share(settings)
        if cpu > self.cpu or memory > self.memory or gpu > self.gpu:
            return False
        self._add(-cpu, -memory, -gpu)
        return True

    def give(self, settings: StepSettings) -> None:
        """Give a step's share back."""
        self._add(*_share(settings))

    def force(self, settings: StepSettings) -> None:
        """Take a step's share though it may not be free: it had it before."""
        cpu, memory, gpu = _share(settings)
        self._add(-cpu, -memory, -gpu)

    def _add(self, cpu: float, memory: int, gpu: int) -> None:
        self.cpu += cpu
        self.memory += memory
        self.gpu += gpu


def _share(settings: StepSettings) -> tuple[float, int, int]:
    return (
        1.0 if settings.cpu is None else settings.cpu,
        0 if settings.memory is None else memory_bytes(settings.memory),
        settings.gpu or 0,
    )
