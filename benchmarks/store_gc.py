"""What it takes to collect 100,000 artifacts, and to find that there is nothing to do."""

from __future__ import annotations

import argparse
import hashlib
import sqlite3
import tempfile
from pathlib import Path

from commands import OURS, Figure, environment, report, seconds

LIMIT = 10.0
_LETTERS = 256


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artifacts", type=int, default=100_000)
    count = parser.parse_args().artifacts
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "store"
        env = environment(JUPYTER_KFX_STORE=str(root))
        command = [*OURS, "store", "gc"]
        seconds(command, Path(name), env)  # makes the store
        fill(root, count)
        idle = seconds(command, Path(name), env)
        half = seconds([*command, "--max-size", str(8 * count)], Path(name), env)
        with sqlite3.connect(root / "metadata.sqlite") as connection:
            connection.execute("DELETE FROM event")
        connection.close()
        fill(root, count)
        with sqlite3.connect(root / "metadata.sqlite") as connection:
            connection.execute("DELETE FROM event")
        connection.close()
        all_of_them = seconds(command, Path(name), env)
        left = sum(1 for path in (root / "artifacts").glob("??/*"))
        assert left == 0, left
    report(
        Figure(f"{count:,} artifacts that runs need", idle, "s", at_most=LIMIT),
        Figure("the same, half of them evicted", half, "s", at_most=LIMIT),
        Figure(f"{count:,} that none needs", all_of_them, "s", at_most=LIMIT),
    )


def fill(root: Path, count: int) -> None:
    """Record a run with so many artifacts of 16 bytes, and write them."""
    folder = root / "artifacts"
    for number in range(_LETTERS):
        (folder / f"{number:02x}").mkdir(exist_ok=True)
    digests = []
    for number in range(count):
        content = b"%016d" % number
        digest = hashlib.sha256(content).hexdigest()
        (folder / digest[:2] / digest).write_bytes(content)
        digests.append(digest)
    run, moment = "20260101-000000-0000", "2026-01-01 00:00:00.000000"
    with sqlite3.connect(root / "metadata.sqlite") as connection:
        connection.execute("INSERT OR IGNORE INTO experiment VALUES (1, 'p')")
        connection.execute(
            "INSERT OR IGNORE INTO run VALUES "
            "(?, 1, 'p', NULL, 'local', 'succeeded', ?, ?, '{}', '{}', '{}', '{}')",
            (run, moment, moment),
        )
        connection.execute(
            "INSERT OR IGNORE INTO execution (id, run, step, attempt, status, reason, "
            "started, seconds, failure, metrics) "
            "VALUES ('e', ?, 's', 1, 'succeeded', '', ?, 0, '{}', '{}')",
            (run, moment),
        )
        connection.executemany(
            "INSERT OR REPLACE INTO artifact (digest, size, kind, types) "
            "VALUES (?, 16, '', '{}')",
            [(digest,) for digest in digests],
        )
        connection.executemany(
            "INSERT INTO event (execution, artifact, name, role) "
            "VALUES ('e', ?, 'x', 'output')",
            [(digest,) for digest in digests],
        )
    connection.close()
    (root / "runs" / run).mkdir(exist_ok=True)


if __name__ == "__main__":
    main()
