"""One call to HubSpot: where it goes, as whom, and what its answer means.

https://developers.hubspot.com/docs/api-reference/overview
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from connectors.sinks.hubspot.auth import login_of
from connectors.sinks.hubspot.failures import describe, read_fault, trouble_of
from connectors.sinks.hubspot.limits import DAILY, Meter, limit_of, pause_for
from connectors.sinks.hubspot.options import HubSpotOptions
from syncd.connector import (
    Ambiguous,
    AuthFailed,
    HttpReply,
    RateLimited,
    Refused,
    Retryable,
    Tools,
    json_object,
)

BATCH = 100  # inputs of one batch call


@dataclass(frozen=True, slots=True)
class Paths:
    objects: str
    owners: str
    properties: str
    associations: str
    account: str


PATHS: Mapping[str, Paths] = {
    "v3": Paths(
        objects="/crm/v3/objects",
        owners="/crm/v3/owners",
        properties="/crm/v3/properties",
        associations="/crm/v4/associations",
        account="/account-info/v3",
    ),
    "2026-03": Paths(
        objects="/crm/objects/2026-03",
        owners="/crm/owners/2026-03",
        properties="/crm/properties/2026-03",
        associations="/crm/associations/2026-03",
        account="/account-info/2026-03",
    ),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """HubSpot took the call, or judged what was sent."""

    status: int
    body: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        return self.status // 100 == 2

    @property
    def rows(self) -> list[Mapping[str, Any]]:
        return list(self.body.get("results") or ())

    @property
    def errors(self) -> list[Mapping[str, Any]]:
        return list(self.body.get("errors") or ()) if self.ok else []

    @property
    def after(self) -> str:
        """Where the next page starts; empty on the last one."""
        return str(((self.body.get("paging") or {}).get("next") or {}).get("after") or "")


class Client:
    """Thread-safe. Never retries, but for one replay with a renewed token: a 401 has done nothing."""

    def __init__(self, options: HubSpotOptions, tools: Tools) -> None:
        self.paths = PATHS[options.api]
        self.meter = Meter()
        self.zone: ZoneInfo | None = None  # of the account, once known
        self._url = options.base_url.rstrip("/")
        self._http, self._clock = tools.http, tools.clock
        self._login = login_of(options, tools)

    def post(self, path: str, *, what: str, writes: bool, json: object) -> Reply:
        """Raises Ambiguous, AuthFailed, RateLimited or Retryable; a judgement on the content is returned."""
        return self._call("POST", path, f"hubspot: {what}", writes=writes, json=json)

    def get(self, path: str, *, what: str, params: Mapping[str, str] | None = None) -> Reply:
        """As `post`, and Refused for anything but success."""
        reply = self._call("GET", path, f"hubspot: {what}", writes=False, params=params)
        return self.accepted(reply, what)

    def read(self, path: str, *, what: str, json: object) -> Reply:
        """A question that is asked by POST; as `get`."""
        return self.accepted(self.post(path, what=what, writes=False, json=json), what)

    def accepted(self, reply: Reply, what: str) -> Reply:
        if not reply.ok:
            raise Refused(f"hubspot: {what} refused: {read_fault(reply.status, reply.body)}")
        return reply

    def close(self) -> None:
        self._http.close()

    def _call(
        self,
        method: str,
        path: str,
        what: str,
        *,
        writes: bool,
        json: object = None,
        params: Mapping[str, str] | None = None,
    ) -> Reply:
        def send(token: str) -> HttpReply:
            return self._http.call(
                method,
                self._url + path,
                what=what,
                writes=writes,
                headers={"authorization": f"Bearer {token}"},
                params=params,
                json=json,
                limit=limit_of(path),
            )

        token = self._login.token()
        answer = send(token)
        if answer.status == 401 and self._login.renew(token):
            answer = send(self._login.token())
        self.meter.note(answer.headers)
        body = {} if answer.status == 204 else json_object(answer)
        trouble = trouble_of(answer.status, body, writes=writes)
        if trouble is RateLimited:
            self._raise_pause(answer, str((body or {}).get("policyName", "")), what)
        if trouble is Retryable:
            raise Retryable(f"{what} {describe(answer.status, body)}", answer.retry_after)
        if trouble is Ambiguous:
            raise Ambiguous(f"{what} {describe(answer.status, body)}")
        if trouble is AuthFailed:
            raise AuthFailed(f"{what} {describe(answer.status, body)}")
        return Reply(answer.status, body or {})

    def _raise_pause(self, answer: HttpReply, policy: str, what: str) -> NoReturn:
        named = policy if policy.replace("_", "").isalpha() else "no policy named"
        guess = ", zone of the account unknown: taken for UTC" if policy == DAILY and not self.zone else ""
        after = pause_for(policy, self._clock.now(), self.zone)
        if answer.retry_after is not None:
            after, guess = max(answer.retry_after, timedelta(seconds=1)), ""
        raise RateLimited(f"{what} answered 429: {named}{guess}", after)
