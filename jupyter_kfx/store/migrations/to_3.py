"""Results may be used again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import JSON, Column, ForeignKey, Integer, String

if TYPE_CHECKING:
    from alembic.operations import Operations

__all__ = ["upgrade"]


def upgrade(operations: Operations) -> None:
    """Make room for what results depend on, and say which executions took one over."""
    operations.add_column(
        "execution", Column("cached_from", String, nullable=False, server_default="")
    )
    operations.create_table(
        "cache",
        Column("id", Integer, primary_key=True),
        Column("key", String, nullable=False),
        Column(
            "execution",
            String,
            ForeignKey("execution.id", ondelete="CASCADE"),
            nullable=False,
        ),
        Column("pipeline", String, nullable=False),
        Column("step", String, nullable=False),
        Column("volatile", String, nullable=False),
        Column("code", JSON, nullable=False),
        Column("dependencies", JSON, nullable=False),
        Column("written", JSON, nullable=False),
        Column("boot", String, nullable=False),
    )
    for name in ("key", "execution", "pipeline"):
        operations.create_index(f"ix_cache_{name}", "cache", [name])
    operations.create_table(
        "file",
        Column("path", String, primary_key=True),
        Column("stamp", JSON, nullable=False),
        Column("digest", String, nullable=False),
    )
