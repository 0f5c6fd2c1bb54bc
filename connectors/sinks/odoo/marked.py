"""Activities and notes. Each carries its mark in its last line, for there is no field for one.

An activity that was done leaves its text in a message, so messages are looked through as well.
"""

from connectors.sinks.odoo.client import Client, Row, made_id
from connectors.sinks.odoo.leads import MODEL
from connectors.sinks.odoo.options import OdooOptions
from connectors.sinks.odoo.people import People
from connectors.sinks.odoo.wire import TEXT, activity_from
from syncd.connector import (
    Done,
    Lately,
    Marked,
    NoteOrder,
    Outcome,
    Ref,
    Refusal,
    Refused,
    TaskOrder,
    mark_in,
    marked_rich,
)

LOOKED_THROUGH = 500
ENGLISH = {"lang": "en_US"}  # names of activity types are translated


class Making:
    def __init__(self, options: OdooOptions, client: Client, people: People, there: Lately[int]) -> None:
        """`there`: leads that were there a moment ago."""
        self._options, self._client, self._people, self._there = options, client, people, there
        self._types: dict[str, int] = {}
        self._model = 0

    def activity_types(self) -> list[Row]:
        return self._client.rows(
            "mail.activity.type", [["active", "=", True]], ["name"], what="list of activity types", context=ENGLISH
        )

    def change(self, order: TaskOrder, ref: Ref) -> Outcome | None:
        """None for what is no longer there."""
        if not ref.id.isdecimal():
            return None
        if refusal := self._people.refusal(order.owner):
            return refusal
        body = {**activity_from(order), "activity_type_id": self._type(order)}
        fault = self._client.write("mail.activity", int(ref.id), body, what="change of an activity")
        if fault is None:
            return Done(ref, created=False)
        return None if fault.gone else fault.refusal("activity")

    def find(self, order: Marked) -> Ref | None:
        record = _record(order)
        newest = {"order": "id desc", "limit": LOOKED_THROUGH}
        if isinstance(order, TaskOrder):
            domain = [["res_model", "=", MODEL], ["res_id", "=", record]]
            rows = self._client.rows("mail.activity", domain, ["note"], what="look for an activity", **newest)
            for row in rows:
                if mark_in(row.get("note")) == order.mark:
                    return _ref(order, row["id"])
        domain = [["model", "=", MODEL], ["res_id", "=", record], ["body", "ilike", order.mark]]
        rows = self._client.rows("mail.message", domain, ["body"], what="look for a message", **newest)
        return next((_ref(order, row["id"]) for row in rows if _has(row, order)), None)

    def make(self, order: Marked) -> Outcome:
        """Odoo may hang something on a lead that is gone, where nobody would see it: so the lead is looked at first,
        unless it was there within the last minute.
        """
        record = _record(order)
        if isinstance(order, TaskOrder) and (refusal := self._people.refusal(order.owner)):
            return refusal
        if not self._is_there(record):
            return Refusal("odoo: the lead is gone")
        made = self._activity(order, record) if isinstance(order, TaskOrder) else self._note(order, record)
        if isinstance(made, Refusal):
            return made
        return Done(_ref(order, made))

    def _is_there(self, record: int) -> bool:
        if self._there.has(record):
            return True
        found = bool(self._client.rows(MODEL, [["id", "=", record]], ["id"], what="look at the lead"))
        if found:
            self._there.saw(record)
        return found

    def _activity(self, order: TaskOrder, record: int) -> int | Refusal:
        body = {
            **activity_from(order),
            "activity_type_id": self._type(order),
            "res_model_id": self._model_id(),
            "res_id": record,
        }
        made = self._client.create("mail.activity", body, what="making of an activity")
        return made if isinstance(made, int) else made.refusal("activity")

    def _note(self, order: NoteOrder, record: int) -> int | Refusal:
        """An internal note: the customer is not written to."""
        what = "making of a note"
        reply = self._client.call(
            MODEL, "message_post", what=what, writes=True, ids=[record], body=marked_rich(order.body, order.mark, TEXT),
            body_is_html=True, message_type="comment", subtype_xmlid="mail.mt_note",
        )  # fmt: skip
        return reply.fault.refusal("note") if reply.fault else made_id(reply.value, what)

    def _type(self, order: TaskOrder) -> int:
        """Raises Refused where the database has no such type."""
        types = self._options.types
        name = types.get(order.kind) or types.get("todo", "To-Do")
        if name not in self._types:
            self._types = {str(row.get("name")): row["id"] for row in self.activity_types()}
        if name not in self._types:
            raise Refused(f"odoo: there is no activity type for {order.kind}")
        return self._types[name]

    def _model_id(self) -> int:
        if not self._model:
            self._model = model_id(self._client)
        return self._model


def model_id(client: Client) -> int:
    """The id under which Odoo keeps what it knows of leads. Raises Refused where there is no CRM."""
    rows = client.rows("ir.model", [["model", "=", MODEL]], ["model"], what="look for the model of leads")
    if not rows:
        raise Refused("odoo: the CRM app is not installed, or not open to this user")
    return int(rows[0]["id"])


def _record(order: Marked) -> int:
    if not order.record.id.isdecimal():
        raise Refused("odoo: the record is no lead of Odoo")
    return int(order.record.id)


def _has(row: Row, order: Marked) -> bool:
    """A note ends with its mark; an activity that was done stands in the middle of its message."""
    body = str(row.get("body") or "")
    if isinstance(order, TaskOrder):
        return f"syncd: {order.mark}<" in body
    return mark_in(body) == order.mark


def _ref(order: Marked, record: int) -> Ref:
    return Ref("activity" if isinstance(order, TaskOrder) else "note", str(record))
