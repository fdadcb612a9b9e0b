"""Artifacts may have been evicted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, DateTime

if TYPE_CHECKING:
    from alembic.operations import Operations

__all__ = ["upgrade"]


def upgrade(operations: Operations) -> None:
    """Say of each artifact when its file was deleted to make room."""
    operations.add_column("artifact", Column("evicted", DateTime))
