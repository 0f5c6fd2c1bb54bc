"""SuiteCRM by its V8 API (JSON:API). https://docs.suitecrm.com/developer/api/developer-setup-guide/json-api/

No batches, no list of values in a question, one level of filters. What it has is an id that the caller may choose,
which it takes once, also from what was deleted since.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.sinks.sugar import suite
from connectors.sinks.sugar.failures import Fault, body_of, heed, read_fault
from connectors.sinks.sugar.options import SuiteCrmOptions
from connectors.sinks.sugar.service import EMAIL, PAGE, FieldInfo, Question, Row, Verdict, Write
from connectors.sinks.sugar.suite_addresses import COLUMN, TABLE, Addresses
from syncd.connector import (
    ClientCredentialsOptions,
    Delivery,
    Grant,
    HttpReply,
    OwnerRef,
    Refused,
    Retryable,
    TokenService,
    Tools,
    Unknown,
    by_client_credentials,
    list_in,
    object_in,
    objects_in,
    text_in,
)

JSON_API = "application/vnd.api+json"


class SuiteV8:
    name, batch = "suitecrm", 1

    def __init__(self, options: SuiteCrmOptions, tools: Tools) -> None:
        self._site, self._http = options.url.rstrip("/"), tools.http
        client = options.client or ClientCredentialsOptions.model_validate({"client_id": "", "client_secret": ""})
        service = TokenService(f"{self._site}/Api/access_token", what="suitecrm: login", shared=True, as_json=True)
        self._grant = Grant(service, by_client_credentials(client), tools)
        self._addresses = Addresses(self._is_there, self.users)

    def read(self, questions: Sequence[Question]) -> list[list[Row]]:
        """An address that is asked of several modules is asked of the table of addresses first: of a stranger one call
        tells what they all would.
        """
        by_address = [question.values for question in questions if question.by == EMAIL]
        asked = {value for values in by_address for value in values} if len(by_address) > 1 else set[str]()
        nobodys = self._addresses.of_nobody(asked)
        return [
            [
                row
                for value in question.values
                if question.by != EMAIL or value not in nobodys
                for row in self._equal(question, value)
            ]
            for question in questions
        ]

    def changed(self, module: str, since: datetime, page: int, fields: Sequence[str]) -> list[Row]:
        asked = {"filter[date_modified][gte]": suite.instant(since), "sort": "date_modified"}
        return self._list(module, fields, {**asked, **_page(page, PAGE)}, "list of changes")

    def write(self, delivery: Delivery, writes: Sequence[Write]) -> dict[int, Verdict]:
        return suite.each_sent(delivery, writes, self._write)

    def fields(self, module: str) -> Mapping[str, FieldInfo]:
        said = self._get(f"meta/fields/{module}", "read of the fields")
        told = object_in(object_in(said, "data"), "attributes")
        if not told:
            raise Retryable(f"suitecrm: read of the fields of {module}: there are none in the answer")
        known = {
            name: suite.field_of(name, about)
            for name, about in told.items()
            if isinstance(about, dict) and about.get("type") != "link"
        }
        return suite.with_email(known)

    def users(self) -> Iterator[OwnerRef]:
        fields = ("full_name", "user_name", "status", EMAIL)
        pages = suite.pages(lambda page: self._list("Users", fields, _page(page, suite.USERS), "list of users"))
        return map(suite.owner_of, pages)

    def me(self) -> str:
        said = self._get("current-user", "read of the own user")
        return text_in(object_in(said, "data"), "id")

    def instant(self, moment: datetime) -> str:
        return suite.instant(moment)

    def page_of(self, module: str, record_id: str) -> str:
        return suite.page_of(self._site, module, record_id)

    def close(self) -> None:
        self._http.close()

    def _is_there(self, address: str) -> bool:
        return bool(self._list(TABLE, (COLUMN,), {f"filter[{COLUMN}][eq]": address}, "look-up of an address"))

    def _equal(self, question: Question, value: str) -> list[Row]:
        """An address finds one record as often as it was written there."""
        name = suite.ADDRESSES[0] if question.by == EMAIL else question.by
        rows = self._list(
            question.module, question.fields, {f"filter[{name}][eq]": value, "sort": "date_entered"}, "look-up"
        )
        return list({str(row["id"]): row for row in rows}.values())

    def _list(self, module: str, fields: Sequence[str], asked: Mapping[str, str], what: str) -> list[Row]:
        columns = [name for name in suite.columns(fields) if name != "id"] or ["date_entered"]
        said = self._get(f"module/{module}", what, {f"fields[{module}]": ",".join(columns), **asked})
        if not isinstance(said.get("data"), list):
            raise Retryable(f"suitecrm: {what}: the answer has no data")
        rows = objects_in(list_in(said, "data"))
        return [suite.as_row(text_in(row, "id"), object_in(row, "attributes")) for row in rows if text_in(row, "id")]

    def _write(self, write: Write) -> Verdict:
        if write.gone:
            return self._delete(write)
        attributes = {name: suite.tamed(value) for name, value in suite.values_of(write).items()}
        body = {"data": {"type": write.module, "id": write.id, "attributes": attributes}}
        said = self._call("POST" if write.new else "PATCH", "module", "write of a record", writes=True, body=body)
        if isinstance(said, Fault):
            return said
        if text_in(object_in(said, "data"), "id") != write.id:
            return Unknown("suitecrm: the answer does not say what became of this one")
        return {"id": write.id}

    def _delete(self, write: Write) -> Verdict:
        said = self._call("DELETE", f"module/{write.module}/{write.id}", "removal", writes=True)
        if isinstance(said, Fault):
            return said
        done = write.id in text_in(object_in(said, "meta"), "message")
        return {"id": write.id} if done else Unknown("suitecrm: the answer does not say what became of this one")

    def _get(self, path: str, what: str, params: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        said = self._call("GET", path, what, writes=False, params=params)
        if isinstance(said, Fault):
            raise Refused(f"suitecrm: {what} refused: {said}")
        return said

    def _call(
        self,
        method: str,
        path: str,
        what: str,
        *,
        writes: bool,
        body: object = None,
        params: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any] | Fault:
        """A 401 has done nothing, so it is sent once more with a new token."""
        url, what = f"{self._site}/Api/V8/{path}", f"suitecrm: {what}"

        def send(token: str) -> HttpReply:
            headers = {"authorization": f"Bearer {token}", "accept": JSON_API}
            return self._http.call(
                method, url, what=what, writes=writes, headers=headers, json=body, params=params
            )  # fmt: skip

        token = self._grant.token()
        reply = send(token)
        if reply.status == 401 and self._grant.renew(token):
            reply = send(self._grant.token())
        said = body_of(reply)
        said = said if isinstance(said, dict) else None
        heed(reply, said, what)
        return said or {} if reply.status // 100 == 2 else read_fault(reply.status, said)


def _page(number: int, size: int) -> dict[str, str]:
    return {"page[size]": str(size), "page[number]": str(number + 1)}
