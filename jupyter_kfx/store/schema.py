"""Makes the tables of a new store, and brings those of an older one up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from jupyter_kfx.errors import StoreError
from jupyter_kfx.store import migrations
from jupyter_kfx.store.tables import metadata

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from sqlalchemy import Connection

__all__ = ["bring_up_to_date"]


def bring_up_to_date(driver: sqlite3.Connection, root: Path) -> None:
    """Make the tables in a database those of this version, wholly or not at all.

    StoreError if they are those of a newer one.
    """
    engine = create_engine("sqlite://", creator=lambda: driver, poolclass=StaticPool)
    event.listen(engine, "begin", _begin)
    # A table that is made anew is dropped on the way, without the rows that refer to
    # it. That cannot be said within a transaction.
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        with engine.begin() as connection:
            _make(connection, root)
    except DBAPIError as error:
        raise error.orig or error from error
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _make(connection: Connection, root: Path) -> None:
    version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    if version == migrations.VERSION:
        return  # another process was faster
    if not 0 <= version < migrations.VERSION:
        age = "a newer" if version > migrations.VERSION else "an older"
        message = f"the store {root} was made by {age} version."
        cure = "Use another store, or that version of jupyter_kfx."
        raise StoreError(message, cure=cure)
    if version == 0:
        metadata.create_all(connection)
    else:
        migrations.upgrade(connection, version)
    connection.exec_driver_sql(f"PRAGMA user_version = {migrations.VERSION}")
