"""Brings the tables of an older store up to date, in place.

To change the tables, in one commit:

1. Change `store/tables.py`, and count `VERSION` up to N.
2. Add `migrations/to_N.py` with one function, `upgrade(operations)`, that makes tables
   of version N out of those of version N - 1 with the operations of alembic:

       def upgrade(operations: Operations) -> None:
           operations.add_column("run", Column("label", String))

   It says what changes by itself and imports nothing from `tables`, which will go on to
   change. A column that may not be null needs a `server_default` for the rows that are
   there, in `tables` too. What SQLite cannot alter is made anew with
   `operations.batch_alter_table`; rows that refer to it stay as they are.
3. `python -m tests.store.test_migrations` writes `tests/store/versions/N.sql`: what a
   later version has to bring up to date. Those of older versions never change.

All revisions happen in one transaction: the store is as it was, or up to date. A process
of an older version that has the store open goes on, so a revision that it could not
live with (a column taken away) has to leave the old thing in place for a while.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["VERSION", "upgrade"]

VERSION = 3
"""Version of the tables, kept in the database's `user_version`."""


def upgrade(connection: Connection, version: int) -> None:
    """Turn tables of an older version into those of `VERSION`.

    Foreign keys must be off: a table that is made anew is dropped on the way.
    """
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    operations = Operations(MigrationContext.configure(connection))
    for number in range(version + 1, VERSION + 1):
        import_module(f"{__name__}.to_{number}").upgrade(operations)
