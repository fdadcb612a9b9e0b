"""`jupyter kfx store`, on stores that runs have filled."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_kfx.cli.sizes import parsed, size
from jupyter_kfx.errors import UsageError
from tests.cli.conftest import Call, Cells, document


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1000", 1000),
        ("10GB", 10**10),
        ("1.5 kB", 1500),
        ("512MiB", 2**29),
        ("2Gi", 2**31),
        ("3tb", 3 * 10**12),
        ("0", 0),
    ],
)
def test_sizes_are_read(text: str, count: int) -> None:
    assert parsed(text) == count


@pytest.mark.parametrize("text", ["", "ten", "-1", "10 XB", "10i", "1e9"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError, match="no size"):
        parsed(text)


def test_sizes_are_written() -> None:
    assert [size(n) for n in (0, 999, 1500, 12_340_000, 10**15)] == [
        "0 B",
        "999 B",
        "1.5 kB",
        "12.3 MB",
        "1e+03 TB",
    ]


def test_the_life_of_a_store(call: Call) -> None:
    for _ in range(2):
        assert call("run", "good.ipynb").code == 0
    usage = json.loads(call("store", "du", "--json").out)
    assert len(usage["runs"]) == 2
    assert usage["values"] > 0
    assert usage["waste"] == 0
    text = call("store", "du").out
    assert "needed by no run: 0 B" in text
    checked = call("store", "check")
    assert (checked.code, "all are what they were" in checked.out) == (0, True)
    swept = json.loads(call("store", "gc", "--json").out)
    assert (swept["deleted"], swept["left"]) == (0, usage["values"])
    dry = json.loads(call("store", "gc", "--max-size", "0", "--dry-run", "--json").out)
    assert dry["evicted"] == usage["artifacts"]
    assert call("store", "gc", "--max-size", "0").code == 0
    again = json.loads(call("store", "du", "--json").out)
    assert (again["values"], again["evicted"]) == (0, usage["artifacts"])
    assert call("store", "check").code == 0
    runs = [run["run"] for run in usage["runs"]]
    assert call("runs", "rm", *runs).out.count("deleted") == 2
    assert json.loads(call("runs", "list", "--json").out) == []
    last = json.loads(call("store", "du", "--json").out)
    assert (last["artifacts"], last["evicted"], last["files"]) == (0, 0, 0)


def test_a_limit_is_kept_and_shown(call: Call) -> None:
    assert call("store", "limit").out == "no limit\n"
    assert call("store", "limit", "1MB").out == "1 MB\n"
    assert json.loads(call("store", "limit", "--json").out) == {"limit": 10**6}
    assert "of at most 1 MB" in call("store", "du").out
    refused = call("store", "limit", "much")
    assert (refused.code, "no size" in refused.err) == (2, True)
    assert call("store", "limit", "none").out == "no limit\n"
    assert call("store", "limit", "0").code == 0
    assert call("run", "good.ipynb").code == 0
    assert json.loads(call("store", "du", "--json").out)["values"] == 0


def test_check_names_and_removes_what_is_damaged(call: Call) -> None:
    assert call("run", "good.ipynb").code == 0
    victim = next(p for p in Path("store/artifacts").glob("??/*") if p.is_file())
    content = bytearray(victim.read_bytes())
    content[-1] ^= 1
    victim.write_bytes(content)
    found = call("store", "check")
    assert found.code == 1
    assert f"{victim.name} is damaged: `" in found.out
    assert "step `" in found.out
    assert "check --remove" in found.err
    document = json.loads(call("store", "check", "--json").out)
    assert document["good"] is False
    assert [fault["digest"] for fault in document["faults"]] == [victim.name]
    assert document["removed"] == []
    removed = call("store", "check", "--remove")
    assert (removed.code, "removed 1" in removed.out) == (0, True)
    assert not victim.exists()
    assert call("store", "check").code == 0


def test_a_step_that_is_given_a_damaged_value_says_how_to_go_on(call: Call) -> None:
    def run(use: str) -> Any:
        cells: Cells = [(["step:make"], "x = [1, 2]"), (["step:use"], use)]
        Path("n.ipynb").write_text(json.dumps(document(cells)), "utf-8")
        return call("run", "n.ipynb")

    assert run("print(x)").code == 0
    (victim,) = Path("store/artifacts").glob("??/*")
    victim.write_bytes(victim.read_bytes().replace(b"\x80\x05", b"\x00\x05"))
    failed = run("print(x, 1)")
    assert failed.code == 1
    assert "the stored value of `x` is damaged" in failed.err
    assert "Traceback" not in failed.err
    assert "store check --remove" in failed.err
    assert call("store", "check", "--remove").code == 0
    assert run("print(x, 1)").code == 0


def test_a_run_on_a_small_disk_fails_and_leaves_nothing_half_written() -> None:
    cells: Cells = [
        (["step:make"], "import os\nbig = os.urandom(30_000_000)"),
        (["step:use"], "print(len(big))"),
    ]
    Path("big.ipynb").write_text(json.dumps(document(cells)), "utf-8")
    Path("disk").mkdir()
    script = (
        "mount -t tmpfs -o size=24m kfx disk && echo mounted && "
        '"$1" -m jupyter_kfx.cli run big.ipynb --store disk/s; echo "code $?"; '
        "find disk/s/artifacts -type f -size +0; mount -o remount,ro disk; "
        '"$1" -m jupyter_kfx.cli run big.ipynb --store disk/s; echo "code $?"'
    )
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("there is no unshare to mount a small disk with")
    done = subprocess.run(
        [unshare, "-rm", "sh", "-c", script, "sh", sys.executable],
        capture_output=True,
        text=True,
    )
    if not done.stdout.startswith("mounted"):
        pytest.skip("a small disk cannot be mounted here")
    assert "big cannot be stored: No space left on device" in done.stderr
    assert "the disk is read-only" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.endswith("code 1\ncode 2\n")
