"""The console: a sample form, the leads as they land, and the story of each.

It shows personal data, so it is served on loopback only, or behind `web.console_token`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from syncd.app import App
from syncd.connector import Completing, Ref
from syncd.console.guard import HEADERS, Guard
from syncd.console.rows import lead_row, story_rows
from syncd.errors import SyncdError

_STATIC = Path(__file__).with_name("static")
_pages = Environment(loader=PackageLoader("syncd.console"), autoescape=True, undefined=StrictUndefined)


def console_routes(app: App) -> list[BaseRoute]:
    """All pages, each behind the guard."""
    web = app.loaded.settings.web
    token = web.console_token.get_secret_value() if web.console_token else ""
    guard = Guard(token, web.host)
    console = Console(app)
    routes = [
        Route("/", guard.wrap(console.front)),
        Route("/leads/{lead}", guard.wrap(console.lead)),
        Route("/api/leads", guard.wrap(console.leads)),
        Route("/api/leads/{lead}/done", guard.wrap(console.done), methods=["POST"]),
    ]
    if token:
        routes.append(Route("/login", guard.login, methods=["GET", "POST"]))
    return [*routes, Mount("/static", StaticFiles(directory=_STATIC))]


@dataclass(frozen=True, slots=True)
class Console:
    app: App

    async def front(self, _request: Request) -> Response:
        settings = self.app.loaded.settings
        forms = [name for name, source in settings.sources.items() if source.type == "form"]
        return _page("front.html", company=settings.company.name, form=forms[0] if forms else "")

    async def leads(self, _request: Request) -> Response:
        rows = await run_in_threadpool(self._rows)
        return JSONResponse(rows, headers=HEADERS)

    def _rows(self) -> Mapping[str, Any]:
        playbook = self.app.playbook
        lines = self.app.store.reports.newest(50)
        waiting, _ = self.app.store.inbox.waiting()
        sinks = self.app.store.sinks.states()
        return {
            "leads": [lead_row(line, playbook) for line in lines],
            "waiting": waiting,
            "paused": [{"sink": s.sink, "reason": s.reason} for s in sinks.values() if s.kind],
        }

    async def lead(self, request: Request) -> Response:
        story = await run_in_threadpool(self.app.store.reports.story, request.path_params["lead"])
        if story is None:
            return _page("missing.html", status=404, lead=request.path_params["lead"])
        return _page("lead.html", **story_rows(story, self.app.playbook))

    async def done(self, request: Request) -> Response:
        """Mark the open task done in a sink that has no pages of its own."""
        told = await run_in_threadpool(self._complete, request.path_params["lead"])
        return JSONResponse({"done": told}, 200 if told else 409, headers=HEADERS)

    def _complete(self, lead_id: str) -> bool:
        story = self.app.store.reports.story(lead_id)
        done = False
        for order in story.line.orders if story else ():
            line = self.app.crew.lines.get(order.sink)
            if order.kind == "task" and order.ref and line and isinstance(line.sink, Completing):
                try:
                    done = line.sink.complete_task(Ref("task", order.ref)) or done
                except SyncdError:
                    continue
                self.app.read_back(order.sink)
        return done


def _page(name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    return HTMLResponse(_pages.get_template(name).render(values), status, headers=HEADERS)
