"""Tags added to the cells of a notebook, and to its file."""

from __future__ import annotations

import contextlib
import copy
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_kfx.errors import UsageError
from jupyter_kfx.notebook.reading import from_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_kfx.notebook.reading import Notebook

__all__ = ["tagged", "write_tags"]

_FORMS: tuple[dict[str, Any], ...] = (
    {"indent": 1, "ensure_ascii": False},
    {"indent": 1},
    {"indent": 2, "ensure_ascii": False},
    {"indent": 2},
    {"indent": 4, "ensure_ascii": False},
    {"indent": 4},
    {"ensure_ascii": False, "separators": (",", ":")},
    {"ensure_ascii": False},
    {},
)
"""How JSON may be written; the first is nbformat's way."""


def tagged(notebook: Notebook, tags: Mapping[int, Sequence[str]]) -> Notebook:
    """Return the notebook with tags added to cells, which are named by position."""
    return from_json(_added(notebook.raw, tags), notebook.path)


def _added(raw: Mapping[str, Any], tags: Mapping[int, Sequence[str]]) -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(dict(raw))
    for index, more in tags.items():
        cell = document["cells"][index]
        metadata = cell.setdefault("metadata", {})
        in_order = list(metadata) == sorted(metadata)
        metadata["tags"] = list(dict.fromkeys((*metadata.get("tags", ()), *more)))
        if in_order:
            cell["metadata"] = {key: metadata[key] for key in sorted(metadata)}
    return document


def write_tags(notebook: Notebook, tags: Mapping[int, Sequence[str]]) -> None:
    """Add tags to the cells of a notebook's file, as a whole or not at all.

    The rest of the file stays as it is. UsageError if the file has another content than
    the notebook, is of an old format, or cannot be written.
    """
    if notebook.path is None:
        raise UsageError("the notebook has no file.", cure="Save it first.")
    target = Path(notebook.path).resolve()
    temporary = target.with_name(f".{target.name}.part")
    try:
        text = target.read_bytes().decode("utf-8")
        if json.loads(text.removeprefix("\ufeff")) != notebook.raw:
            message = f"`{notebook.path}` has changed, or is of an old format."
            cure = "Save it in JupyterLab, then try again."
            raise UsageError(message, cure=cure)
        written = _written(text, notebook.raw, _added(notebook.raw, tags))
        temporary.write_bytes(written.encode("utf-8", "surrogatepass"))
        shutil.copymode(target, temporary)
        temporary.replace(target)
    except (OSError, ValueError) as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        reason = getattr(error, "strerror", None) or "it is no notebook any more"
        message = f"`{notebook.path}` cannot be written: {reason}."
        raise UsageError(message, cure="Write to a folder that is yours.") from error


def _written(text: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Return a document in the form that its text had before."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix(mark).rstrip()
    end = text[len(mark) + len(body) :]
    windows = "\r\n" in body
    plain = body.replace("\r\n", "\n")
    for form in _FORMS:
        if json.dumps(old, **form) == plain:
            written = json.dumps(new, **form)
            break
    else:
        written = json.dumps(new, **_FORMS[0])
    if windows:
        written = written.replace("\n", "\r\n")
    return f"{mark}{written}{end}"
