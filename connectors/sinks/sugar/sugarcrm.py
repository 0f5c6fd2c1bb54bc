"""SugarCRM by its REST API, version 11 and newer.

https://support.sugarcrm.com/documentation/sugar_developer/sugar_developer_guide_14.0/integration/web_services/rest_api/

Everything goes through /bulk, which carries out one request after the other and answers for each: it is no
transaction, so one that is refused leaves the others done.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from connectors.sinks.sugar import rest
from connectors.sinks.sugar.failures import Fault, body_of, heed, read_fault
from connectors.sinks.sugar.options import SugarCrmOptions
from connectors.sinks.sugar.service import EMAIL, MODULES, PAGE, FieldInfo, Question, Row, Verdict, Write
from syncd.connector import (
    Asking,
    AuthFailed,
    Delivery,
    Grant,
    HttpReply,
    OwnerRef,
    RateLimited,
    Refused,
    Retryable,
    TokenService,
    Tools,
    object_in,
    text_in,
)

BATCH = 25  # writes of one call: PHP ends a call that takes too long
MOST = 500  # rows of one answer
LIFETIME = timedelta(hours=1)
Request = Mapping[str, Any]


class SugarCrm:
    name, batch = "sugarcrm", BATCH

    def __init__(self, options: SugarCrmOptions, tools: Tools) -> None:
        self._site, self._version = options.url.rstrip("/"), f"v{options.version}"
        self._http = tools.http
        self._grant = _grant(options, f"{self._site}/rest/{self._version}", tools)

    def read(self, questions: Sequence[Question]) -> list[list[Row]]:
        asked = [(at, request) for at, question in enumerate(questions) for request in self._filters(question)]
        rows: list[list[Row]] = [[] for _ in questions]
        answers = self._bulk([request for _, request in asked], "look-up", writes=False)
        for (at, request), answer in zip(asked, answers, strict=True):
            rows[at] += [rest.row(each) for each in rest.records(answer)]
            rows[at] += [rest.row(each) for each in self._further(request, answer)]
        return rows

    def _further(self, request: Request, answer: Any) -> Iterator[Row]:
        """What did not fit: an administrator may have set how many rows an answer has."""
        while (offset := rest.following(answer)) is not None:
            body = {**json.loads(request["data"]), "offset": offset}
            answer = self._alone({**request, "data": json.dumps(body)}, "look-up")
            yield from rest.records(answer)

    def changed(self, module: str, since: datetime, page: int, fields: Sequence[str]) -> list[Row]:
        body = {
            "filter": [{"date_modified": {"$gte": self.instant(since)}}],
            "fields": ",".join(fields),
            "order_by": "date_modified:ASC",
            "max_num": PAGE,
            "offset": page * PAGE,
            "deleted": True,
        }
        return [rest.row(each) for each in islice(self._rows(module, body, "list of changes"), PAGE)]

    def write(self, delivery: Delivery, writes: Sequence[Write]) -> dict[int, Verdict]:
        verdicts: dict[int, Verdict] = {}
        for start in range(0, len(writes), BATCH):
            part = writes[start : start + BATCH]
            send = partial(self._bulk, [self._request(write) for write in part], "write of records", writes=True)
            answers = delivery.attempt(len(part), send)
            each = answers if isinstance(answers, list) else [answers] * len(part)
            judged = {
                write.at: rest.verdict(answer, deletes=write.gone) for write, answer in zip(part, each, strict=True)
            }
            failed = [write for write, answer in zip(part, each, strict=True) if write.new and rest.is_failure(answer)]
            verdicts |= judged | self._taken(failed)
        return verdicts

    def _taken(self, failed: Sequence[Write]) -> dict[int, Verdict]:
        """Those whose id is one already: that of a deleted record makes the database fail, which is an answer."""
        modules = sorted({write.module for write in failed})
        questions = [
            Question(module, "id", tuple(write.id for write in failed if write.module == module), ("id",), deleted=True)
            for module in modules
        ]
        try:
            there = {str(row["id"]) for rows in self.read(questions) for row in rows}
        except (AuthFailed, RateLimited, Refused, Retryable):  # then they stay in doubt
            return {}
        return {write.at: Fault(500, taken=True) for write in failed if write.id in there}

    def fields(self, module: str) -> Mapping[str, FieldInfo]:
        asked = {"type_filter": "modules", "module_filter": module}
        said = self._call("GET", "metadata", "read of the fields", writes=False, params=asked)
        told = object_in(object_in(object_in(said, "modules"), module), "fields")
        if not told:
            raise Retryable(f"sugarcrm: read of the fields of {module}: there are none in the answer")
        listed = [name for name, about in told.items() if rest.is_list(about) and module in MODULES]
        choices = self._choices(module, listed)
        return {
            name: rest.field(name, about, choices.get(name, ())) for name, about in told.items() if rest.is_field(about)
        }

    def users(self) -> Iterator[OwnerRef]:
        body = {"filter": [], "fields": "id,full_name,name,email,status", "max_num": MOST}
        return (rest.owner(rest.row(each)) for each in self._rows("Users", body, "list of users"))

    def me(self) -> str:
        said = self._call("GET", "me", "read of the own user", writes=False)
        return text_in(object_in(said, "current_user"), "id")

    def instant(self, moment: datetime) -> str:
        return moment.astimezone(UTC).isoformat(timespec="seconds")

    def page_of(self, module: str, record_id: str) -> str:
        return f"{self._site}/#{module}/{record_id}"

    def close(self) -> None:
        self._http.close()

    def _filters(self, question: Question) -> Iterator[Request]:
        """As many as the number of values asks for."""
        by = "email_addresses.email_address" if question.by == EMAIL else question.by
        for start in range(0, len(question.values), PAGE):
            body = {
                "filter": [{by: {"$in": list(question.values[start : start + PAGE])}}],
                "fields": ",".join(question.fields),
                "max_num": MOST,
                "order_by": "date_entered:ASC",
                **({"deleted": True} if question.deleted else {}),
            }
            yield self._as_request("POST", f"{question.module}/filter", body)

    def _request(self, write: Write) -> Request:
        if write.gone:
            return self._as_request("DELETE", f"{write.module}/{write.id}")
        values = dict(write.values)
        if EMAIL in values:
            values[EMAIL] = [{"email_address": values[EMAIL], "primary_address": True}]
        if write.new:
            return self._as_request("POST", write.module, {"id": write.id, **values})
        return self._as_request("PUT", f"{write.module}/{write.id}", values)

    def _as_request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Request:
        data = {} if body is None else {"data": json.dumps(body)}
        return {"url": f"{self._version}/{path}", "method": method, **data}

    def _choices(self, module: str, names: Sequence[str]) -> dict[str, list[str]]:
        requests = [self._as_request("GET", f"{module}/enum/{name}") for name in names]
        answers = self._bulk(requests, "read of choices", writes=False)
        return {name: rest.choices(answer) for name, answer in zip(names, answers, strict=True)}

    def _bulk(self, requests: Sequence[Request], what: str, *, writes: bool) -> list[Any]:
        if not requests:
            return []
        if len(requests) == 1 and not writes:
            return [self._alone(requests[0], what)]
        said = self._call("POST", "bulk", what, writes=writes, body={"requests": list(requests)})
        return said if isinstance(said, list) and len(said) == len(requests) else [None] * len(requests)

    def _alone(self, request: Request, what: str) -> Request:
        """A single question needs no parcel."""
        path = str(request["url"]).partition("/")[2]
        body = json.loads(request["data"]) if "data" in request else None
        return {"status": 200, "contents": self._call(str(request["method"]), path, what, writes=False, body=body)}

    def _rows(self, module: str, body: Mapping[str, Any], what: str) -> Iterator[Row]:
        request = self._as_request("POST", f"{module}/filter", body)
        answer = self._alone(request, what)
        yield from rest.records(answer)
        yield from self._further(request, answer)

    def _call(
        self,
        method: str,
        path: str,
        what: str,
        *,
        writes: bool,
        body: object = None,
        params: Mapping[str, str] | None = None,
    ) -> Any:
        """Refused for a judgement on the call; a 401 has done nothing, so it is sent once more with a new token."""
        url, what = f"{self._site}/rest/{self._version}/{path}", f"sugarcrm: {what}"

        def send(token: str) -> HttpReply:
            headers = {"oauth-token": token}
            return self._http.call(
                method, url, what=what, writes=writes, headers=headers, json=body, params=params
            )  # fmt: skip

        token = self._grant.token()
        reply = send(token)
        if reply.status == 401 and self._grant.renew(token):
            reply = send(self._grant.token())
        said = body_of(reply)
        heed(reply, said, what)
        if reply.status // 100 != 2:
            raise Refused(f"{what} refused: {read_fault(reply.status, said)}")
        return said


def _grant(options: SugarCrmOptions, address: str, tools: Tools) -> Grant:
    """By password each time, and shared: every token of a platform ends the ones before it."""

    def form(_: str) -> Mapping[str, str]:
        return {
            "grant_type": "password",
            "client_id": options.client_id,
            "client_secret": options.client_secret.get_secret_value(),
            "username": options.username,
            "password": options.password.get_secret_value(),
            "platform": options.platform,
        }

    service = TokenService(
        f"{address}/oauth2/token", what="sugarcrm: login", lifetime=LIFETIME, shared=True, as_json=True
    )  # fmt: skip
    return Grant(service, Asking(form, whose=f"{options.username} of {options.platform} at {options.url}"), tools)
