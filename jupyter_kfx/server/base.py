"""What all routes share: who may ask, and how errors are told."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, TypeVar, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError, authenticated

from jupyter_kfx.errors import KfxError, NotebookError, RunError, StoreError, UsageError
from jupyter_kfx.server.records import MissingError
from jupyter_kfx.server.service import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from jupyter_kfx.server.announcer import Announcer
    from jupyter_kfx.server.service import Service

__all__ = ["RESOURCE", "Handler", "allowed", "told"]

RESOURCE = "jupyter-kfx"
"""What the server's authorizer is asked about."""
_DIGITS = 18
"""No file and no list is longer than so many digits say."""
_T = TypeVar("_T")
_Method = TypeVar("_Method", bound="Callable[..., Any]")
_STATUS = (
    (MissingError, 404),
    (UsageError, 400),
    (NotebookError, 422),
    (RunError, 502),
    (StoreError, 500),
)


def allowed(action: str) -> Callable[[_Method], _Method]:
    """Return what lets only users in who may do this to pipelines."""

    def guarded(method: _Method) -> _Method:
        guard = cast("Callable[[_Method], _Method]", authorized(action))
        return cast("_Method", authenticated(guard(method)))

    return guarded


class Handler(APIHandler):
    """Answers in JSON; an error is a sentence and its cure."""

    auth_resource = RESOURCE

    def initialize(
        self, service: Service, announcer: Announcer, turn: asyncio.Lock
    ) -> None:
        """Take what answers, and the lock by which streams take turns."""
        self.service = service
        self.announcer = announcer
        self.turn = turn

    async def answer(self, call: Callable[..., _T], *arguments: Any) -> None:
        """Answer with what a call returns, made in a thread."""
        result = await asyncio.to_thread(call, *arguments)
        await self.finish(json.dumps(result, default=repr))

    async def answer_started(
        self, call: Callable[..., dict[str, Any]], *arguments: Any
    ) -> None:
        """Answer with the run that a call starts, and announce what happens in it."""
        started = await asyncio.to_thread(call, *arguments)
        self.announcer.follow(started["run"])
        self.set_status(201)
        await self.finish(json.dumps(started))

    def body(self) -> dict[str, Any]:
        """Return the object in the request."""
        content = self.get_json_body()
        if not isinstance(content, dict):
            message = "the request is not a JSON object."
            raise UsageError(message, cure="Send one.")
        return content

    def text(self, name: str) -> str:
        """Return a text of the query, which must be there."""
        text = self.get_query_argument(name, None, strip=False)
        if text is None:
            message = f"the request names no {name}."
            raise UsageError(message, cure=f"Give it as `{name}`.")
        return text

    def number(self, name: str) -> int | None:
        """Return a number of the query, none if it is not given."""
        text = self.get_query_argument(name, None)
        if text is None:
            return None
        if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
            message = f"`{name}` is not a number: {text!r:.80}."
            raise UsageError(message, cure="Give a whole number, 0 or more.")
        return int(text)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Send an error as a sentence, its place and its cure."""
        _, error, _ = kwargs.get("exc_info", (None, None, None))
        status, document = told(status_code, error)
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(document, default=repr))

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log what nobody has foreseen."""
        if not isinstance(value, KfxError | RefusedError):
            super().log_exception(typ, value, tb)


def told(status: int, error: BaseException | None) -> tuple[int, dict[str, Any]]:
    """Return the status and the document of an error."""
    if isinstance(error, RefusedError):
        kind = error.document["kind"]
        codes = {"DiagnosticsError": 422, "UsageError": 400, "NotebookFormatError": 422}
        return codes.get(kind, 502), error.document
    if isinstance(error, KfxError):
        code = next(code for kind, code in _STATUS if isinstance(error, kind))
        return code, error.to_json()
    if isinstance(error, HTTPError):
        message = error.log_message or error.reason or "the request was refused."
        return status, {"kind": "RequestError", "message": message, "cure": None}
    kind = type(error).__name__
    message = f"the server could not answer: {kind}."
    return 500, {"kind": kind, "message": message, "cure": "Look into its log."}
