"""Deleting people and tasks.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/update-delete-entities-using-web-api#basic-delete
"""

from collections.abc import Sequence

from connectors.sinks.dynamics import wire
from connectors.sinks.dynamics.client import Client
from connectors.sinks.dynamics.failures import Fault
from connectors.sinks.dynamics.multipart import Request
from connectors.sinks.dynamics.values import guid_of
from connectors.sinks.dynamics.wire import Kind
from connectors.sinks.dynamics.writes import Made, Verdict, Write, Writes
from syncd.connector import Ref, check_refs, insist_on_removal

TASK = Kind("task", "tasks", "activityid")


def remove(client: Client, refs: Sequence[Ref]) -> None:
    """Raises as `Delivery.attempt`, and Refused for what may not be deleted."""
    check_refs("dynamics", refs, lambda ref: _place(ref) is not None)
    places = dict.fromkeys(place for ref in refs if (place := _place(ref)))
    deletions = [
        Write(at, Request("DELETE", f"{kind.set}({row_id})"), kind.id, row_id, row_id)
        for at, (kind, row_id) in enumerate(places)
    ]
    verdicts = Writes(client, len(deletions)).send(deletions, what="removal")
    kinds = [kind for kind, _ in places]
    insist_on_removal("dynamics", [_against(kinds[at], verdict) for at, verdict in verdicts.items()])


def _place(ref: Ref) -> tuple[Kind, str] | None:
    if ref.object == "task":
        return (TASK, ref.id) if guid_of(ref.id) else None
    return wire.place_of(ref) if ref.object == "person" else None


def _against(kind: Kind, verdict: Verdict) -> object | None:
    is_gone = isinstance(verdict, Made) or (isinstance(verdict, Fault) and verdict.gone(kind.table))
    return None if is_gone else verdict
