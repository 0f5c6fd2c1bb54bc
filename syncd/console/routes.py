"""All pages of the console as one route: strict headers outermost, then the guard, then the pages.

They show personal data, so they are served on loopback only, or behind `web.console_token`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from syncd.app import App
from syncd.console.guard import Guard, StrictHeaders
from syncd.console.login import Attempts, Sessions
from syncd.console.pages import Console, LoginPage, page
from syncd.errors import SyncdError

_STATIC = Path(__file__).with_name("static")


def console_routes(app: App) -> list[BaseRoute]:
    """To be put after all other routes: it answers every other path."""
    token = app.loaded.settings.web.console_token
    sessions = Sessions(token.get_secret_value(), app.clock) if token else None
    console = Console(app)
    routes: list[BaseRoute] = [
        Route("/", console.front),
        Route("/leads/{lead}", console.lead),
        Route("/openapi.json", console.openapi),
        Route("/api/leads", console.leads),
        Route("/api/leads/{lead}/done", console.done, methods=["POST"]),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]
    if sessions:
        routes.append(Route("/login", LoginPage(sessions, Attempts(app.clock)), methods=["GET", "POST"]))
    pages = Starlette(routes=routes, exception_handlers=_ERRORS)
    return [Mount("/", StrictHeaders(Guard(pages, sessions)))]


async def _no_page(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    headers = error.headers if isinstance(error, HTTPException) else None
    said = "There is no such page." if status == 404 else "This address does not take that."
    return page("trouble.html", status=status, headers=headers, title="Not here", said=said)


async def _trouble(_request: Request, _error: Exception) -> Response:
    """Details are for the log and for `/readyz`."""
    said = "The store cannot be asked at the moment. Try again, and see `syncd status`."
    return page("trouble.html", status=503, title="Not now", said=said)


_ERRORS: Mapping[Any, Any] = {HTTPException: _no_page, SyncdError: _trouble}
