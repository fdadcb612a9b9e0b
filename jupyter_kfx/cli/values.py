"""Parameter values from the command line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_kfx.pipeline.model import Parameter

__all__ = ["joined", "values"]

_PAIR = re.compile(r"(?s)[^\W\d]\w*=.*")
_PAIRED = frozenset({"-p", "--parameters", "-r", "--parameters_raw"})
_SINGLE = frozenset({"-o", "-y", "-f", "-b", "-k", "-j"})


def joined(arguments: Sequence[str]) -> list[str]:
    """Return command-line words with papermill's `-p name value` as `-p name=value`."""
    found, rest = [], list(arguments)
    while rest:
        word = rest.pop(0)
        found.append(word)
        if word == "--":
            return found + rest
        if word in _SINGLE and rest:
            found.append(rest.pop(0))  # even if it looks like an option
        elif word in _PAIRED and rest:
            pair = rest.pop(0)
            if not _PAIR.fullmatch(pair) and rest:
                pair = f"{pair}={rest.pop(0)}"
            found.append(pair)
    return found


def values(
    parameters: Sequence[Parameter],
    *,
    typed: Sequence[str],
    raw: Sequence[str],
    texts: Sequence[str],
    files: Sequence[str],
    encoded: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the values given; later kinds win: base64, files, YAML, typed, raw."""
    from jupyter_kfx.notebook.parameters import value_of_text

    known = {parameter.name: parameter for parameter in parameters}
    found: dict[str, Any] = {}
    for text in encoded:
        found |= _yaml(_decoded(text), "what `-b` gives")
    for path in files:
        try:
            found |= _yaml(Path(path).read_text("utf-8"), f"the file `{path}`")
        except OSError as error:
            message = f"the file `{path}` cannot be read: {error.strerror}."
            raise UsageError(message) from error
        except UnicodeDecodeError as error:
            message = f"the file `{path}` is not UTF-8 text."
            raise UsageError(message) from error
    for text in texts:
        found |= _yaml(text, "what `-y` gives")
    for pair in typed:
        name, value = _split(pair)
        found[name] = value_of_text(known.get(name), value)
    for pair in raw:
        name, value = _split(pair)
        found[name] = value
    return found


def _split(pair: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not equals:
        message = f"`{pair}` gives no value."
        raise UsageError(message, cure="Write `-p name value` or `-p name=value`.")
    return name, value


def _decoded(text: str) -> str:
    import base64
    import binascii

    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        message = "what `-b` gives is not base64 of UTF-8 text."
        raise UsageError(message) from error


def _yaml(text: str, what: str) -> dict[str, Any]:
    import yaml

    class Loader(yaml.SafeLoader):
        """Leaves dates as the text that they are; JSON has none."""

        yaml_implicit_resolvers = {  # noqa: RUF012  (as in its base)
            first: [pair for pair in pairs if not pair[0].endswith(":timestamp")]
            for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    try:
        content = yaml.load(text, Loader)  # noqa: S506  (it is a safe one)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        message = f"{what} is no YAML."
        raise UsageError(message, line=line) from error
    except RecursionError as error:
        message = f"{what} is nested too deeply."
        raise UsageError(message) from error
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(k, str) for k in content):
        message = f"{what} is no mapping of names to values."
        raise UsageError(message, cure="Write `name: value`.")
    return content
