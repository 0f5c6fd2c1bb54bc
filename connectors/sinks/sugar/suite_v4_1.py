"""SuiteCRM by the API of its ancestors, v4_1: one address, a method by name, arguments in their order.

https://docs.suitecrm.com/developer/api/api-4_1/

Refusals come with status 200, as an object with number, name and description. An id that is taken is not refused by a
word but by the database, so what is to be made is looked for before it is made. Of a change of a record that is not
there it says nothing either.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.sinks.sugar import suite
from connectors.sinks.sugar.failures import Fault, body_of, heed
from connectors.sinks.sugar.options import SuiteCrmOptions
from connectors.sinks.sugar.service import EMAIL, PAGE, FieldInfo, Question, Row, Verdict, Write
from connectors.sinks.sugar.session import Session
from syncd.connector import (
    AuthFailed,
    Delivery,
    OwnerRef,
    RateLimited,
    Refused,
    Retryable,
    Tools,
    Unknown,
    list_in,
    object_in,
    objects_in,
    text_in,
)

STALE, LOGIN, NO_ACCESS, CROWDED, SPENT = 11, 10, 40, 60, 90
DENIED = frozenset({LOGIN, 12, 13, 20, NO_ACCESS, 70, 1008, 1009, 1012})
MOST = 500  # rows of one answer
CROWD = timedelta(minutes=1)
_PLAIN = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~@: -]{1,320}")


class SuiteV41:
    name, batch = "suitecrm", 1

    def __init__(self, options: SuiteCrmOptions, tools: Tools) -> None:
        self._options, self._site, self._http = options, options.url.rstrip("/"), tools.http
        self._session = Session(self._log_in, tools.clock)

    def read(self, questions: Sequence[Question]) -> list[list[Row]]:
        return [[row for part in _parts(question.values) for row in self._among(question, part)]
                for question in questions]  # fmt: skip

    def changed(self, module: str, since: datetime, page: int, fields: Sequence[str]) -> list[Row]:
        table = module.lower()
        where = f"{table}.date_modified >= '{suite.instant(since)}'"
        order = f"{table}.date_modified"
        return self._list(module, where, fields, "list of changes", order=order, start=page * PAGE, most=PAGE)

    def write(self, delivery: Delivery, writes: Sequence[Write]) -> dict[int, Verdict]:
        return suite.each_sent(delivery, writes, self._write)

    def fields(self, module: str) -> Mapping[str, FieldInfo]:
        said = self._ask("get_module_fields", "read of the fields", {"module_name": module, "fields": []})
        told = object_in(said, "module_fields")
        if not told:
            raise Retryable(f"suitecrm: read of the fields of {module}: there are none in the answer")
        known = {
            name: suite.field_of(name, about, list(object_in(about, "options")))
            for name, about in told.items()
            if isinstance(about, dict)
        }
        return suite.with_email(known)

    def users(self) -> Iterator[OwnerRef]:
        fields = ("id", "full_name", "user_name", "status", EMAIL)
        pages = suite.pages(
            lambda page: self._list(
                "Users", "", fields, "list of users", order="users.id", start=page * suite.USERS, most=suite.USERS
            )
        )
        return map(suite.owner_of, pages)

    def me(self) -> str:
        said = self._ask("get_user_id", "read of the own user", {})
        return said if isinstance(said, str) else ""

    def instant(self, moment: datetime) -> str:
        return suite.instant(moment)

    def page_of(self, module: str, record_id: str) -> str:
        return suite.page_of(self._site, module, record_id)

    def close(self) -> None:
        self._http.close()

    def _among(self, question: Question, values: Sequence[str]) -> list[Row]:
        """Only values of letters that mean nothing to SQL, or of which it is known how they are written there."""
        plain = [value.replace("'", "''") for value in values if _PLAIN.fullmatch(value)]
        if not plain:
            return []
        table = question.module.lower()
        listed = ", ".join(f"'{value}'" for value in plain)
        where = f"{table}.{question.by} IN ({listed})"
        if question.by == EMAIL:
            where = (
                f"{table}.id IN (SELECT eabr.bean_id FROM email_addr_bean_rel eabr JOIN email_addresses ea "  # noqa: S608 - plain
                f"ON ea.id = eabr.email_address_id WHERE eabr.bean_module = '{question.module}' "
                f"AND eabr.deleted = 0 AND ea.email_address_caps IN ({listed.upper()}))"
            )
        deleted = question.deleted
        return self._list(question.module, where, question.fields, "look-up", order=f"{table}.date_entered",
                          deleted=deleted)  # fmt: skip

    def _list(
        self,
        module: str,
        where: str,
        fields: Sequence[str],
        what: str,
        *,
        order: str,
        start: int = 0,
        most: int = MOST,
        deleted: bool = False,
    ) -> list[Row]:
        arguments = {
            "module_name": module,
            "query": where,
            "order_by": order,
            "offset": start,
            "select_fields": list(dict.fromkeys(["id", *suite.columns(fields)])),
            "link_name_to_fields_array": [],
            "max_results": most,
            "deleted": 1 if deleted else 0,
        }
        said = self._ask("get_entry_list", what, arguments)
        if not isinstance(said, dict) or not isinstance(said.get("entry_list"), list):
            raise Retryable(f"suitecrm: {what}: the answer has no entries")
        rows = objects_in(list_in(said, "entry_list"))
        return [suite.as_row(text_in(row, "id"), _values(row)) for row in rows if text_in(row, "id")]

    def _write(self, write: Write) -> Verdict:
        there = self._among(Question(write.module, "id", (write.id,), ("id",), deleted=write.new), [write.id])
        if bool(there) == write.new:
            return Fault(409, "taken", taken=True) if write.new else Fault(404, "not_found", gone=True)
        beside = {"new_with_id": 1} if write.new else {"deleted": 1} if write.gone else {}
        values = {"id": write.id, **beside, **suite.values_of(write)}
        listed = [{"name": name, "value": value} for name, value in values.items()]
        try:
            said = self._call(
                "set_entry", "write of a record", {"module_name": write.module, "name_value_list": listed}, writes=True,
                denied=DENIED - {NO_ACCESS} if write.gone else DENIED,
            )  # fmt: skip
        except Refused as error:
            return Fault(200, str(error).rpartition(": ")[2])
        if text_in(said, "id") != write.id:
            return Unknown("suitecrm: the answer does not say what became of this one")
        return {"id": write.id}

    def _ask(self, method: str, what: str, arguments: Mapping[str, Any]) -> Any:
        return self._call(method, what, arguments, writes=False)

    def _call(
        self,
        method: str,
        what: str,
        arguments: Mapping[str, Any],
        *,
        writes: bool,
        denied: frozenset[int] = DENIED,
    ) -> Any:
        """Raises Refused for a judgement on the call. A stale session has done nothing: once more with a new one."""
        session = self._session.token()
        said = self._send(method, what, {"session": session, **arguments}, writes=writes)
        if _number(said) == STALE:
            self._session.renew(session)
            said = self._send(method, what, {"session": self._session.token(), **arguments}, writes=writes)
        _raise_number(said, what, denied)
        return said

    def _log_in(self) -> str:
        options = self._options
        secret = hashlib.md5(options.password.get_secret_value().encode(), usedforsecurity=False).hexdigest()
        who = {"user_name": options.username, "password": secret}
        said = self._send(
            "login", "login", {"user_auth": who, "application": "syncd", "name_value_list": []}, writes=False
        )
        _raise_number(said, "login")
        session = text_in(said, "id")
        if not session:
            raise Retryable("suitecrm: login: the answer has no session")
        return session

    def _send(self, method: str, what: str, arguments: Mapping[str, Any], *, writes: bool) -> Any:
        form = {"method": method, "input_type": "JSON", "response_type": "JSON", "rest_data": json.dumps(arguments)}
        what = f"suitecrm: {what}"
        reply = self._http.call("POST", f"{self._site}/service/v4_1/rest.php", what=what, writes=writes, form=form)
        said = body_of(reply)
        if said is None and method == "get_user_id" and reply.status == 200:
            said = _text(reply.body)
        heed(reply, said, what)
        if reply.status != 200:
            raise Retryable(f"{what} answered {reply.status}")
        return said


def _raise_number(said: Any, what: str, denied: frozenset[int] = DENIED) -> None:
    """`denied`: numbers that mean that the login is not good for it."""
    number = _number(said)
    words = f"suitecrm: {what} refused: error {number}"
    if number in denied or number == STALE:
        raise AuthFailed(words)
    if number == CROWDED:
        raise RateLimited(words, CROWD)
    if number == SPENT:
        raise Retryable(words)
    if number is not None:
        raise Refused(words)


def _number(said: Any) -> int | None:
    """Of a refusal; None where it is none."""
    number = said.get("number") if isinstance(said, dict) and "name" in said and "description" in said else None
    return int(number) if isinstance(number, int | str) and str(number).lstrip("-").isdecimal() else None


def _values(row: Row) -> dict[str, Any]:
    return {name: text_in(each, "value") for name, each in object_in(row, "name_value_list").items()}


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (values[start : start + PAGE] for start in range(0, len(values), PAGE))


def _text(body: bytes) -> str | None:
    """A bare string is an answer too."""
    try:
        said = json.loads(body)
    except ValueError:
        return None
    return said if isinstance(said, str) else None
