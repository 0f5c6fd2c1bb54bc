"""What happened, append-only. Every change of state leaves a row with its reasons in plain values."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert

from syncd.store.content import dump
from syncd.store.schema import history


def write(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Rows as made by `row`."""
    if rows:
        tx.execute(insert(history), list(rows))


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
