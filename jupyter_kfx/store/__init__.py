"""Where artifacts and metadata live."""

from jupyter_kfx.store.artifacts import Artifacts
from jupyter_kfx.store.garbage import Swept
from jupyter_kfx.store.health import Fault, Health
from jupyter_kfx.store.lineage import Lineage, Use
from jupyter_kfx.store.records import (
    ArtifactRecord,
    CacheEntry,
    ExecutionRecord,
    RunRecord,
)
from jupyter_kfx.store.store import Store
from jupyter_kfx.store.usage import RunUsage, Usage

__all__ = [
    "ArtifactRecord",
    "Artifacts",
    "CacheEntry",
    "ExecutionRecord",
    "Fault",
    "Health",
    "Lineage",
    "RunRecord",
    "RunUsage",
    "Store",
    "Swept",
    "Usage",
    "Use",
]
