"""Stores of older versions, and what the migrations make of them.

Run as a module, it writes down what a store of this version is.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Connection, Integer, String, create_engine

from jupyter_kfx.errors import StoreError
from jupyter_kfx.store import ArtifactRecord, ExecutionRecord, Store, migrations
from jupyter_kfx.store.migrations import VERSION
from jupyter_kfx.store.tables import metadata

VERSIONS = Path(__file__).with_name("versions")
RUN = "20260101-000000-abcd"
OLDER = range(1, VERSION)

Made = Callable[[int], Path]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Makes a store of an older version."""

    def make(version: int) -> Path:
        (tmp_path / "runs" / RUN).mkdir(parents=True)
        with sqlite3.connect(tmp_path / "metadata.sqlite") as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript((VERSIONS / f"{version}.sql").read_text("utf-8"))
        connection.close()
        return tmp_path

    return make


@pytest.mark.parametrize("version", OLDER)
def test_a_store_of_an_older_version_keeps_its_content(
    version: int, made: Made
) -> None:
    store = Store.open(str(made(version)))
    run = store.run("latest")
    assert (run.id, run.status, run.metrics) == (RUN, "failed", {"f1": 0.5})
    assert (run.parameters, run.report) == ({"n": 1}, {"a": 1})
    second, first = store.executions(run.id)
    assert (first.step, first.status, first.metrics) == (
        "load",
        "succeeded",
        {"rows": 3},
    )
    assert (second.status, second.failure) == ("failed", {"ename": "E"})
    assert second.inputs == first.outputs
    assert first.outputs[0].names == ["x"]
    store.start_run(
        pipeline="p", definition={}, parameters={}, engine="local", notebook=None
    )
    store.close()


@pytest.mark.parametrize("version", OLDER)
def test_its_tables_are_those_of_a_new_store(version: int, made: Made) -> None:
    root = made(version)
    Store.open(str(root)).close()
    engine = create_engine(f"sqlite:///{root / 'metadata.sqlite'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert not connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        found = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    engine.dispose()
    assert found == VERSION


def test_this_version_is_written_down() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.executescript((VERSIONS / f"{VERSION}.sql").read_text("utf-8"))
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_table_made_anew_keeps_the_rows_that_refer_to_it(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = migrations.upgrade

    def upgrade(connection: Connection, version: int) -> None:
        real(connection, version)
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("artifact") as batch:
            batch.alter_column("kind", nullable=True)
            batch.add_column(Column("label", Integer))
        with operations.batch_alter_table("run") as batch:
            batch.alter_column("engine", existing_type=String, nullable=True)

    monkeypatch.setattr(migrations, "upgrade", upgrade)
    store = Store.open(str(made(1)))
    assert [len(e.inputs) + len(e.outputs) for e in store.executions(RUN)] == [1, 1]
    with store._database.writing() as connection:
        assert [*connection.execute("PRAGMA foreign_keys").fetchone()] == [1]
    store.close()


def test_a_store_is_up_to_date_or_as_it_was(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def upgrade(connection: Connection, _version: int) -> None:
        operations = Operations(MigrationContext.configure(connection))
        operations.add_column("artifact", Column("evicted", Integer))
        operations.drop_table("event")
        raise RuntimeError("no such thing")

    root = made(1)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "upgrade", upgrade)
        with pytest.raises(RuntimeError, match="no such thing"):
            Store.open(str(root))
    store = Store.open(str(root))
    assert [len(e.inputs) + len(e.outputs) for e in store.executions(RUN)] == [1, 1]
    store.close()


def test_processes_that_open_an_older_store_at_once(made: Made) -> None:
    root = made(1)
    code = (
        "import sys; from jupyter_kfx.store import *\n"
        "assert Store.open(sys.argv[1]).run('latest').status == 'failed'"
    )
    command = [sys.executable, "-c", code, str(root)]
    children = [subprocess.Popen(command) for _ in range(4)]
    assert [child.wait(60) for child in children] == [0, 0, 0, 0]


def test_the_store_of_a_newer_version_is_left_alone(made: Made) -> None:
    root = made(1)
    with sqlite3.connect(root / "metadata.sqlite") as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = (root / "metadata.sqlite").read_bytes()
    with pytest.raises(StoreError, match=r"made by a newer version. Use another store"):
        Store.open(str(root))
    assert (root / "metadata.sqlite").read_bytes() == before


@pytest.mark.parametrize(("version", "imported"), [(0, False), (1, True)])
def test_alembic_is_imported_only_to_migrate(
    version: int, imported: bool, made: Made, tmp_path: Path
) -> None:
    root = made(version) if version else tmp_path
    code = (
        "import sys; from jupyter_kfx.store import *; Store.open(sys.argv[1]).close()\n"
        "print('alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(root)]
    done = [subprocess.run(command, capture_output=True, text=True) for _ in "12"]
    assert [each.stdout for each in done] == [f"{imported}\n", "False\n"]


def write_down(target: Path) -> None:
    root = Path(tempfile.mkdtemp())
    store = Store.open(str(root))
    run = store.start_run(
        pipeline="p",
        definition={"steps": []},
        parameters={"n": 1},
        engine="local",
        notebook="p.ipynb",
    ).id
    value = ArtifactRecord("ab" * 32, ["x"], 5, {"x": "builtins.bytes"})
    store.end_execution(
        run,
        ExecutionRecord(
            "e1", "load", 1, "succeeded", 0.5, outputs=[value], metrics={"rows": 3}
        ),
    )
    store.end_execution(
        run,
        ExecutionRecord(
            "e2", "fit", 1, "failed", 1.5, failure={"ename": "E"}, inputs=[value]
        ),
    )
    store.end_run(run, status="failed", metrics={"f1": 0.5}, report={"a": 1})
    store.close()
    connection = sqlite3.connect(root / "metadata.sqlite")
    text = "\n".join(connection.iterdump()).replace(run, RUN)
    connection.close()
    shutil.rmtree(root)
    target.write_text(f"{text}\nPRAGMA user_version = {VERSION};\n", "utf-8")


if __name__ == "__main__":
    write_down(VERSIONS / f"{VERSION}.sql")
