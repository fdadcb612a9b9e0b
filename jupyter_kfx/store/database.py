"""The database of the metadata: opening it, its version, its transactions."""

from __future__ import annotations

import sqlite3
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jupyter_kfx.store.faults import faults
from jupyter_kfx.store.migrations import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Database"]

_WAIT = 30.0
"""Seconds to wait for another process that writes."""


class Database:
    """The database of the store in a folder, made if it is not there.

    It is asked in SQL: importing SQLAlchemy takes longer than all else that a run does
    whose steps are done already. The tables are made with it, and brought up to date.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = root / "metadata.sqlite"
        self._idle: list[sqlite3.Connection] = []
        # Many a command opens a store and lets it go without a word.
        weakref.finalize(self, _close, self._idle)
        with self.reading() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version != VERSION:
            from jupyter_kfx.store.schema import bring_up_to_date

            with faults(root), self._connection() as connection:
                bring_up_to_date(connection, root)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that sees the database as it is now."""
        with faults(self._root), self._connection() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that alone may write; all of it is kept, or nothing."""
        with faults(self._root), self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection

    def close(self) -> None:
        """Let go of the database."""
        _close(self._idle)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that nobody else uses meanwhile."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._opened()
        try:
            yield connection
        finally:
            self._idle.append(connection)

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=_WAIT,
            # The driver's own way begins a transaction only at the first write, so
            # that what was read before it may be out of date by then.
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        connection.row_factory = sqlite3.Row
        return connection


def _close(connections: list[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()
