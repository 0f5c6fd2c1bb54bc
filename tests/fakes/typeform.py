"""Typeform's Responses API as a real HTTP server: paging, tokens, wrong logins, and asking for a pause.

https://www.typeform.com/developers/responses/reference/retrieve-responses/
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import orjson

API_TOKEN = "tfp_canary_token"
MOST = 1000
USUAL = 25


@dataclass
class FakeTypeform:
    """One account with one form. `responses` stand in the order in which the service processed them."""

    form: dict[str, Any]
    responses: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    next_answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)  # before any real one

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"account": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def asked(self) -> list[Mapping[str, str]]:
        """The parameters of every call for responses."""
        return [params for path, params in self.calls if path.endswith("/responses")]

    def answer(self, path: str, params: Mapping[str, str], authorization: str) -> tuple[int, object]:
        self.calls.append((path, params))
        if authorization != f"Bearer {API_TOKEN}":
            return 401, {"code": "AUTHENTICATION_FAILED", "description": "Authentication credentials not found."}
        if path == f"/forms/{self.form['id']}":
            return 200, self.form
        if path == f"/forms/{self.form['id']}/responses":
            return self._page(params)
        return 404, {"code": "FORM_NOT_FOUND", "description": "Typeform not found."}

    def _page(self, params: Mapping[str, str]) -> tuple[int, object]:
        size = int(params.get("page_size", USUAL))
        if size > MOST or ("sort" in params and params.keys() & {"after", "before"}):
            return 400, {"code": "VALIDATION_ERROR", "description": "Invalid parameters."}
        found = [one for one in self.responses if _within(one, params)]
        tokens = [one["token"] for one in found]
        if "after" in params:
            found = found[tokens.index(params["after"]) + 1 :] if params["after"] in tokens else []
        elif "before" in params:
            found = found[: tokens.index(params["before"])][::-1] if params["before"] in tokens else []
        else:
            newest_first = params.get("sort", "submitted_at,desc").endswith("desc")
            found = sorted(found, key=lambda one: str(one["submitted_at"]), reverse=newest_first)
        pages = -(-len(found) // size)
        return 200, {"total_items": len(found), "page_count": pages, "items": found[:size]}


def _within(response: Mapping[str, Any], params: Mapping[str, str]) -> bool:
    """`since` and `until` are inclusive, to the second, UTC."""
    at = str(response["submitted_at"]).removesuffix("Z")
    return params.get("since", "") <= at <= params.get("until", "9999")


class _Handler(BaseHTTPRequestHandler):
    account: FakeTypeform
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        params = {name: values[0] for name, values in parse_qs(url.query).items()}
        if self.account.next_answers:
            self.account.calls.append((url.path, params))
            self._send(*self.account.next_answers.pop(0))
            return
        status, body = self.account.answer(url.path, params, self.headers.get("authorization", ""))
        self._send(status, {}, orjson.dumps(body))

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {"content-type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Silent."""
