"""What cells put out, as nbformat holds it."""

from __future__ import annotations

import base64
import re
import threading
from typing import Any, Callable

__all__ = ["Recorder", "as_shown"]

Output = "dict[str, Any]"
_BACKSPACED = re.compile(r"[^\n\x08]\x08")
_STRAY_BACKSPACES = re.compile(r"(^|\n)\x08+")


class Recorder:
    """Collects the outputs of one cell after the other as a notebook front end does."""

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self._tell = tell
        self._lock = threading.RLock()
        self._index: int | None = None
        self._outputs: list[dict[str, Any]] = []
        self._clear_pending = False
        self._displays: dict[str, list[dict[str, Any]]] = {}
        self.updates: dict[str, dict[str, Any]] = {}
        """What is shown last under each display id, wherever it was shown first."""

    def start(self, index: int) -> list[dict[str, Any]]:
        """Record for a cell from now on; return the list its outputs go to."""
        with self._lock:
            self._index, self._outputs, self._clear_pending = index, [], False
            return self._outputs

    def stop(self) -> None:
        """Finish the outputs of the cell and swallow what comes after."""
        with self._lock:
            for output in self._outputs:
                if output["output_type"] == "stream":
                    output["text"] = as_shown("".join(output["text"]))
            self._index, self._outputs = None, []

    def stream(self, name: str, text: str) -> None:
        """Record text on stdout or stderr."""
        with self._lock:
            if self._index is None:
                return
            self._clear_if_pending()
            last = self._outputs[-1] if self._outputs else {}
            if last.get("output_type") == "stream" and last["name"] == name:
                last["text"].append(text)
            else:
                self._outputs.append(
                    {"output_type": "stream", "name": name, "text": [text]}
                )
            index = self._index
        self._tell({"event": "output", "index": index, "stream": name, "text": text})

    def display(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None,
        display_id: str | None = None,
        count: int | None = None,
    ) -> None:
        """Record a MIME bundle; with a count it is the result of a cell."""
        output: dict[str, Any] = {
            "output_type": "display_data",
            "data": _clean(data),
            "metadata": _clean(metadata or {}),
        }
        if count is not None:
            output["output_type"] = "execute_result"
            output["execution_count"] = count
        with self._lock:
            if display_id is not None:
                self._replace(display_id, output)
                self.updates[display_id] = _content(output)
            if self._append(output) and display_id is not None:
                self._displays.setdefault(display_id, []).append(output)

    def update(
        self, data: dict[str, Any], metadata: dict[str, Any] | None, display_id: str
    ) -> None:
        """Replace what was displayed under an id, in whichever cell of the step."""
        with self._lock:
            if self._index is None:
                return
            content = {"data": _clean(data), "metadata": _clean(metadata or {})}
            self._replace(display_id, content)
            self.updates[display_id] = content

    def shown(self) -> dict[str, list[dict[str, Any]]]:
        """Return the outputs that are shown under each display id."""
        return self._displays

    def error(self, ename: str, evalue: str, traceback: list[str]) -> None:
        """Record an error."""
        self._append(
            {
                "output_type": "error",
                "ename": ename,
                "evalue": evalue,
                "traceback": traceback,
            }
        )

    def clear(self, *, wait: bool) -> None:
        """Forget the cell's outputs, now or when the next one comes."""
        with self._lock:
            self._clear_pending = True
            if not wait:
                self._clear_if_pending()

    def _append(self, output: dict[str, Any]) -> bool:
        with self._lock:
            if self._index is None:
                return False
            self._clear_if_pending()
            self._outputs.append(output)
            return True

    def _replace(self, display_id: str, content: dict[str, Any]) -> None:
        for output in self._displays.get(display_id, ()):
            output["data"] = content["data"]
            output["metadata"] = content["metadata"]

    def _clear_if_pending(self) -> None:
        if self._clear_pending:
            self._outputs.clear()
            self._clear_pending = False


def _content(output: dict[str, Any]) -> dict[str, Any]:
    return {"data": output["data"], "metadata": output["metadata"]}


def as_shown(text: str) -> str:
    """Return what is left to see after backspaces and carriage returns."""
    while "\x08" in text:
        shorter = _STRAY_BACKSPACES.sub(r"\1", _BACKSPACED.sub("", text))
        if shorter == text:
            break
        text = shorter
    if "\r" not in text:
        return text
    return "\n".join(_overwritten(line) for line in text.split("\n"))


def _overwritten(line: str) -> str:
    ended = line.endswith("\r")
    shown = ""
    for part in line.rstrip("\r").split("\r"):
        shown = part + shown[len(part) :]
    # A carriage return at the end still overwrites what the next write brings.
    return shown + "\r" if ended and not shown.endswith("\r") else shown


def _clean(value: Any) -> Any:
    """Return the value as JSON can hold it."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else repr(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, dict):
        return {str(key): _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(item) for item in value]
    return repr(value)
