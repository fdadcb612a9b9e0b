"""The routes below `jupyter-kfx/`."""

from __future__ import annotations

import asyncio
from urllib.parse import unquote

from jupyter_kfx._version import __version__
from jupyter_kfx.server.base import Handler, allowed
from jupyter_kfx.server.debugger import kernel_at_step
from jupyter_kfx.server.openapi import openapi
from jupyter_kfx.server.page import POLICY
from jupyter_kfx.server.records import FILTERS
from jupyter_kfx.server.requests import check_keys
from jupyter_kfx.server.stream import Stream

__all__ = ["ROUTES"]


class _Health(Handler):
    @allowed("read")
    async def get(self) -> None:
        # No thread: it answers however much the others have to do.
        await self.finish(
            {"status": "ok", "version": __version__, "warm": self.service.warm}
        )


class _Analyse(Handler):
    @allowed("read")
    async def post(self) -> None:
        body = self.body()
        await self.answer(self.service.analyse, body)


class _Suggest(Handler):
    @allowed("read")
    async def post(self) -> None:
        body = self.body()
        await self.answer(self.service.suggest, body)


class _Warm(Handler):
    @allowed("execute")
    async def post(self) -> None:
        body = self.body()
        self.set_status(202)
        await self.answer(self.service.warm_up, body)


class _Engines(Handler):
    @allowed("read")
    async def get(self) -> None:
        await self.answer(self.service.engines)


class _Schema(Handler):
    @allowed("read")
    async def get(self) -> None:
        await self.answer(self.service.schema)


class _OpenApi(Handler):
    @allowed("read")
    async def get(self) -> None:
        await self.answer(openapi, self.base_url)


class _Runs(Handler):
    @allowed("read")
    async def get(self) -> None:
        path = self.get_query_argument("path", None)
        wanted = {
            name: value
            for name in FILTERS
            if (value := self.get_query_argument(name, None)) is not None
        }
        limit = self.number("limit")
        await self.answer(self.service.records.runs, path, limit, wanted)

    @allowed("execute")
    async def post(self) -> None:
        body = self.body()
        await self.answer_started(self.service.start, body)


class _Run(Handler):
    @allowed("read")
    async def get(self, run: str) -> None:
        await self.answer(self.service.records.run, unquote(run))

    @allowed("execute")
    async def delete(self, run: str) -> None:
        await asyncio.to_thread(self.service.records.delete, unquote(run))
        self.set_status(204)
        await self.finish()


class _Cancel(Handler):
    @allowed("execute")
    async def post(self, run: str) -> None:
        check_keys(self.body())
        self.set_status(202)
        await self.answer(self.service.records.cancel, unquote(run))


class _Retry(Handler):
    @allowed("execute")
    async def post(self, run: str) -> None:
        body = self.body()
        await self.answer_started(self.service.retry, unquote(run), body)


class _Debug(Handler):
    @allowed("execute")
    async def post(self, run: str) -> None:
        body = self.body()
        check_keys(body, "step")
        found = await asyncio.to_thread(
            self.service.records.debug, unquote(run), body.get("step")
        )
        started = await kernel_at_step(self.kernel_manager, found)
        self.set_status(201)
        await self.finish(started)


class _Compare(Handler):
    @allowed("execute")
    async def get(self, run: str) -> None:
        await self.answer(
            self.service.records.compare, unquote(run), self.text("other")
        )


class _Log(Handler):
    @allowed("read")
    async def get(self, run: str) -> None:
        offset = self.number("offset") or 0
        await self.answer(
            self.service.records.log, unquote(run), self.text("step"), offset
        )


class _Notebook(Handler):
    @allowed("read")
    async def get(self, run: str) -> None:
        await self.answer(
            self.service.records.notebook, unquote(run), self.text("step")
        )


class _Page(Handler):
    @allowed("read")
    async def get(self, run: str) -> None:
        text = await asyncio.to_thread(
            self.service.records.page, unquote(run), self.text("step")
        )
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        await self.finish(text, set_content_type="text/html; charset=utf-8")


class _Artifacts(Handler):
    @allowed("read")
    async def get(self, run: str) -> None:
        await self.answer(self.service.records.artifacts, unquote(run))


class _Artifact(Handler):
    @allowed("read")
    async def get(self, digest: str) -> None:
        await self.answer(self.service.records.artifact, digest)


ROUTES = (
    ("health", _Health),
    ("analyse", _Analyse),
    ("suggest", _Suggest),
    ("warm", _Warm),
    ("engines", _Engines),
    ("schema", _Schema),
    (r"openapi\.json", _OpenApi),
    ("runs", _Runs),
    (r"runs/([^/]+)", _Run),
    (r"runs/([^/]+)/cancel", _Cancel),
    (r"runs/([^/]+)/retry", _Retry),
    (r"runs/([^/]+)/debug", _Debug),
    (r"runs/([^/]+)/compare", _Compare),
    (r"runs/([^/]+)/log", _Log),
    (r"runs/([^/]+)/notebook", _Notebook),
    (r"runs/([^/]+)/notebook\.html", _Page),
    (r"runs/([^/]+)/artifacts", _Artifacts),
    (r"runs/([^/]+)/stream", Stream),
    (r"artifacts/([0-9a-f]{64})", _Artifact),
)
"""The routes: a pattern below `jupyter-kfx/`, and what answers it."""
