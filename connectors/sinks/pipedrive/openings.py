"""The lead or deal of a person, on which sales works.

https://developers.pipedrive.com/docs/api/v1/Leads - v1, and its `origin_id` is ours to set when a lead is made
https://developers.pipedrive.com/docs/api/v1/Deals

What syncd works with is noted in a field of the person ("lead:uuid", "deal:17"). Once that is set nothing is made any
more, so a lead that was turned into a deal or archived is not made a second time.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connectors.sinks.pipedrive.client import V1, V2, Client, Row
from connectors.sinks.pipedrive.options import PipedriveOptions
from connectors.sinks.pipedrive.schema import Schema
from connectors.sinks.pipedrive.wire import custom_of
from syncd.connector import Recent, RecordOrder, Refusal, Refused, cut_text

REMEMBERED = 10_000
LONGEST = 255
ADDRESSES = {"lead": f"{V1}/leads/", "deal": f"{V2}/deals/"}


class Openings:
    def __init__(self, options: PipedriveOptions, client: Client, persons: Schema, deals: Schema) -> None:
        self._options, self._client, self._persons, self._deals = options, client, persons, deals
        self._noted: Recent[str, str] = Recent(REMEMBERED)  # person -> "lead:uuid" or "deal:17"

    def ensure(self, order: RecordOrder, person: str, row: Row, name: str, *, fresh: bool) -> Refusal | None:
        """That the person has something open, and that it is noted. `fresh`: surely just made, so there is nothing."""
        if self._options.make == "nothing":
            return None
        code = self._persons.code(self._options.opening_field)
        if not code:
            raise Refused(f"pipedrive: the person field {self._options.opening_field} is missing: prepare the account")
        if noted := custom_of(row, code) or self._noted.get(person):
            self._noted.put(person, noted)
            return None
        found = "" if fresh else self._open(order, person)
        made = found or self._make(order, person, name)
        if isinstance(made, Refusal):
            return made
        body = {"custom_fields": {code: made}}
        reply = self._client.write("PATCH", f"{V2}/persons/{person}", what="note of the lead or deal", json=body)
        if not reply.ok:
            return reply.fault.refusal("note of the lead or deal")
        self._noted.put(person, made)
        return None

    def of(self, person: str) -> Mapping[str, Any]:
        """What an activity or note hangs on beside the person."""
        noted = self._noted.get(person) or self._read(person)
        if noted:
            self._noted.put(person, noted)
        kind, _, record = noted.partition(":")
        if kind == "lead" and record:
            return {"lead_id": record}
        return {"deal_id": int(record)} if kind == "deal" and record.isdecimal() else {}

    def made_for(self, person: str) -> str:
        """Where the lead or deal is that syncd has made for a person (the path of one); empty where there is none, or
        one of somebody's that syncd works with.
        """
        if self._options.make == "nothing":
            return ""
        row = self._there(person)
        mark = custom_of(row, self._persons.code(self._options.key_field))
        kind, _, record = custom_of(row, self._persons.code(self._options.opening_field)).partition(":")
        if not record or kind not in ADDRESSES:
            return ""
        address = ADDRESSES[kind] + quote(record, safe="")
        row = self._there(address)
        ours = row.get("origin_id") if kind == "lead" else custom_of(row, self._deals.code(self._options.key_field))
        return address if mark and ours == mark else ""

    def forget(self, person: str) -> None:
        self._noted.drop(person)

    def _read(self, person: str) -> str:
        code = self._persons.code(self._options.opening_field)
        if not code or self._options.make == "nothing":
            return ""
        reply = self._client.ask(f"{V2}/persons/{person}", what="read of a person")
        return custom_of(reply.row, code) if reply.ok else ""

    def _there(self, path: str) -> Row:
        """Empty for what is gone. Raises Refused for any other refusal."""
        reply = self._client.ask(path, what="read of what is to be removed")
        if not reply.ok and not reply.fault.gone:
            raise Refused(f"pipedrive: read of what is to be removed refused: {reply.fault}")
        return {} if reply.row.get("is_deleted") else reply.row

    def _open(self, order: RecordOrder, person: str) -> str:
        """A deal that people work on, or a lead; the one that a lost call of ours made before others."""
        params = {"person_id": person, "status": "open", "sort_by": "id", "sort_direction": "desc"}
        key = self._deals.code(self._options.key_field) if self._options.make == "deal" else ""
        deals = self._client.get(f"{V2}/deals", what="list of a person's deals", params=params).rows
        ours = [row for row in deals if custom_of(row, key) == order.keys.lead]
        for row in (*ours, *deals):
            return f"deal:{row.get('id')}"
        leads = self._client.get(f"{V1}/leads", what="list of a person's leads", params={"person_id": person}).rows
        ours = [row for row in leads if row.get("origin_id") == order.keys.lead]
        for row in (*ours, *leads):
            return f"lead:{row.get('id')}"
        return ""

    def _make(self, order: RecordOrder, person: str, name: str) -> str | Refusal:
        made, options = self._options.make, self._options
        title = cut_text(" ".join(part for part in (name, options.title) if part), LONGEST)
        body: dict[str, Any] = {"title": title, "person_id": int(person)}
        if order.owner:
            body["owner_id"] = int(order.owner.id)
        if made == "lead":
            body |= {
                "origin_id": order.keys.lead,
                **({"label_ids": list(options.label_ids)} if options.label_ids else {}),
            }
        else:
            body |= self._of_deal(order)
        path = f"{V1}/leads" if made == "lead" else f"{V2}/deals"
        reply = self._client.write("POST", path, what=f"making of a {made}", json=body)
        record = reply.row.get("id")
        return f"{made}:{record}" if reply.ok and record else reply.fault.refusal(f"making of a {made}")

    def _of_deal(self, order: RecordOrder) -> dict[str, Any]:
        code = self._deals.code(self._options.key_field)
        if not code:
            raise Refused(f"pipedrive: the deal field {self._options.key_field} is missing: prepare the account")
        where = {"pipeline_id": self._options.pipeline, "stage_id": self._options.stage}
        labels = [int(label) for label in self._options.label_ids if label.isdecimal()]
        return {
            "custom_fields": {code: order.keys.lead},
            **{name: value for name, value in where.items() if value is not None},
            **({"label_ids": labels} if labels else {}),
        }
