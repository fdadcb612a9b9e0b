"""Every route: who is let in, and whether it does what its document says."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_server.auth import Authorizer, User
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.web import create_signed_value
from tornado.websocket import websocket_connect

from jupyter_kfx.server.handlers import ROUTES
from jupyter_kfx.server.openapi import openapi
from tests.cli.conftest import GOOD
from tests.server.conftest import Call, End, Start

VERBS = ("get", "post", "put", "patch", "delete")
FILLED = {"run": "some", "digest": "0" * 64}


def documented() -> list[tuple[str, str]]:
    """Return method and path of every operation, with its parts filled in."""
    return [
        (method.upper(), path.format(**FILLED))
        for path, item in openapi("/")["paths"].items()
        for method in item
        if method in VERBS
    ]


def routed() -> Iterator[tuple[str, str]]:
    for pattern, handler in ROUTES:
        path = pattern.replace(r"\.", ".")
        path = path.replace("([^/]+)", "some").replace("([0-9a-f]{64})", "0" * 64)
        for verb in VERBS:
            if verb in vars(handler):
                yield verb.upper(), f"/{path}"


def test_every_route_is_documented() -> None:
    assert sorted(routed()) == sorted(documented())


class _Nobody(Authorizer):
    def is_authorized(self, *_asked: Any) -> bool:
        return False


@pytest.fixture
def status(
    http_server_client: Any,
    jp_base_url: str,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> Any:
    """Give what sends a request as it is and returns the status of the answer."""

    def ask(method: str, path: str, headers: dict[str, str]) -> int:
        body = json.dumps({}) if method in ("POST", "PUT", "PATCH") else None
        request = http_server_client.fetch(
            f"{jp_base_url}jupyter-kfx{path}",
            method=method,
            body=body,
            headers=headers,
            follow_redirects=False,
        )
        asyncio.set_event_loop(jp_asyncio_loop)
        try:
            return int(jp_asyncio_loop.run_until_complete(request).code)
        except HTTPClientError as error:
            return error.code

    return ask


@pytest.mark.parametrize(("method", "path"), documented())
def test_strangers_are_refused(status: Any, method: str, path: str) -> None:
    assert status(method, path, {}) == 403
    assert status(method, path, {"Authorization": "token wrong"}) == 403


@pytest.mark.parametrize(("method", "path"), documented())
def test_users_without_the_right_are_refused(
    status: Any,
    jp_serverapp: ServerApp,
    jp_auth_header: dict[str, str],
    method: str,
    path: str,
) -> None:
    assert status(method, path, jp_auth_header) != 403
    settings = jp_serverapp.web_app.settings
    settings["authorizer"] = _Nobody(parent=jp_serverapp)
    assert status(method, path, jp_auth_header) == 403


def _cookies(server: ServerApp) -> str:
    """Return what the browser of a user who is logged in sends by itself."""
    provider = server.identity_provider
    name = provider.cookie_name = "someone"
    user = provider.user_to_cookie(User("someone"))
    secret = server.web_app.settings["cookie_secret"]
    return f"{name}={create_signed_value(secret, name, user).decode()}"


@pytest.mark.parametrize(("method", "path"), documented())
def test_pages_of_other_sites_change_nothing(
    status: Any, jp_serverapp: ServerApp, method: str, path: str
) -> None:
    cookies = {"Cookie": _cookies(jp_serverapp)}
    if method == "GET":
        assert status(method, path, cookies) != 403
    else:
        # A browser sends the cookie by itself, but the page cannot know the token.
        assert status(method, path, cookies) == 403
    elsewhere = {"Origin": "https://elsewhere.test", "Host": "localhost"}
    assert status(method, path, cookies | elsewhere) in (403, 404)


@pytest.mark.parametrize(("origin", "opens"), [(None, True), ("//elsewhere", False)])
def test_a_page_of_another_site_follows_no_run(
    call: Call,
    start: Start,
    jp_serverapp: ServerApp,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
    jp_http_port: int,
    jp_base_url: str,
    origin: str | None,
    opens: bool,
) -> None:
    run = start(GOOD)
    host = f"localhost:{jp_http_port}"
    headers = {
        "Cookie": _cookies(jp_serverapp),
        "Origin": f"http:{origin or '//' + host}",
    }
    url = f"ws://{host}{jp_base_url}jupyter-kfx/runs/{run}/stream"

    async def open_it() -> None:
        socket = await websocket_connect(HTTPRequest(url, headers=headers))
        assert await socket.read_message()
        socket.close()

    if opens:
        jp_asyncio_loop.run_until_complete(open_it())
    else:
        with pytest.raises(HTTPClientError) as refused:
            jp_asyncio_loop.run_until_complete(open_it())
        assert refused.value.code == 404


def test_the_document_is_served(call: Call, jp_base_url: str) -> None:
    status, document = call("GET", "openapi.json")
    assert status == 200
    assert document["servers"] == [{"url": f"{jp_base_url}jupyter-kfx"}]
    assert document["info"]["version"] == call("GET", "health")[1]["version"]


def test_answers_are_as_documented(
    start: Start,
    end: End,
    jp_serverapp: ServerApp,
    jp_auth_header: dict[str, str],
    jp_http_port: int,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> None:
    """Ask every route with what the document lets one ask, and with what it does not."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis.checks import not_a_server_error
    from schemathesis.core.result import Ok
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    run = start(GOOD)
    end(run)
    base = jp_serverapp.base_url
    document = openapi(base)
    # A socket answers no requests.
    del document["paths"]["/runs/{run}/stream"]
    # Many of the runs and steps asked for are there.
    parameters = document["components"]["parameters"]
    parameters["run"]["schema"] = {"enum": [run, "latest", "none", "%00", "a/b"]}
    parameters["step"]["schema"] = {"enum": ["load", "total", "none", ""]}
    schema = schemathesis.openapi.from_dict(document)
    checks = [
        not_a_server_error,
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    ]
    url = f"http://localhost:{jp_http_port}{base}jupyter-kfx"
    asked: set[str] = set()

    def ask_all() -> None:
        for result in schema.get_all_operations():
            assert isinstance(result, Ok)
            operation = result.ok()

            @settings(
                max_examples=10,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy())
            def ask(case: Any) -> None:
                asked.add(case.operation.label)
                case.call_and_validate(
                    base_url=url, headers=jp_auth_header, checks=checks
                )

            ask()

    # What has been deleted is not there from then on, as everything else.
    jp_asyncio_loop.run_until_complete(asyncio.to_thread(ask_all))
    assert len(asked) == len(documented()) - 1


def test_no_answer_breaks_a_path(call: Call) -> None:
    for name in ("..", "%2e%2e", "%2F..%2F..", "a%00b"):
        assert call("GET", f"runs/{name}")[0] in (400, 404)
    assert re.search("no run", call("GET", "runs/none")[1]["message"])
