"""What a person may set for a step or for the whole pipeline.

Standard dataclasses, so that reading tags costs nothing; pydantic reads the same
classes (`pydantic.TypeAdapter`) for the JSON Schema, the forms and the validation of
structured settings in notebook metadata.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

FORBID = {"extra": "forbid", "use_attribute_docstrings": True}
"""What pydantic is told of each class: unknown keys are errors."""

__all__ = [
    "FORBID",
    "PipelineSettings",
    "SecretReference",
    "StepSettings",
    "VolumeMount",
]


@dataclass(frozen=True)
class SecretReference:
    """An environment variable whose value is a key of a secret; never the value itself."""

    __pydantic_config__ = FORBID

    name: str
    """Name of the secret."""
    key: str
    """Key within the secret."""
    env: str
    """Name of the environment variable."""


@dataclass(frozen=True)
class VolumeMount:
    """A volume claim mounted at a path."""

    __pydantic_config__ = FORBID

    claim: str
    """Name of the persistent volume claim."""
    path: str
    """Absolute path at which it is mounted."""
    read_only: bool = False
    """Whether the step may only read it."""


@dataclass(frozen=True)
class StepSettings:
    """Settings of one step."""

    __pydantic_config__ = FORBID

    after: tuple[str, ...] = ()
    """Steps that must end before this one starts, on top of the found dependencies."""
    image: str | None = None
    """Container image."""
    cpu: float | None = None
    """CPU cores requested; slots on the local engine."""
    memory: str | None = None
    """Memory requested, as Kubernetes writes it: `512Mi`, `2Gi`."""
    gpu: int | None = None
    """GPUs requested."""
    limits: dict[str, str] = field(default_factory=dict)
    """Resource limits by resource name, as Kubernetes writes them."""
    retry: int = 0
    """How many times a failed execution is tried again."""
    timeout: float | None = None
    """Seconds after which an execution is ended."""
    cache: Literal["auto", "enabled", "disabled"] = "auto"
    """Whether an earlier result may be used."""
    secrets: tuple[SecretReference, ...] = ()
    """Secrets given to the step as environment variables."""
    env: dict[str, str] = field(default_factory=dict)
    """Environment variables of the step."""
    volumes: tuple[VolumeMount, ...] = ()
    """Volume claims mounted into the step."""
    node: dict[str, str] = field(default_factory=dict)
    """Node labels that the step's node must have."""
    tolerations: tuple[str, ...] = ()
    """Taints that the step tolerates: `key`, `key=value`, `key=value:Effect`."""
    labels: dict[str, str] = field(default_factory=dict)
    """Labels of the step's pod."""
    annotations: dict[str, str] = field(default_factory=dict)
    """Annotations of the step's pod."""
    report: bool | None = None
    """Whether the executed step is kept as a report."""
    guard: Literal["rerun", "stop", "warn"] | None = None
    """What to do when the run observes a change that was not predicted."""


@dataclass(frozen=True)
class PipelineSettings:
    """Settings of the whole pipeline, and defaults for its steps."""

    __pydantic_config__ = FORBID

    name: str | None = None
    """Name of the pipeline; the notebook's file name unless set."""
    experiment: str | None = None
    """Name of the experiment that its runs belong to."""
    description: str = ""
    """What the pipeline does."""
    defaults: StepSettings = field(default_factory=StepSettings)
    """Settings of every step that does not set its own."""
