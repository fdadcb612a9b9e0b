"""What a person may set for a step or for the whole pipeline.

Standard dataclasses, so that reading tags costs nothing; pydantic reads the same
classes (`pydantic.TypeAdapter`) for the JSON Schema, the forms and the validation of
structured settings in notebook metadata.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

FORBID = {"extra": "forbid", "use_attribute_docstrings": True}
"""What pydantic is told of each class: unknown keys are errors."""

__all__ = [
    "FORBID",
    "LABEL_KEY",
    "MEMORY",
    "QUANTITY",
    "TOLERATION",
    "VARIABLE",
    "AtLeast",
    "Matching",
    "PipelineSettings",
    "SecretReference",
    "StepSettings",
    "VolumeMount",
]

_WORD = "[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"
LABEL_KEY = f"({_WORD}/)?{_WORD}"
"""Keys of labels and annotations, and names of resources."""
MEMORY = r"[0-9]+(\.[0-9]+)?([kMGTP]|[KMGTP]i)?"
QUANTITY = rf"{MEMORY}|[0-9]+m"
VARIABLE = "[A-Za-z_][A-Za-z0-9_]*"
TOLERATION = f"{LABEL_KEY}(=[^:]*)?(:(NoSchedule|PreferNoSchedule|NoExecute))?"


@dataclass(frozen=True)
class Matching:
    """Marks a text that a pattern matches from end to end."""

    pattern: str

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return what pydantic checks and what the JSON Schema says."""
        from pydantic_core import core_schema

        return core_schema.str_schema(pattern=f"^({self.pattern})$")


@dataclass(frozen=True)
class AtLeast:
    """Marks a finite number that is not below a bound."""

    bound: float

    def __get_pydantic_core_schema__(
        self, source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return what pydantic checks and what the JSON Schema says."""
        from pydantic_core import core_schema

        if source is int:
            return core_schema.int_schema(ge=int(self.bound))
        return core_schema.float_schema(ge=self.bound, allow_inf_nan=False)


_Name = Annotated[str, Matching(r"[\s\S]*\S[\s\S]*")]
_Key = Annotated[str, Matching(LABEL_KEY)]
_Variable = Annotated[str, Matching(VARIABLE)]


@dataclass(frozen=True)
class SecretReference:
    """An environment variable whose value is a key of a secret; never the value itself."""

    __pydantic_config__ = FORBID

    name: _Name
    """Name of the secret."""
    key: _Name
    """Key within the secret."""
    env: _Variable
    """Name of the environment variable."""


@dataclass(frozen=True)
class VolumeMount:
    """A volume claim mounted at a path."""

    __pydantic_config__ = FORBID

    claim: _Name
    """Name of the persistent volume claim."""
    path: Annotated[str, Matching(r"/[\s\S]*")]
    """Absolute path at which it is mounted."""
    read_only: bool = False
    """Whether the step may only read it."""


@dataclass(frozen=True)
class StepSettings:
    """Settings of one step."""

    __pydantic_config__ = FORBID

    after: tuple[_Name, ...] = ()
    """Steps that must end before this one starts, on top of the found dependencies."""
    when: _Name | None = None
    """Python expression: the step runs only if it is true when its turn has come."""
    foreach: _Name | None = None
    """`NAME in EXPRESSION`: the step runs once for each element; not on every engine."""
    image: Annotated[str, Matching(r"\S+")] | None = None
    """Container image."""
    cpu: Annotated[float, AtLeast(0.001)] | None = None
    """CPU cores requested; slots on the local engine."""
    memory: Annotated[str, Matching(MEMORY)] | None = None
    """Memory requested, as Kubernetes writes it: `512Mi`, `2Gi`."""
    gpu: Annotated[int, AtLeast(0)] | None = None
    """GPUs requested."""
    limits: dict[_Key, Annotated[str, Matching(QUANTITY)]] = field(default_factory=dict)
    """Resource limits by resource name, as Kubernetes writes them."""
    retry: Annotated[int, AtLeast(0)] = 0
    """How many times a failed execution is tried again."""
    timeout: Annotated[float, AtLeast(0.001)] | None = None
    """Seconds after which an execution is ended."""
    cache: Literal["auto", "enabled", "disabled"] = "auto"
    """Whether an earlier result may be used."""
    secrets: tuple[SecretReference, ...] = ()
    """Secrets given to the step as environment variables."""
    env: dict[_Variable, str] = field(default_factory=dict)
    """Environment variables of the step."""
    volumes: tuple[VolumeMount, ...] = ()
    """Volume claims mounted into the step."""
    node: dict[_Key, str] = field(default_factory=dict)
    """Node labels that the step's node must have."""
    tolerations: tuple[Annotated[str, Matching(TOLERATION)], ...] = ()
    """Taints that the step tolerates: `key`, `key=value`, `key=value:Effect`."""
    labels: dict[_Key, str] = field(default_factory=dict)
    """Labels of the step's pod."""
    annotations: dict[_Key, str] = field(default_factory=dict)
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
