"""The routes below `jupyter-kfx/`."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import unquote

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError, authenticated

from jupyter_kfx.errors import KfxError, NotebookError, RunError, StoreError, UsageError
from jupyter_kfx.server.service import MissingError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from jupyter_kfx.server.service import Service

__all__ = ["ROUTES"]

_T = TypeVar("_T")
_Method = TypeVar("_Method", bound="Callable[..., Any]")
_STATUS = (
    (MissingError, 404),
    (UsageError, 400),
    (NotebookError, 422),
    (RunError, 502),
    (StoreError, 500),
)


def _allowed(action: str) -> Callable[[_Method], _Method]:
    """Return what lets only users in who may do this to pipelines."""

    def guarded(method: _Method) -> _Method:
        guard = cast("Callable[[_Method], _Method]", authorized(action))
        return cast("_Method", authenticated(guard(method)))

    return guarded


class _Handler(APIHandler):
    """Answers in JSON; an error is a sentence and its cure."""

    auth_resource = "jupyter-kfx"

    def initialize(self, service: Service) -> None:
        self.service = service

    async def answer(self, call: Callable[..., _T], *arguments: Any) -> None:
        """Answer with what a call returns, made in a thread."""
        result = await asyncio.to_thread(call, *arguments)
        await self.finish(json.dumps(result, default=repr))

    def body(self) -> dict[str, Any]:
        """Return the object in the request."""
        content = self.get_json_body()
        if not isinstance(content, dict):
            message = "the request is not a JSON object."
            raise UsageError(message, cure="Send one.")
        return content

    def number(self, name: str) -> int | None:
        """Return a number of the query, none if it is not given."""
        text = self.get_query_argument(name, None)
        if text is None:
            return None
        if not text.isascii() or not text.isdigit():
            message = f"`{name}` is not a number: {text!r:.80}."
            raise UsageError(message, cure="Give a whole number, 0 or more.")
        return int(text)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Send an error as a sentence, its place and its cure."""
        _, error, _ = kwargs.get("exc_info", (None, None, None))
        status, document = _told(status_code, error)
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


class _Health(_Handler):
    @_allowed("read")
    async def get(self) -> None:
        await self.answer(lambda: {"status": "ok"})


class _Analyse(_Handler):
    @_allowed("read")
    async def post(self) -> None:
        body = self.body()
        await self.answer(self.service.analyse, body)


class _Suggest(_Handler):
    @_allowed("read")
    async def post(self) -> None:
        body = self.body()
        await self.answer(self.service.suggest, body)


class _Engines(_Handler):
    @_allowed("read")
    async def get(self) -> None:
        from jupyter_kfx.project import ENGINES

        await self.answer(
            lambda: [{"name": name, "does": does} for name, does in ENGINES.items()]
        )


class _Runs(_Handler):
    @_allowed("read")
    async def get(self) -> None:
        path = self.get_query_argument("path", None)
        await self.answer(self.service.runs, path, self.number("limit"))

    @_allowed("execute")
    async def post(self) -> None:
        body = self.body()
        self.set_status(201)
        await self.answer(self.service.start, body)


class _Run(_Handler):
    @_allowed("read")
    async def get(self, run: str) -> None:
        await self.answer(self.service.run, unquote(run))


class _Cancel(_Handler):
    @_allowed("execute")
    async def post(self, run: str) -> None:
        self.set_status(202)
        await self.answer(self.service.cancel, unquote(run))


class _Log(_Handler):
    @_allowed("read")
    async def get(self, run: str) -> None:
        step = self.get_query_argument("step", strip=False)
        offset = self.number("offset") or 0
        await self.answer(self.service.log, unquote(run), step, offset)


class _Notebook(_Handler):
    @_allowed("read")
    async def get(self, run: str) -> None:
        step = self.get_query_argument("step", strip=False)
        await self.answer(self.service.notebook, unquote(run), step)


ROUTES = (
    ("health", _Health),
    ("analyse", _Analyse),
    ("suggest", _Suggest),
    ("engines", _Engines),
    ("runs", _Runs),
    (r"runs/([^/]+)", _Run),
    (r"runs/([^/]+)/cancel", _Cancel),
    (r"runs/([^/]+)/log", _Log),
    (r"runs/([^/]+)/notebook", _Notebook),
)
"""The routes: a pattern below `jupyter-kfx/`, and what answers it."""


def _told(status: int, error: BaseException | None) -> tuple[int, dict[str, Any]]:
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
