"""The class of a submission in the balance: each belongs to exactly one."""

from sqlalchemy import and_, case, exists, not_, or_

from syncd.store.schema import inbox, orders

CLASSES = ("in the CRM", "quarantined", "suppressed", "merged", "on its way", "parked")

_ITS_ORDER = and_(
    orders.c.lead_id == inbox.c.lead_id,
    or_(orders.c.submission_id == inbox.c.id, orders.c.kind == "record"),
)
_IS_PARKED = or_(
    inbox.c.state == "parked",
    and_(inbox.c.state == "planned", exists().where(_ITS_ORDER, orders.c.state == "parked")),
)
"""Itself set aside, or an order that came of it."""

_IS_OPEN = or_(
    inbox.c.state == "waiting",
    and_(inbox.c.state == "planned", exists().where(_ITS_ORDER, orders.c.state != "done")),
)
"""Not planned yet, or something of it is still to be done in a sink."""

CLASS = case(
    (inbox.c.state == "quarantined", "quarantined"),
    (inbox.c.state == "suppressed", "suppressed"),
    (_IS_PARKED, "parked"),
    (_IS_OPEN, "on its way"),
    (and_(inbox.c.state == "planned", inbox.c.merged), "merged"),
    (and_(inbox.c.state == "planned", not_(inbox.c.merged)), "in the CRM"),
    else_="?",
).label("class")
