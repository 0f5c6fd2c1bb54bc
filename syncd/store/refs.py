"""Where leads live in a sink, and who lives at a ref."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, func, select

from syncd.model import Ref
from syncd.store.prepared import Prepared, among, passively
from syncd.store.schema import orders, word


def records(tx: Connection, lead_ids: Iterable[str], sink: str) -> dict[str, Ref]:
    """Lead id -> its record; leads that have none yet are left out."""
    ids = sorted(lead_ids)
    rows = _RECORDS.all(tx, ids=ids, sink=sink) if ids else ()
    return {row.lead_id: Ref(row.object, row.ref, row.url or "") for row in rows}


def leads_by_ref(tx: Connection, refs: Sequence[str], sink: str) -> dict[str, str]:
    """Id of a record -> the lead that it is of."""
    rows = _BY_REF.all(tx, refs=list(refs), sink=sink) if refs else ()
    return {row.ref: row.lead_id for row in rows}


_RECORDS = Prepared(
    lambda sqlite: select(orders.c.lead_id, orders.c.object, orders.c.ref, orders.c.url).where(
        among(orders.c.lead_id, "ids", sqlite=sqlite),
        passively(orders.c.sink, sqlite=sqlite) == bindparam("sink"),
        orders.c.kind == word("record"),
        passively(orders.c.ref, sqlite=sqlite).is_not(None),
    )
)
_BY_REF = Prepared(
    lambda sqlite: (
        select(orders.c.ref, func.min(orders.c.lead_id).label("lead_id"))
        .where(
            orders.c.sink == bindparam("sink"),
            among(orders.c.ref, "refs", sqlite=sqlite),
            orders.c.kind == word("record"),
        )
        .group_by(orders.c.ref)
    )
)
