"""A request as it goes out: filled in, and as it is shown to people."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.sinks.http.filling import NOTHING, filled, header, texts
from connectors.sinks.http.options import HttpSinkOptions, LoginOptions, RequestOptions
from connectors.sinks.http.words import Values

HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Filled:
    """One request without its login. Nothing of it is shown by accident: it holds what people wrote."""

    method: str
    path: str = field(repr=False)
    params: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    json: Any = field(repr=False)  # None: no JSON body
    form: Mapping[str, str] | None = field(repr=False)


def fill(options: RequestOptions, values: Values, idempotency: str = "") -> Filled:
    """`idempotency`: name of the header that takes the mark. Raises Rejected when a template cannot be filled in."""
    sandbox = options.WORDS.texts
    headers = {name: header(text) for name, text in texts(options.headers, sandbox, values).items()}
    if idempotency:
        headers[idempotency] = header(str(values["mark"]))
    body = filled(options.body, sandbox, values) if options.body else NOTHING
    return Filled(
        method=options.method,
        path=options.WORDS.address.render(options.path, values),
        params=texts(options.params, sandbox, values),
        headers=headers,
        json=None if body is NOTHING else body,
        form=texts(options.form, sandbox, values) if options.form else None,
    )


def login_headers(login: LoginOptions | None) -> dict[str, str]:
    if login is None:
        return {}
    if login.bearer is not None:
        return {"authorization": f"Bearer {login.bearer.get_secret_value()}"}
    if login.user:
        password = login.password.get_secret_value() if login.password else ""
        pair = base64.b64encode(f"{login.user}:{password}".encode()).decode()
        return {"authorization": f"Basic {pair}"}
    return {login.header: _key(login)} if login.header else {}


def login_params(login: LoginOptions | None) -> dict[str, str]:
    return {login.param: _key(login)} if login is not None and login.param else {}


def _key(login: LoginOptions) -> str:
    return login.key.get_secret_value() if login.key else ""


def shown(options: HttpSinkOptions, request: Filled) -> str:
    """One line for people, with every secret hidden."""
    address = (options.base_url.rstrip("/") if options.base_url else "(secret_url)") + request.path
    params = {**request.params, **dict.fromkeys(login_params(options.login), HIDDEN)}
    question = "?" + "&".join(f"{name}={value}" for name, value in params.items()) if params else ""
    hidden = dict.fromkeys([*options.headers, *login_headers(options.login)], HIDDEN)
    heads = "".join(f" {name}: {value};" for name, value in {**hidden, **request.headers}.items())
    body = request.json if request.json is not None else request.form
    kind = "JSON" if request.json is not None else "form"
    sent = f" {kind} {json.dumps(body, ensure_ascii=False)}" if body is not None else ""
    return f"{request.method} {address}{question}{heads}{sent}"
