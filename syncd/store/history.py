"""What happened, append-only. Every change of state leaves a row with its reasons in plain values."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert

from syncd.store.content import dump
from syncd.store.prepared import Prepared
from syncd.store.schema import history


def write(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Rows as made by `row`."""
    _WRITE.many(tx, rows)


def row(
    at_us: int,
    event: str,
    *,
    lead: str | None = None,
    submission: int | None = None,
    order: int | None = None,
    **detail: Any,
) -> dict[str, Any]:
    return {
        "at": at_us,
        "lead_id": lead,
        "submission_id": submission,
        "order_id": order,
        "event": event,
        "detail": dump(detail),
    }


_WRITE = Prepared(
    insert(history).values(
        {name: bindparam(name) for name in ("at", "lead_id", "submission_id", "order_id", "event", "detail")}
    )
)
