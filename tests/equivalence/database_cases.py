"""Notebooks whose connections to databases other steps use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.equivalence.kernel_cases import Case

__all__ = ["REFUSED", "SAME"]

_CONNECTIONS = {
    "a database in a file": "import sqlite3\nc = sqlite3.connect('d.db')\nk = c.cursor()",
    "a database in memory": "import sqlite3\nc = sqlite3.connect(':memory:')\nk = c.cursor()",
}
_TABLE = (
    "k.execute('create table t(a)')\nc.execute('insert into t values (5)')\nc.commit()"
)
_ROWS = "c.execute('select * from t').fetchall()"
_CLASS = (
    "\nclass Rows:\n    def __init__(self):\n        self.c = c\n"
    "    def all(self, code):\n        with self.c:\n"
    "            return self.c.execute(code).fetchall()\nrows = Rows()"
)

SAME: dict[str, Case] = {
    f"{kind} {what}": [opening + more, *steps]
    for kind, opening in _CONNECTIONS.items()
    for what, (more, *steps) in {
        "from its making to its end": (
            "",
            _TABLE,
            "import pandas as pd\nd = pd.read_sql('select * from t', c)\nprint(d)",
            "c.execute('update t set a = 9')\nc.commit()",
            f"print({_ROWS})\nc.close()",
            "try:\n    c.execute('select 1')\nexcept Exception as e:\n    print(e)",
        ),
        "that functions use": (
            "\ndef q(code):\n    with c:\n        return c.execute(code).fetchall()",
            "q('create table t(a)')",
            "q('insert into t values (5)')",
            "print(q('select * from t'))",
        ),
        "that an object holds": (
            _CLASS,
            "rows.all('create table t(a)')",
            "rows.all('insert into t values (1)')",
            "print(rows.all('select * from t'), rows.c is c)",
        ),
        "with a cursor that has been used": (
            "",
            _TABLE,
            'k.execute(\'select a as "x""y", 2 as z from t\')\nprint(k.fetchall())',
            "print(k.description, k.fetchone(), k.connection is c)",
        ),
        "with settings": (
            "\nc.row_factory = sqlite3.Row\nc.text_factory = bytes\n"
            "c.isolation_level = None\nc.execute('pragma foreign_keys = on')\nc.commit()",
            "k.execute('create table t(a)')\nc.execute(\"insert into t values ('x')\")\nc.commit()",
            "print(c.execute('select a from t').fetchone()['a'], c.isolation_level)\n"
            "print(tuple(c.execute('pragma foreign_keys').fetchone()))",
        ),
        "that pandas writes to": (
            "\nimport pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})",
            "df.to_sql('t', c, index=False)",
            "print(pd.read_sql_query('select sum(a) s from t', c))",
        ),
    }.items()
}
SAME["two connections to one file"] = [
    f"{_CONNECTIONS['a database in a file']}\ne = sqlite3.connect('d.db')",
    _TABLE,
    "print(e.execute('select * from t').fetchall())",
    "import os\nprint(os.path.getsize('d.db'))",
]
REFUSED: dict[str, tuple[Case, str]] = {
    f"{kind} {what}": ([opening + more, *steps], why)
    for kind, opening in _CONNECTIONS.items()
    for what, (more, *steps, why) in {
        "with changes that are not committed": (
            "\nk.execute('create table t(a)')",
            "c.execute('insert into t values (5)')",
            f"print({_ROWS})\nc.commit()",
            "that are not committed",
        ),
        "with rows that are left": (
            "\nc.execute('create table t(a)')\n"
            "c.executemany('insert into t values (?)', [(1,), (2,)])\nc.commit()",
            "r = k.execute('select * from t')",
            "print(r.fetchall())",
            "rows that are not fetched",
        ),
        "with functions": (
            "\nc.create_function('f', 1, abs)",
            "print(c.execute('select f(-1)').fetchall())",
            "functions or an order of its own",
        ),
        "with temporary tables": (
            "\nc.execute('create temp table t(a)')",
            f"print({_ROWS})",
            "temporary tables",
        ),
        "that is asked what it did": (
            "",
            _TABLE,
            "print(c.total_changes)",
            "asks a database for its `total_changes`",
        ),
        "that converts": (
            "\nc = sqlite3.connect('e.db', detect_types=sqlite3.PARSE_DECLTYPES)",
            "print(c.execute('select 1').fetchall())",
            "does not tell its `detect_types`",
        ),
    }.items()
}
