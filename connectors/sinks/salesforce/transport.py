"""The session that simple-salesforce sends by: our HTTP client, with its deadlines and its three kinds of trouble.

https://simple-salesforce.readthedocs.io/

The library sets no timeouts, follows redirects, logs in again by itself, without end on some calls, and believes
any body. Here it gets a fixed token, one call is one request, and what is not JSON never reaches it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from simple_salesforce.api import Salesforce

from syncd.connector import Ambiguous, HttpClient, HttpReply, Retryable

PRETTY = "X-PrettyPrint"

__all__ = ["Salesforce", "Session", "salesforce", "usage_in"]


def salesforce(session: "Session", token: str, instance_url: str, version: str) -> Salesforce:
    """For `restful` alone: its other methods go around the limits set here."""
    made: Any = Salesforce
    built: Salesforce = made(session_id=token, instance_url=instance_url, version=version, session=session)
    data = f"{instance_url.rstrip('/')}/services/data/"
    built.base_url = f"{data}v{version}/" if version else data  # the library insists on https
    built.headers.pop(PRETTY, None)
    return built


def usage_in(headers: Mapping[str, str]) -> tuple[int, int]:
    """Calls of the last 24 hours, and how many there may be; zeros where the answer does not say."""
    usage: Any = Salesforce.parse_api_usage(headers.get("sforce-limit-info", "")).get("api-usage")
    return (int(usage.used), int(usage.total)) if usage else (0, 0)


@dataclass(frozen=True, slots=True)
class Answered:
    """What the library reads of an answer."""

    url: str
    status_code: int
    headers: Mapping[str, str]
    body: bytes
    value: Any  # of a success

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self, **_: Any) -> Any:
        return self.value if self.value is not None else orjson.loads(self.body)


class Session:
    """Thread-safe. `noted` hears the headers of every answer."""

    def __init__(self, http: HttpClient, noted: Callable[[Mapping[str, str]], None]) -> None:
        self.proxies: dict[str, str] = {}  # read by the library, which hands them to nobody
        self._http, self._noted = http, noted

    def request(
        self,
        method: str,
        url: str,
        *,
        what: str,
        writes: bool,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        json: object = None,
    ) -> Answered:
        """Raises what `HttpClient.call` raises, and the same for a success that is not JSON."""
        reply = self._http.call(method, url, what=what, writes=writes, headers=headers, params=params, json=json)
        self._noted(reply.headers)
        value = _value(reply, what, writes=writes) if reply.status // 100 == 2 else None
        return Answered(what, reply.status, reply.headers, reply.body, value)


def _value(reply: HttpReply, what: str, *, writes: bool) -> Any:
    """An object or a list: anything else is not Salesforce speaking, or was cut."""
    if reply.status == 204:
        return {}
    try:
        value = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, dict | list):
        return value
    message = f"{what} answered {reply.status} without JSON"
    raise Ambiguous(message) if writes else Retryable(message)
