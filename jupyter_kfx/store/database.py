"""The database of the metadata: opening it, its version, its transactions."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event

from jupyter_kfx.errors import StoreError
from jupyter_kfx.store.faults import faults
from jupyter_kfx.store.tables import VERSION, metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

__all__ = ["Database"]

_WAIT = 30.0
"""Seconds to wait for another process that writes."""


class Database:
    """The database of the store in a folder, made if it is not there."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._engine = create_engine(
            f"sqlite:///{root / 'metadata.sqlite'}",
            # The driver's own way begins a transaction only at the first write, so
            # that what was read before it may be out of date by then.
            connect_args={"isolation_level": None, "timeout": _WAIT},
        )
        event.listen(self._engine, "connect", _configure)
        event.listen(self._engine, "begin", _begin)
        self._writer = self._engine.execution_options(begin="BEGIN IMMEDIATE")
        with self.reading() as connection:
            version = _version(connection)
        if version != VERSION:
            self._create()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees the database as it is now."""
        with faults(self._root), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that alone may write; all of it is kept, or nothing."""
        with faults(self._root), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _create(self) -> None:
        with self.writing() as connection:
            version = _version(connection)  # another process may have been faster
            if version not in (0, VERSION):
                age = "a newer" if version > VERSION else "an older"
                message = f"the store {self._root} was made by {age} version."
                cure = "Use another store, or that version of jupyter_kfx."
                raise StoreError(message, cure=cure)
            metadata.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")


def _configure(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _version(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
