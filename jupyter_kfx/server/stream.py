"""The WebSocket on which a browser follows a run."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.websocket import WebSocketMixin
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from jupyter_kfx.errors import KfxError, UsageError
from jupyter_kfx.server.base import RESOURCE, Handler

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator

    from jupyter_kfx.background.watch import Watch

__all__ = ["Stream"]

_REST = 0.1
"""Seconds between two looks at a run that has nothing new."""


class Stream(WebSocketMixin, WebSocketHandler, Handler):
    """Sends what happens in a run, and the logs that the browser asks for."""

    watch: Watch
    _feeding: asyncio.Task[None] | None = None

    async def prepare(self) -> None:  # type: ignore[override]
        """Know the user; a stranger is refused, not sent to a page to log in."""
        await Handler.prepare(self)

    @ws_authenticated
    async def get(self, run: str) -> None:
        """Open the socket, for users who may read runs."""
        may = self.authorizer.is_authorized(self, self.current_user, "read", RESOURCE)
        if not await ensure_async(may):
            raise HTTPError(403)
        position = self.number("position")
        self.watch = await asyncio.to_thread(
            self.service.records.watch, unquote(run), position
        )
        await super().get(run)

    def open(self, *_arguments: str) -> None:
        """Begin to tell."""
        super().open()
        self._feeding = asyncio.create_task(self._feed())

    def on_message(self, message: str | bytes) -> None:
        """Follow a log, or no longer."""
        try:
            self._hear(json.loads(message))
        except (ValueError, RecursionError):
            self._refuse(UsageError("that is no JSON.", cure="Send an object."))
        except UsageError as error:
            self._refuse(error)

    def on_close(self) -> None:
        """Tell no more."""
        super().on_close()
        if self._feeding is not None:
            self._feeding.cancel()

    def _hear(self, message: Any) -> None:
        match message:
            case {"follow": str(step), **rest} if rest.keys() <= {"offset"}:
                offset = rest.get("offset", 0)
                if type(offset) is not int or not 0 <= offset < 2**63:
                    text = f"`offset` is no number of bytes: {offset!r:.80}."
                    raise UsageError(text, cure="Give 0, or a `next` of the log.")
                self.watch.follow(step, offset)
            case {"unfollow": str(step), **rest} if not rest:
                self.watch.unfollow(step)
            case _:
                text = "only `follow` and `unfollow` can be asked for here."
                raise UsageError(text, cure='Send {"follow": STEP, "offset": 0}.')

    def _refuse(self, error: UsageError) -> None:
        answer = {"type": "error", "message": error.message, "cure": error.cure}
        asyncio.ensure_future(self._send(answer))  # noqa: RUF006  (it only writes)

    async def _feed(self) -> None:
        try:
            while not self.watch.ended:
                news = self.watch.news()
                told = False
                while await self._tell_next(news):
                    told = True
                if not told:
                    await asyncio.sleep(_REST)
        except KfxError as error:  # its run was deleted
            self.close(1011, error.message[:100])
            return
        self.close(1000)

    async def _tell_next(self, news: Iterator[dict[str, Any]]) -> bool:
        """Send the next message; tell whether there was one.

        A run that prints has news for all who watch it at once. They take turns, and
        between two of them the server answers what else it is asked.
        """
        async with self.turn:
            message = next(news, None)
            if message is None:
                return False
            sent = self._write(self.service.records.told(message))
            await asyncio.sleep(0)
        await self._flushed(sent)  # a slow one keeps nobody waiting
        return True

    async def _send(self, message: dict[str, Any]) -> None:
        await self._flushed(self._write(message))

    def _write(self, message: dict[str, Any]) -> Awaitable[None]:
        try:
            return self.write_message(json.dumps(message, default=repr))
        except WebSocketClosedError:
            raise asyncio.CancelledError from None

    async def _flushed(self, sent: Awaitable[None]) -> None:
        try:
            await sent
        except WebSocketClosedError:
            raise asyncio.CancelledError from None
