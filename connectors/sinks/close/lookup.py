"""Finding leads: by id, by a contact's address or key, and, after a lost answer, in the event log.

https://developer.close.com/api/resources/advanced-filtering - an index, which runs behind and tells no case apart: what
it names is read, and counts only when the address or key is really there.
https://developer.close.com/api/resources/events - what was made lately
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from connectors.sinks.close.account import Account, lead_ref
from connectors.sinks.close.client import API, Client, Row
from connectors.sinks.close.options import CloseOptions
from connectors.sinks.close.schema import Schema
from connectors.sinks.close.wire import CUSTOM, contact_of, instant, values_from
from syncd.connector import Known, LeadKeys, Recent, Refused, Retryable

SKEW = timedelta(minutes=2)  # between Close's clock and ours
EVENTS, EVENT_PAGES = "50", 200  # of one page, and how many: ten thousand contacts made since a lost answer
CANDIDATES = 5  # leads of one search that are read


class Lookup:
    def __init__(
        self,
        options: CloseOptions,
        client: Client,
        contacts: Schema,
        leads: Schema,
        account: Account,
        made: Recent[str, str],
    ) -> None:
        """`made`: our id of a lead -> the lead of Close, which the search may not show yet."""
        self._options, self._client = options, client
        self._contacts, self._leads, self._account, self._made = contacts, leads, account, made
        self._names = {**CUSTOM, **options.map}

    def find(self, leads: Sequence[LeadKeys]) -> list[Known | None]:
        """One read for each lead whose ref is there; a search and a read for the others."""
        return [self._find(keys) for keys in leads]

    def read(self, lead: str) -> Row | None:
        """None where there is none."""
        if not lead.startswith("lead_") or not lead.isascii() or not lead.replace("_", "").isalnum():
            return None
        reply = self._client.ask(f"{API}/lead/{lead}/", what="read of a lead")
        if reply.fault.gone:
            return None
        if not reply.ok:
            raise Refused(f"close: read of a lead refused: {reply.fault}")
        if reply.id != lead:
            raise Retryable("close: read of a lead names another")
        return reply.row

    def made_since(self, keys: LeadKeys, since: datetime) -> str:
        """The lead that a lost call made: its contact carries our key."""
        code = self._contacts.code(self._options.key_field)
        params = {
            "object_type": "contact",
            "action": "created",
            "date_updated__gte": instant(since - SKEW),
            "_limit": EVENTS,
        }
        for rows in islice(self.events(params), EVENT_PAGES):  # after so many the search shows it
            for event in rows:
                data = event.get("data")
                if isinstance(data, dict) and data.get(code) == keys.lead and self.read(str(event.get("lead_id"))):
                    return str(event["lead_id"])
        found = self._searched(LeadKeys(keys.lead))
        return str(found["id"]) if found else ""

    def events(self, params: Mapping[str, str]) -> Iterator[list[Row]]:
        """Pages of the event log, newest first."""
        asked = dict(params)
        while True:
            rows, body = self._client.page(f"{API}/event/", what="read of the event log", params=asked)
            yield rows
            cursor = body.get("cursor_next")
            if not isinstance(cursor, str) or not cursor or not rows:
                return
            if cursor == asked.get("_cursor"):
                raise Retryable("close: the page after this one of the event log is this one again")
            asked["_cursor"] = cursor

    def _find(self, keys: LeadKeys) -> Known | None:
        believed = keys.ref.id if keys.ref else self._made.get(keys.lead) or ""
        row = (self.read(believed) if believed else None) or self._searched(keys)
        if row is None:
            return None
        code = self._contacts.code(self._options.key_field)
        contact = contact_of(row, code, keys.lead, keys.emails) or {}
        owner = row.get(self._leads.code(self._options.owner_field) or "-")
        codes = {name: self._contacts.code(theirs) for name, theirs in self._names.items() if theirs}
        return Known(
            ref=lead_ref(str(row["id"]), row),
            owner=self._account.users.by_id(owner) if isinstance(owner, str) and owner else None,
            values=values_from(row, contact, {name: code for name, code in codes.items() if code}),
        )

    def _searched(self, keys: LeadKeys) -> Row | None:
        """The oldest lead with such a contact."""
        code = self._contacts.code(self._options.key_field) if keys.lead else ""  # none yet while it is planned
        if not keys.emails and not code:
            return None
        hits = self._client.search(_query(keys, code))
        ids = dict.fromkeys(str(hit.get("lead_id")) for hit in hits if hit.get("lead_id"))
        for lead in list(ids)[:CANDIDATES]:
            row = self.read(lead)
            if row is not None and contact_of(row, code, keys.lead, keys.emails) is not None:
                return row
        return None


def _query(keys: LeadKeys, code: str) -> dict[str, Any]:
    wanted = [_with_email(email) for email in keys.emails]
    if code:
        field = {"type": "custom_field", "custom_field_id": code.removeprefix("custom.")}
        wanted.append(_holds(field, keys.lead))
    return {
        "query": {
            "type": "and",
            "queries": [{"type": "object_type", "object_type": "contact"}, {"type": "or", "queries": wanted}],
        },
        "_fields": {"contact": ["id", "lead_id"]},
        "sort": [
            {
                "direction": "asc",
                "field": {"type": "regular_field", "object_type": "contact", "field_name": "date_created"},
            }
        ],
        "_limit": 100,
    }


def _with_email(email: str) -> dict[str, Any]:
    field = {"type": "regular_field", "object_type": "contact_email", "field_name": "email"}
    return {
        "type": "has_related",
        "this_object_type": "contact",
        "related_object_type": "contact_email",
        "related_query": _holds(field, email),
    }


def _holds(field: Mapping[str, str], text: str) -> dict[str, Any]:
    condition = {"type": "text", "mode": "phrase", "value": text}
    return {"type": "field_condition", "field": dict(field), "condition": condition}
