"""One call to Odoo: a method of a model, by the JSON-2 API of Odoo 19 and newer.

https://www.odoo.com/documentation/19.0/developer/reference/external_api.html - each call is one transaction, and the
answer is what the method returns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.sinks.odoo.failures import Fault, read_fault
from connectors.sinks.odoo.options import OdooOptions
from syncd.connector import (
    Ambiguous,
    Refused,
    Retryable,
    Tools,
    objects_in,
    of_method,
    raise_trouble,
    trouble_of,
)

Row = Mapping[str, Any]
PAUSE = timedelta(seconds=5)  # after a 429 that does not say for how long
EVERYTHING = {"active_test": False}  # lost leads and activities that are done count too


@dataclass(frozen=True, slots=True)
class Reply:
    """Odoo took the call (`fault` is None), or judged what was sent."""

    value: Any
    fault: Fault | None = None


class Client:
    """Thread-safe. Never retries."""

    def __init__(self, options: OdooOptions, tools: Tools) -> None:
        self.address = options.url.rstrip("/")
        self._http = tools.http
        self._headers = {"authorization": f"bearer {options.token.get_secret_value()}"}
        if options.database:
            self._headers["x-odoo-database"] = options.database

    def create(self, model: str, values: Row, *, what: str) -> int | Fault:
        """The id of what was made. Raises Ambiguous, AuthFailed, RateLimited or Retryable."""
        reply = self.call(model, "create", what=what, writes=True, vals_list=[values])
        return reply.fault or made_id(reply.value, what)

    def write(self, model: str, record: int, values: Row, *, what: str) -> Fault | None:
        """None when it was done. Raises as `create` does."""
        reply = self.call(model, "write", what=what, writes=True, ids=[record], vals=values)
        if reply.fault is None and reply.value is not True:
            raise Ambiguous(f"odoo: {what}: the answer does not say that it was done")
        return reply.fault

    def unlink(self, model: str, record: int) -> Fault | None:
        """None when it is gone, now or before. Raises as `create` does."""
        what = "removal"
        reply = self.call(model, "unlink", what=what, writes=True, ids=[record])
        if reply.fault is None and reply.value is not True:
            raise Ambiguous(f"odoo: {what}: the answer does not say that it was done")
        return None if reply.fault is None or reply.fault.gone else reply.fault

    def rows(self, model: str, domain: Sequence[Any], fields: Sequence[str], *, what: str, **more: Any) -> list[Row]:
        """Raises AuthFailed, RateLimited, Refused or Retryable."""
        asked = {"domain": list(domain), "fields": list(fields), "context": EVERYTHING, **more}
        value = self.read(model, "search_read", what=what, **asked)
        rows = objects_in(value)
        if not isinstance(value, list) or len(rows) != len(value) or not all(map(_has_id, rows)):
            raise Retryable(f"odoo: {what}: the answer is no list of records")
        return rows

    def read(self, model: str, method: str, *, what: str, **arguments: Any) -> Any:
        reply = self.call(model, method, what=what, writes=False, **arguments)
        if reply.fault is not None:
            raise Refused(f"odoo: {what} refused: {reply.fault}")
        return reply.value

    def call(self, model: str, method: str, *, what: str, writes: bool, **arguments: Any) -> Reply:
        said = f"odoo: {what}"
        answer = self._http.call(
            "POST",
            f"{self.address}/json/2/{model}/{method}",
            what=said,
            writes=writes,
            headers=self._headers,
            json=arguments,
        )
        try:
            body = answer.json()
        except (Ambiguous, Retryable):
            if answer.status // 100 == 2:
                raise
            body = None
        taken, fault = answer.status // 100 == 2, read_fault(answer.status, body)
        but = of_method("DELETE" if method == "unlink" else "POST")
        trouble = trouble_of(answer.status, writes=writes, known=taken or bool(fault.name), but=but)
        raise_trouble(trouble, f"{said} answered {answer.status}", answer.retry_after, answer.retry_after or PAUSE)
        return Reply(body) if taken else Reply(None, fault)

    def close(self) -> None:
        self._http.close()


def made_id(value: Any, what: str) -> int:
    """Of one record, alone or in a list of one. Raises Ambiguous: it was sent, and the answer does not name it."""
    one = value[0] if isinstance(value, list) and len(value) == 1 else value
    if isinstance(one, bool) or not isinstance(one, int) or one <= 0:
        raise Ambiguous(f"odoo: {what}: the answer does not name what was made")
    return one


def _has_id(row: Row) -> bool:
    return isinstance(row.get("id"), int)
