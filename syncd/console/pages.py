"""The pages: a sample form, the leads as they land, the story of each, and the login."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from syncd.app import App
from syncd.config.load import Loaded
from syncd.connector import Completing, Ref
from syncd.console.guard import is_secure
from syncd.console.login import SESSION, Attempts, Sessions, cookie_name, wanted_page
from syncd.console.openapi import describe
from syncd.console.rows import aside_row, lead_row, story_rows
from syncd.errors import SyncdError

MOST_LEADS = 50
LONGEST_FORM = 4096  # bytes

_pages = Environment(
    loader=PackageLoader("syncd.console"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


def page(name: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any) -> HTMLResponse:
    return HTMLResponse(_pages.get_template(name).render(values), status, headers)


@dataclass(frozen=True, slots=True)
class Console:
    app: App

    async def front(self, _request: Request) -> Response:
        return page("front.html", company=self.app.loaded.settings.company.name, form=_sample_form(self.app.loaded))

    async def openapi(self, _request: Request) -> Response:
        return JSONResponse(describe(self.app.loaded))

    async def leads(self, _request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(self._rows))

    def _rows(self) -> Mapping[str, Any]:
        playbook, reports = self.app.playbook, self.app.store.reports
        completing = self._completing()
        waiting, _ = self.app.store.inbox.waiting()
        sinks = self.app.store.sinks.states()
        return {
            "leads": [lead_row(line, playbook, completing) for line in reports.newest(MOST_LEADS)],
            "aside": [aside_row(arrival, playbook) for arrival in reports.newest_aside()],
            "parked": reports.count_parked(),
            "waiting": waiting,
            "announced": sum(each.count for each in self.app.store.announced.waiting()),
            "paused": [{"sink": s.sink, "reason": s.reason} for s in sinks.values() if s.kind],
            "silent": [{"source": name, "reason": each["reason"]} for name, each in self.app.health.silent().items()],
        }

    async def lead(self, request: Request) -> Response:
        lead = request.path_params["lead"]
        story = await asyncio.to_thread(self.app.store.reports.story, lead)
        if story is None:
            return page("trouble.html", status=404, title="Not here", said=f"No lead is called {lead}.")
        return page("lead.html", **story_rows(story, self.app.playbook))

    async def done(self, request: Request) -> Response:
        """Mark the open task done in a sink that has no pages of its own."""
        trouble = await asyncio.to_thread(self._complete, request.path_params["lead"])
        return JSONResponse({"done": not trouble, "reason": trouble}, 409 if trouble else 200)

    def _complete(self, lead_id: str) -> str:
        """What was in the way; nothing when the task is done."""
        story = self.app.store.reports.story(lead_id)
        if story is None or not story.line.lead.open_task:
            return "there is no open task"
        completing, done, troubles = self._completing(), False, []
        for order in story.line.orders:
            if order.mark == story.line.lead.open_task and order.ref and order.sink in completing:
                try:
                    done = completing[order.sink].complete_task(Ref("task", order.ref)) or done
                except SyncdError as error:
                    troubles.append(str(error))
                self.app.read_back(order.sink)
        return "" if done else "; ".join(troubles) or "the task is done already, or not in a book of this machine"

    def _completing(self) -> dict[str, Completing]:
        lines = self.app.crew.lines.items()
        return {name: line.sink for name, line in lines if isinstance(line.sink, Completing)}


def _sample_form(loaded: Loaded) -> str:
    """The address of a form source that our page may post to, as the part after /in/; "" where there is none."""
    for name, chosen in loaded.sources.items():
        if loaded.settings.sources[name].type == "form" and not getattr(chosen.options, "origins", ()):
            token = getattr(chosen.options, "token", None)
            return f"{name}/{token.get_secret_value()}" if token else name
    return ""


@dataclass(frozen=True, slots=True)
class LoginPage:
    """The token by a form. The cookie is no use to scripts; SameSite=Lax, because links in tasks lead here."""

    sessions: Sessions
    attempts: Attempts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        reply = await self._let_in(request) if request.method == "POST" else _ask("")
        await reply(scope, receive, send)

    async def _let_in(self, request: Request) -> Response:
        address = request.client.host if request.client else ""
        if wait := self.attempts.wait(address):
            seconds = round(wait.total_seconds()) or 1
            return _ask(f"Too many wrong tokens: wait {seconds} seconds.", 429, {"retry-after": str(seconds)})
        if not self.sessions.knows(await _given_token(request)):
            self.attempts.failed(address)
            return _ask("That is not the token. It stands in the config as web.console_token.", 401)
        self.attempts.succeeded(address)
        reply = RedirectResponse(wanted_page(request), 303)
        secure = is_secure(request.scope)
        reply.set_cookie(
            cookie_name(secure=secure), self.sessions.cookie(), max_age=int(SESSION.total_seconds()),
            httponly=True, samesite="lax", secure=secure,
        )  # fmt: skip
        return reply


async def _given_token(request: Request) -> str:
    """Read only as far as a form with a token can be long; "" where there is none."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LONGEST_FORM:
        return ""
    fields = parse_qsl((await request.body()).decode("utf-8", "replace"), encoding="utf-8")
    return dict(fields).get("token", "")


def _ask(said: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return page("login.html", status=status, headers=headers, said=said)
