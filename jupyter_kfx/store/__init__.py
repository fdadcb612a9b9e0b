"""Where artifacts and metadata live; importing it imports SQLAlchemy."""

from jupyter_kfx.store.store import ArtifactRecord, ExecutionRecord, RunRecord, Store

__all__ = ["ArtifactRecord", "ExecutionRecord", "RunRecord", "Store"]
