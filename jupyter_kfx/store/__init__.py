"""Where artifacts and metadata live; importing it imports SQLAlchemy."""

from jupyter_kfx.store.artifacts import Artifacts
from jupyter_kfx.store.lineage import Lineage, Use
from jupyter_kfx.store.records import ArtifactRecord, ExecutionRecord, RunRecord
from jupyter_kfx.store.store import Store

__all__ = [
    "ArtifactRecord",
    "Artifacts",
    "ExecutionRecord",
    "Lineage",
    "RunRecord",
    "Store",
    "Use",
]
