"""Connections to SQLite databases, made again by those who take them over."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from .opened import NotRecreatedError

__all__ = ["LOST", "UNTOLD", "connected", "file_of", "is_connection"]

UNTOLD = (
    "cache=shared",
    "detect_types",
    "load_extension",
    "mode=memory",
    "set_authorizer",
    "set_progress_handler",
    "set_trace_callback",
)
"""What code sets with these words, a connection does not tell."""
LOST = ("last_insert_rowid", "lastrowid", "rowcount", "total_changes")
"""What code asks for with these words is not there where one is made again."""
_SETTINGS = (
    # Those that belong to the connection and not to the database.
    "automatic_index",
    "busy_timeout",
    "cell_size_check",
    "foreign_keys",
    "full_column_names",
    "ignore_check_constraints",
    "legacy_alter_table",
    "query_only",
    "read_uncommitted",
    "recursive_triggers",
    "reverse_unordered_selects",
    "short_column_names",
    "synchronous",
    "temp_store",
    "trusted_schema",
)
_PROBE = "jupyter_kfx_probe"


def is_connection(obj: Any) -> bool:
    """Tell whether something is a connection or a cursor of one."""
    sqlite3: Any = sys.modules.get("sqlite3")
    kinds = () if sqlite3 is None else (sqlite3.Connection, sqlite3.Cursor)
    return isinstance(obj, kinds)


def file_of(obj: Any) -> str:
    """Return the real path of the database of a connection or a cursor.

    Empty if it is in memory, or the connection is closed.
    """
    connection = getattr(obj, "connection", obj)
    return "" if _is_closed(connection) else _file(connection)


def connected(obj: Any) -> tuple:
    """Return a call, as of `__reduce__`, that makes a connection or a cursor again.

    A database in memory goes along; one in a file stays there. NotRecreatedError, saying
    what it is, if something of it would be lost.
    """
    sqlite3: Any = sys.modules["sqlite3"]
    if type(obj) is sqlite3.Connection:
        return _connection(obj)
    if type(obj) is sqlite3.Cursor:
        return _cursor(obj)
    raise NotRecreatedError("a database connection of a class of its own")


def _connection(connection: Any) -> tuple:
    if _is_closed(connection):
        return _opened, ("", None, {}), None
    path = _file(connection)
    what = f"the connection to {os.path.basename(path) or 'a database in memory'}"
    if connection.in_transaction:
        raise NotRecreatedError(f"{what}, with changes that are not committed")
    if len(_asked(connection, "database_list")) > 1:
        raise NotRecreatedError(f"{what}, with temporary tables or others attached")
    if _own(connection):
        raise NotRecreatedError(f"{what}, with functions or an order of its own")
    if path and _asked(connection, "journal_mode") == [("wal",)]:
        raise NotRecreatedError(f"{what}, which keeps a log of what is to be written")
    settings = {name: _asked(connection, name)[0][0] for name in _SETTINGS}
    content = b""
    if not path and not hasattr(connection, "serialize"):  # before Python 3.11
        raise NotRecreatedError(what)
    if not path and _asked(connection, "page_count") != [(0,)]:
        content = _uncounted(connection.serialize())
    state = {
        name: getattr(connection, name)
        for name in ("isolation_level", "row_factory", "text_factory")
    }
    return _opened, (path, content, settings), state, None, None, _set


def _uncounted(content: bytes) -> bytes:
    """Leave out how often it was changed, and by which version.

    The file format: https://www.sqlite.org/fileformat2.html#the_database_header
    """
    return content[:24] + bytes(4) + content[28:92] + bytes(8) + content[100:]


def _cursor(cursor: Any) -> tuple:
    connection = cursor.connection
    if not _is_closed(connection):
        if cursor.description is not None and _is_reading(connection):
            raise NotRecreatedError("a database cursor with rows that are not fetched")
    columns = [column[0] for column in cursor.description or ()]
    state = {name: getattr(cursor, name) for name in ("arraysize", "row_factory")}
    return _positioned, (connection, columns), state, None, None, _set


def _opened(path: str, content: bytes | None, settings: dict[str, Any]) -> Any:
    sqlite3: Any = importlib.import_module("sqlite3")
    if path and not os.path.isfile(path):
        name = os.path.basename(path)
        raise NotRecreatedError(f"the connection to {name}, which is not there")
    connection = sqlite3.connect(path or ":memory:")
    if content:
        connection.deserialize(content)
    for name, value in settings.items():
        connection.execute(f"pragma {name} = {value:d}")
    if content is None:
        connection.close()
    return connection


def _positioned(connection: Any, columns: list[str]) -> Any:
    cursor = connection.cursor()
    if columns and not _is_closed(connection):
        quoted = (column.replace('"', '""') for column in columns)
        names = ", ".join(f'0 as "{name}"' for name in quoted)
        cursor.execute(f"select {names} where 0")
    return cursor


def _set(obj: Any, state: dict[str, Any]) -> None:
    for name, value in state.items():
        setattr(obj, name, value)


def _is_closed(connection: Any) -> bool:
    sqlite3: Any = sys.modules["sqlite3"]
    try:
        connection.total_changes  # noqa: B018  (asked for its error)
    except sqlite3.ProgrammingError as error:
        return "closed" in str(error)
    return False


def _file(connection: Any) -> str:
    for _, name, file in _asked(connection, "database_list"):
        if name == "main" and os.path.isabs(file):
            return os.path.realpath(file)
    return ""


def _asked(connection: Any, name: str) -> list[tuple]:
    """Return the rows that a pragma answers, whatever rows and texts are made of."""
    texts = connection.text_factory
    connection.text_factory = str
    try:
        cursor = connection.cursor()
        cursor.row_factory = None
        return cursor.execute(f"pragma {name}").fetchall()
    finally:
        connection.text_factory = texts


def _own(connection: Any) -> bool:
    """Tell whether it has functions or collations that a new one has not."""
    fresh = sys.modules["sqlite3"].connect(":memory:")
    try:
        return bool(_named(connection) - _named(fresh) - {_PROBE})
    finally:
        fresh.close()


def _named(connection: Any) -> set[str]:
    functions = {row[0] for row in _asked(connection, "function_list")}
    return functions | {row[1] for row in _asked(connection, "collation_list")}


def _is_reading(connection: Any) -> bool:
    """Tell whether a statement has rows left: functions cannot be replaced then."""
    sqlite3: Any = sys.modules["sqlite3"]
    try:
        for function in (int, int, None):
            connection.create_function(_PROBE, 0, function)
    except sqlite3.OperationalError:
        return True
    return False
