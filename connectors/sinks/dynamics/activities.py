"""Tasks that were done, calls, e-mails and meetings of people with our leads and contacts, and deals that were closed.

https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/activitypointer
https://learn.microsoft.com/dynamics365/developer/reference/entities/opportunity
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.sinks.dynamics.client import NAMED, SHOWN, Client
from connectors.sinks.dynamics.lookup import Lookup
from connectors.sinks.dynamics.options import DynamicsOptions
from connectors.sinks.dynamics.owners import Owners
from connectors.sinks.dynamics.values import decode, guid_of, instant, stamp_of
from connectors.sinks.dynamics.wire import CONTACT, KINDS, LEAD, Kind
from syncd.connector import Signal, SignalKind

Row = Mapping[str, Any]
PART = 100  # ids in a condition
WHOSE = "look-up of people of ours"
_REGARDING = "_regardingobjectid_value"
_BASE = f"activityid,createdon,modifiedon,actualend,_createdby_value,{_REGARDING}"
_DEAL = "statecode,statuscode,actualvalue,modifiedon,_originatingleadid_value,_parentcontactid_value"
STREAMS: Mapping[str, tuple[str, str, str]] = {
    "task": ("tasks", _BASE, "statecode eq 1"),
    "phonecall": ("phonecalls", _BASE, "statecode eq 1"),
    "email": ("emails", _BASE, "statecode eq 1 and directioncode eq true"),  # sent, not received
    "appointment": ("appointments", _BASE, "statecode ne 2"),  # not called off
    "opportunity": ("opportunities", _DEAL, "statecode ne 0"),
}
"""Of each table: what is read, and which rows say something."""

WON = 1
Place = tuple[Kind, str]


class Activities:
    def __init__(self, options: DynamicsOptions, client: Client, lookup: Lookup, owners: Owners) -> None:
        self._key, self._client, self._lookup, self._owners = options.key_field, client, lookup, owners

    def query(self, name: str, since: datetime) -> str:
        """Rows that changed since, those changed first first."""
        rows, selected, chosen = STREAMS[name]
        chosen = f"modifiedon ge {instant(since)} and {chosen}".replace(" ", "%20")
        return f"{rows}?$select={selected}&$filter={chosen}&$orderby=modifiedon%20asc"

    def told(self, name: str, rows: Sequence[Row]) -> list[Signal]:
        if name == "opportunity":
            return list(self._of_deals(rows))
        me = self._owners.me()
        mine = [row for row in rows if guid_of(row.get("_createdby_value")) == me]
        theirs = [row for row in rows if row not in mine]
        done = [
            Signal(SignalKind.TASK_DONE, self._client.ref("task", guid_of(row.get("activityid"))), _at(row))
            for row in (mine if name == "task" else ())
        ]
        return [*done, *self._answered(name, theirs)]

    def _answered(self, name: str, rows: Sequence[Row]) -> Iterator[Signal]:
        known = self._ours([place for row in rows if (place := about(row))])
        for row in rows:
            place = about(row)
            if place in known and place is not None:
                at = stamp_of(row.get("createdon")) if name == "appointment" else None
                yield Signal(SignalKind.ANSWERED, self._lookup.ref(*place), at or _at(row))

    def _of_deals(self, rows: Sequence[Row]) -> Iterator[Signal]:
        """A deal of a lead of ours is told for the contact that it became as well, for syncd may know either."""
        known = self._ours([place for row in rows for place in _parties(row)])
        for row in rows:
            parties = _parties(row)
            if not any(party in known for party in parties):
                continue
            kind = SignalKind.WON if row.get("statecode") == WON else SignalKind.LOST
            reason = str(row.get(f"statuscode@{SHOWN}") or row.get("statuscode") or "")
            amount = decode(row.get("actualvalue"), {})
            for party in parties:
                yield Signal(kind, self._lookup.ref(*party), _at(row), ", ".join(filter(None, (reason, amount))))

    def _ours(self, places: Sequence[Place]) -> set[Place]:
        """Those that have our key, and contacts that a lead with our key became."""
        leads = sorted({row_id for kind, row_id in places if kind is LEAD})
        contacts = sorted({row_id for kind, row_id in places if kind is CONTACT})
        asked = [
            (kind, name, f"{rows.set}?$select={name}&$filter=({_either(name, part)})%20and%20{self._key}%20ne%20null")
            for kind, rows, name, ids in (
                (LEAD, LEAD, LEAD.id, leads),
                (CONTACT, CONTACT, CONTACT.id, contacts),
                (CONTACT, LEAD, "_parentcontactid_value", contacts),
            )
            for part in (ids[start : start + PART] for start in range(0, len(ids), PART))
        ]
        answers = self._client.rows([query for _, _, query in asked], what=WHOSE)
        return {
            (kind, guid_of(row.get(name))) for (kind, name, _), rows in zip(asked, answers, strict=True) for row in rows
        }


def about(row: Row) -> Place | None:
    """The person that an activity is about."""
    kind, row_id = KINDS.get(str(row.get(f"{_REGARDING}@{NAMED}"))), guid_of(row.get(_REGARDING))
    return (kind, row_id) if kind and row_id else None


def _parties(row: Row) -> list[Place]:
    named = ((LEAD, "_originatingleadid_value"), (CONTACT, "_parentcontactid_value"))
    return [(kind, row_id) for kind, name in named if (row_id := guid_of(row.get(name)))]


def _either(name: str, ids: Sequence[str]) -> str:
    return "%20or%20".join(f"{name}%20eq%20{each}" for each in ids)


def _at(row: Row) -> datetime:
    return stamp_of(row.get("actualend")) or stamp_of(row.get("modifiedon")) or datetime.now(UTC)
