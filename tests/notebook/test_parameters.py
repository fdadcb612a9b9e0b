from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from jupyter_kfx.errors import UsageError
from jupyter_kfx.notebook import from_json
from jupyter_kfx.notebook.parameters import injected, parse, resolve, value_of_text
from jupyter_kfx.notebook.reading import NotebookCell
from jupyter_kfx.pipeline.model import Parameter

INTEGER, NUMBER = {"type": "integer"}, {"type": "number"}
TEXT, TRUTH, NULL = {"type": "string"}, {"type": "boolean"}, {"type": "null"}


def parameters(source: str) -> tuple[Parameter, ...]:
    return parse(NotebookCell("p", 0, "code", source, ("parameters",)))


def only(source: str) -> Parameter:
    (found,) = parameters(source)
    return found


@pytest.mark.parametrize(
    ("source", "default", "schema"),
    [
        ("x = 1", 1, INTEGER),
        ("x = -1", -1, INTEGER),
        ("x = 1.5e3", 1500.0, NUMBER),
        ("x = 'a'", "a", TEXT),
        ("x = True", True, TRUTH),
        ("x = None", None, {}),
        ("x = 60 * 60 * 24", 86400, INTEGER),
        ("x = 2 ** 10 - 1", 1023, INTEGER),
        ("x = 1 / 4", 0.25, NUMBER),
        ("x = 3 == 3", True, TRUTH),
        ("x = not True", False, TRUTH),
        ("x = 1 if True else 2", 1, INTEGER),
        ("x = None or 5", 5, INTEGER),
        ("x = 'a' 'b'", "ab", TEXT),
        ("x = 'a' + 'b' * 3", "abbb", TEXT),
        ("x = f'plain'", "plain", TEXT),
        ("x = '#hash'", "#hash", TEXT),
        ("x = 'a=b'", "a=b", TEXT),
        ("x = '''a\nb'''", "a\nb", TEXT),
        ("x = 'it\\'s \"so\"'", "it's \"so\"", TEXT),
        ("x = [1, -2]", [1, -2], {"type": "array"}),
        ("x = {'a': [1, None]}", {"a": [1, None]}, {"type": "object"}),
        ("x = dict(a=1)", {"a": 1}, {"type": "object"}),
        ("x = list()", [], {"type": "array"}),
        ("x = (1, 2)", [1, 2], {"type": "array", "x-python": "tuple"}),
        ("x = {2, 1}", [1, 2], {"type": "array", "uniqueItems": True, "x-python": "set"}),
        ("x = float('inf')", "inf", {"type": "number", "x-python": "float"}),
        ("x = 1 + 2j", "(1+2j)", {"not": {}, "x-python": "complex"}),
        ("x = b'a'", "b'a'", {"not": {}, "x-python": "bytes"}),
        ("x = {1: 'a'}", "{1: 'a'}", {"not": {}, "x-python": "dict"}),
        ("x: int = 1", 1, INTEGER),
        ("x: float = 1", 1, NUMBER),
        ("x: 'float' = 1", 1, NUMBER),
        ("x: int = None", None, {"anyOf": [INTEGER, NULL]}),
        ("x: str | None = None", None, {"anyOf": [TEXT, NULL]}),
        ("x: Optional[int] = 1", 1, {"anyOf": [INTEGER, NULL]}),
        ("x: Union[int, str] = 1", 1, {"anyOf": [INTEGER, TEXT]}),
        ("x: typing.List[int] = []", [], {"type": "array", "items": INTEGER}),
        ("x: list[int | None] = []", [], {"type": "array", "items": {"anyOf": [INTEGER, NULL]}}),
        ("x: dict[str, float] = {}", {}, {"type": "object", "additionalProperties": NUMBER}),
        ("x: tuple[int, str] = (1, 'a')", [1, "a"],
         {"type": "array", "prefixItems": [INTEGER, TEXT], "minItems": 2, "maxItems": 2,
          "x-python": "tuple"}),
        ("x: tuple[int, ...] = ()", [], {"type": "array", "items": INTEGER, "x-python": "tuple"}),
        ("x: Literal['a', 'b'] = 'a'", "a", {"enum": ["a", "b"]}),
        ("x: Annotated[int, 'years'] = 1", 1, INTEGER),
        ("x: Final[int] = 1", 1, INTEGER),
        ("x: Path = 'a'", "a", TEXT),
        ("x: Path | None = 'a'", "a", TEXT),
        ("x: Literal[y] = 1", 1, INTEGER),
        ("x: '((((' = 1", 1, INTEGER),
        ("x = 1 # type: float", 1, NUMBER),
    ],
)  # fmt: skip
def test_defaults_and_schemas(source: str, default: Any, schema: Any) -> None:
    found = only(source)
    assert found.name == "x"
    assert found.default == default
    assert type(found.default) is type(default)
    assert found.schema == schema
    jsonschema.Draft202012Validator.check_schema(found.schema)
    json.dumps(found.default, allow_nan=False)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("k = l = 3", ["k", "l"]),
        ("m, n = 1, 2", ["m", "n"]),
        ("[m, n] = [1, 2]", ["m", "n"]),
        ("m, (n, o) = 1, (2, 3)", []),
        ("u = 5; v = 6", ["u", "v"]),
        ("x = (\n  1\n)", ["x"]),
        ("x = 1 + \\\n  2", ["x"]),
        ("    x = 1\n    y = 2", ["x", "y"]),
        ("%matplotlib inline\nx = 1", ["x"]),
        ("import os\nx = 1\ny = os.getcwd()\nz = x", ["x"]),
        ("if True:\n    x = 1", []),
        ("x: int", []),
        ("x += 1", []),
        ("x.y = 1", []),
        ("x[0] = 1", []),
        ("*x, y = 1, 2", []),
        ("x = f'{y}'", []),
        ("x = open('a')", []),
        ("x = __import__('os').system('touch /tmp/hacked')", []),
        ("x = [i for i in (1,)]", []),
        ("x = lambda: 1", []),
        ("x = 1 +", []),
        ("x = '\0'", []),
        ("", []),
        ("größe = 1", ["größe"]),
    ],
)
def test_what_is_a_parameter(source: str, names: list[str]) -> None:
    assert [found.name for found in parameters(source)] == names


@pytest.mark.parametrize(
    "source",
    [
        "x = 10 ** 10 ** 10",
        "x = (10 ** 3000) ** 3000",
        "x = 1 << 10 ** 9",
        "x = 'a' * 10 ** 9",
        "x = [0] * 10 ** 9",
        "x = 10 ** 9 * 'a'",
        "x = '%999999999d' % 1",
        "x = ((('a' * 9999) * 9999) * 9999)",
        "x = " + "(" * 5000 + "1" + ")" * 5000,
        "x = " + "-" * 5000 + "1",
        "x = 1 / 0",
        "x = [1][5]",
        "x = {[]: 1}",
        "x = int('a')",
    ],
)
def test_hostile_constants_are_no_parameters(source: str) -> None:
    assert parameters(source) == ()


def test_the_last_assignment_counts() -> None:
    found = only("x = 1  # old\nx = 'b'  # new")
    assert (found.default, found.help, found.line) == ("b", "new", 2)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("x = 1  # years", "years"),
        ("x = 1; # years", "years"),
        ("x = 'é#'  # a # b", "a # b"),
        ("# how many\n#   years\nx = 1", "how many\nyears"),
        ("# a title\n\nx = 1", ""),
        ("# above\nx = 1  # behind", "behind"),
        ("x = [\n  1,  # one\n]  # all", "all"),
        ("x = 1  # type: float the rate", "the rate"),
        ("x = 1  # type: of car", "car"),
        ("x = '''\n# no comment\n'''", ""),
        ("x = 1", ""),
    ],
)
def test_comments_are_help(source: str, text: str) -> None:
    assert only(source).help == text


def test_the_source_is_as_the_notebook_spells_it() -> None:
    assert only("x = 'é' 'b' # c").source == "'é' 'b'"
    assert only("    x = (1 +\n      2)").source == "1 +\n  2"
    assert only("\n\nx = 0x10").line == 3


SOME = parameters(
    "n = 1\nrate = 0.5\nname = 'a'\nis_on = True\nids: list[int] = []\n"
    "limits: dict[str, float] = {}\nmodel: Literal['svm', 'tree'] = 'svm'\n"
    "maybe: str | None = None\nanything = None\npair: tuple[int, str] = (1, 'a')\n"
    "number_or_text: int | str = 1\ncomplex_one = 1j\nbag = {1}\n"
)
BY_NAME = {parameter.name: parameter for parameter in SOME}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 5), ("rate", 5), ("rate", 1e-3), ("name", ""), ("is_on", False),
        ("ids", [1, 2]), ("ids", []), ("limits", {"a": 1}), ("model", "tree"),
        ("maybe", None), ("maybe", "x"), ("anything", [1, {"a": None}]),
        ("pair", [2, "b"]), ("number_or_text", "a"), ("bag", [1, 2]),
    ],
)  # fmt: skip
def test_values_that_fit_are_taken(name: str, value: Any) -> None:
    assert resolve(SOME, {name: value}) == {name: value}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("n", "5", '`n` takes a whole number, not "5"'),
        ("n", 1.5, "a whole number"),
        ("n", True, "a whole number"),
        ("n", None, "a whole number, not null"),
        ("rate", "fast", "`rate` takes a number"),
        ("rate", True, "a number"),
        ("name", 5, "takes text"),
        ("is_on", 1, "true or false"),
        ("ids", ["a"], "a list (a whole number each)"),
        ("ids", "1", "a list"),
        ("limits", {"a": "b"}, "a mapping (a number each)"),
        ("limits", {1: 2}, "a mapping"),
        ("model", "forest", 'one of "svm", "tree"'),
        ("maybe", 5, "text or null"),
        ("pair", [1], "a list (a whole number, text)"),
        ("pair", ["a", 1], "a list (a whole number, text)"),
        ("anything", object(), "any value, not <object"),
        ("anything", [1, {2}], "any value"),
        ("complex_one", 1, "no value from outside"),
        ("name", ["x" * 500], "..."),
    ],
)  # fmt: skip
def test_values_that_do_not_fit_are_refused(name: str, value: Any, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(SOME, {name: value})
    assert said in caught.value.message
    assert BY_NAME[name].source in str(caught.value.cure)


def test_an_unknown_parameter_is_refused_with_the_right_ones() -> None:
    with pytest.raises(UsageError) as caught:
        resolve(SOME, {"nmae": "x"})
    text = str(caught.value)
    assert "there is no parameter `nmae`" in text
    assert "Did you mean `name`?" in text
    assert "rate (a number)" in text
    with pytest.raises(UsageError, match="the notebook has none"):
        resolve((), {"x": 1})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("n", "01234", 1234),
        ("n", "5", 5),
        ("n", "1_000", 1000),
        ("n", "five", "five"),
        ("rate", "1e-3", 0.001),
        ("rate", "5", 5),
        ("rate", "inf", float("inf")),
        ("name", "01234", "01234"),
        ("name", "true", "true"),
        ("name", "null", "null"),
        ("name", "[1]", "[1]"),
        ("name", "'quoted'", "'quoted'"),
        ("name", "", ""),
        ("is_on", "true", True),
        ("is_on", "False", False),
        ("is_on", "1", "1"),
        ("ids", "[1, 2]", [1, 2]),
        ("ids", "(1, 2)", [1, 2]),
        ("limits", '{"a": 1}', {"a": 1}),
        ("limits", "{'a': 1}", {"a": 1}),
        ("limits", "{'a': open('x')}", "{'a': open('x')}"),
        ("maybe", "null", None),
        ("maybe", "None", None),
        ("maybe", "x", "x"),
        ("model", "tree", "tree"),
        ("anything", "5", 5),
        ("anything", "a", "a"),
        ("anything", "[null]", [None]),
        ("number_or_text", "5", 5),
        ("number_or_text", "a", "a"),
        ("bag", "{2, 1}", [1, 2]),
        ("pair", "[1, 'a']", [1, "a"]),
    ],
)
def test_texts_mean_what_the_type_says(name: str, text: str, value: Any) -> None:
    found = value_of_text(BY_NAME[name], text)
    assert found == value
    assert type(found) is type(value)


def test_the_text_for_an_unknown_parameter_is_for_resolve_to_refuse() -> None:
    assert value_of_text(None, "5") == 5


def papermills(*sources: str) -> dict[str, Any]:
    """What the cells say that papermill has put into a notebook."""
    tags = {"tags": ["injected-parameters"]}
    cells = [
        {"cell_type": "code", "source": "a = 1", "metadata": {"tags": ["parameters"]}},
        *({"cell_type": "code", "source": s, "metadata": tags} for s in sources),
    ]
    return injected(from_json({"nbformat": 4, "cells": cells}))


def test_parameters_of_an_earlier_run_are_values() -> None:
    source = "# Parameters\na = 2\nb = {\"k\": [None, True]}\nc = float('inf')\n"
    values = {"a": 2, "b": {"k": [None, True]}, "c": float("inf")}
    assert papermills(source) == values
    assert papermills() == {}
    assert papermills("# Parameters\n") == {}


@pytest.mark.parametrize(
    "source", ["a = open('x')", "a = 1\nprint(a)", "a = (1, 2)", "a = {1: 2}", "a ="]
)
def test_an_earlier_run_that_did_something_else_is_refused(source: str) -> None:
    with pytest.raises(UsageError, match="earlier run"):
        papermills(source)
