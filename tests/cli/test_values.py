from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from jupyter_kfx.cli.values import joined, values
from jupyter_kfx.errors import UsageError
from jupyter_kfx.pipeline.model import Parameter


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("nb -p n 3", "nb|-p|n=3"),
        ("nb -p n=3", "nb|-p|n=3"),
        ("nb -p n=3 -p m 4 -o out", "nb|-p|n=3|-p|m=4|-o|out"),
        ("-p lr -0.1 nb", "-p|lr=-0.1|nb"),
        ("-p text a=b nb", "-p|text=a=b|nb"),
        ("-p text=a=b nb", "-p|text=a=b|nb"),
        ("-p n= nb", "-p|n=|nb"),
        ("-p ünï 1", "-p|ünï=1"),
        ("-r n 3", "-r|n=3"),
        ("--parameters n 3", "--parameters|n=3"),
        ("--parameters=n=3 nb", "--parameters=n=3|nb"),
        ("-o -p nb", "-o|-p|nb"),
        ("nb -- -p n 3", "nb|--|-p|n|3"),
        ("-p", "-p"),
        ("-p n", "-p|n"),
    ],
)
def test_papermill_spells_a_parameter_in_two_words(words: str, found: str) -> None:
    assert "|".join(joined(words.split())) == found


KNOWN = [
    Parameter("n", 1, "1", {"type": "integer"}),
    Parameter("s", "", "''", {"type": "string"}),
    Parameter("xs", [], "[]", {"type": "array"}),
]


def given(**options: Any) -> dict[str, Any]:
    kinds = {"typed": (), "raw": (), "texts": (), "files": (), "encoded": ()}
    return values(KNOWN, **{**kinds, **options})


def test_texts_are_read_as_the_parameter_wants() -> None:
    read = given(typed=["n=3", "s=3", "xs=[1, 2]"])
    assert read == {"n": 3, "s": "3", "xs": [1, 2]}
    assert given(raw=["n=3"]) == {"n": "3"}


def test_the_last_kind_wins() -> None:
    Path("file.yaml").write_text("n: 2\ns: file\nxs: [1]", "utf-8")
    encoded = base64.b64encode(b"n: 1\nd: 2020-01-01").decode()
    assert given(
        encoded=[encoded], files=["file.yaml"], texts=["s: yaml"], typed=["n=4"]
    ) == {"n": 4, "s": "yaml", "xs": [1], "d": "2020-01-01"}
    assert given(texts=[""]) == {}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"typed": ["n"]}, "`n` gives no value"),
        ({"texts": ["- 1"]}, "no mapping"),
        ({"texts": ["1: x"]}, "no mapping"),
        ({"texts": ["a: [1"]}, "no YAML"),
        ({"texts": ["!!python/object/apply:os.getcwd []"]}, "no YAML"),
        ({"texts": ["[" * 5000]}, "nested too deeply"),
        ({"files": ["missing.yaml"]}, "cannot be read"),
        ({"files": ["binary.yaml"]}, "not UTF-8"),
        ({"encoded": ["%%%"]}, "not base64"),
    ],
)
def test_what_cannot_be_read_is_named(options: dict[str, Any], said: str) -> None:
    Path("binary.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(UsageError, match=said):
        given(**options)
