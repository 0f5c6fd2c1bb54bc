"""The tables. Times are whole microseconds since 1970 UTC (`..._at`); JSON stands in text columns.

What is due is found through partial indexes over open rows, so that cost does not grow with history.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")
Moment = BigInteger


def word(state: str) -> ColumnElement[str]:
    """A state as it stands in the statement itself: a bound value would hide the partial indexes."""
    return literal_column(f"'{state}'", String)


def one_of(column: ColumnElement[str], states: tuple[str, ...]) -> ColumnElement[bool]:
    """As the partial indexes below write it, in the same order."""
    return column.in_([word(state) for state in states])


def number(value: int) -> ColumnElement[int]:
    """A constant as it stands in the statement itself, for the same reason."""
    return literal_column(str(value), Integer)


ANNOUNCED, WHOLE = text("announced"), text("NOT announced")
"""As the partial index writes it."""

OPEN = ("waiting", "sending", "unknown")
ASIDE = ("parked", "quarantined", "suppressed")
HELD = ("blocked", "parked")
FRAIL = 3
"""After so many tries that failed a row is taken alone, so that it cannot pull others down."""


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def _among(states: tuple[str, ...]) -> str:
    return f"state IN ({', '.join(repr(state) for state in states)})"


inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("source", String(100), nullable=False),
    Column("key", String(300), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("submitted_at", Moment),
    Column("raw", LargeBinary, nullable=False),
    Column("sha256", LargeBinary, nullable=False),  # of raw and content; checked before they are planned
    Column("content_type", String(200), nullable=False),
    Column("content", Text, nullable=False),  # answers and context, as the source read them
    Column("problem", Text, nullable=False, server_default=""),  # unreadable, or why it is parked
    Column("state", String(16), nullable=False),  # waiting | planned | quarantined | suppressed | parked
    Column("due_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("lease", String(40)),
    Column("lead_id", String(40)),
    Column("merged", Boolean, nullable=False, server_default=text("false")),  # landed on a known lead
    Column("repeats", Integer, nullable=False, server_default="0"),
    Column("planned_at", Moment),
    Column("trusted", Boolean, nullable=False, server_default=text("false")),  # a person said: not junk
    Column("announced", Boolean, nullable=False, server_default=text("false")),  # its answers are still to be fetched
    Column("fetched", LargeBinary),  # what the provider answered then, as it came
    UniqueConstraint("source", "key"),
    Index("ix_inbox_due", "due_at", **_where("state = 'waiting'")),
    Index("ix_inbox_leased", "due_at", **_where("lease IS NOT NULL AND state = 'waiting'")),
    Index("ix_inbox_announced", "source", "due_at", **_where("announced AND state = 'waiting'")),
    Index("ix_inbox_aside", "state", "id", **_where(_among(ASIDE))),
    Index("ix_inbox_lead_id", "lead_id"),
    sqlite_autoincrement=True,
)

leads = Table(
    "leads",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("fields", Text, nullable=False),
    Column("source", String(100), nullable=False),
    Column("lead_source", Text, nullable=False),
    Column("first_touch", Text),
    Column("last_touch", Text),
    Column("interactions", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("junk_score", Integer, nullable=False),
    Column("due_at", Moment),
    Column("open_task", String(60), nullable=False),
    Column("answered_at", Moment),
    Index("ix_leads_created_at", "created_at"),
    Index("ix_leads_due", "due_at", **_where("open_task <> ''")),
)

lead_keys = Table(
    "lead_keys",
    metadata,
    Column("key", String(330), primary_key=True),  # kind and value: "e:eva@acme.com"
    Column("lead_id", String(40), ForeignKey("leads.id"), primary_key=True),
    Column("exact", Boolean, nullable=False),  # alone enough to say that it is the same person
    Index("uq_lead_keys_exact", "key", unique=True, **_where("exact")),
    Index("ix_lead_keys_lead_id", "lead_id"),
)

interactions = Table(
    "interactions",
    metadata,
    Column("submission_id", Id, ForeignKey("inbox.id"), primary_key=True, autoincrement=False),
    Column("lead_id", String(40), ForeignKey("leads.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("source", String(100), nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_interactions_lead_id", "lead_id", "at"),
)

orders = Table(
    "orders",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("mark", String(60), nullable=False),
    Column("lead_id", String(40), ForeignKey("leads.id"), nullable=False),
    Column("submission_id", Id),
    Column("sink", String(100), nullable=False),
    Column("kind", String(8), nullable=False),  # record | task | note
    Column("state", String(10), nullable=False),  # blocked | waiting | sending | unknown | done | parked
    Column("urgency", Integer, nullable=False),  # 2 hot, 1 usual, 0 backfill
    Column("wanted", Integer, nullable=False),  # revision that ought to stand in the sink
    Column("done", Integer, nullable=False),  # revision that stands there
    Column("payload", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("intent_at", Moment),  # committed before each call
    Column("doubt_at", Moment),  # when a call was sent whose answer never came; empty once resolved
    Column("looks", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("crashes", Integer, nullable=False, server_default="0"),  # its dispatcher died in mid-call
    Column("first_try_at", Moment),
    Column("lease", String(40)),
    Column("done_at", Moment),
    Column("object", Text),
    Column("ref", Text),
    Column("url", Text),
    Column("reason", Text, nullable=False, server_default=""),
    UniqueConstraint("sink", "mark"),
    Index("uq_orders_record", "lead_id", "sink", unique=True, **_where("kind = 'record'")),
    Index("ix_orders_due", "sink", "kind", text("urgency DESC"), "due_at", **_where(_among(OPEN))),
    Index("ix_orders_sending", "sink", "kind", **_where("state = 'sending'")),
    Index("ix_orders_frail", "sink", "kind", "due_at", **_where(f"attempts >= {FRAIL} AND {_among(OPEN)}")),
    Index("ix_orders_held", "state", "id", **_where(_among(HELD))),
    Index("ix_orders_lead_id", "lead_id"),
    Index("ix_orders_ref", "sink", "ref"),
    sqlite_autoincrement=True,
)

history = Table(
    "history",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("lead_id", String(40)),
    Column("submission_id", Id),
    Column("order_id", Id),
    Column("event", String(40), nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_history_lead_id", "lead_id", "at"),
    Index("ix_history_submission_id", "submission_id", **_where("lead_id IS NULL")),
    sqlite_autoincrement=True,
)

signals = Table(
    "signals",
    metadata,
    Column("sink", String(100), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("value", String(300), primary_key=True),
    Column("lead_id", String(40), nullable=False),
)

timers = Table(
    "timers",
    metadata,
    Column("lead_id", String(40), ForeignKey("leads.id"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("due_at", Moment, nullable=False),
    Column("state", String(10), nullable=False),  # set | fired | stopped
    Column("lease", String(40)),
    Index("ix_timers_due", "due_at", **_where("state = 'set'")),
)

cursors = Table(
    "cursors",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("value", Text, nullable=False),
    Column("moved_at", Moment, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("holder", String(120), nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("until_at", Moment, nullable=False),
)

budgets = Table(
    "budgets",
    metadata,
    Column("sink", String(100), primary_key=True),
    Column("per_window", Integer),  # calls the service allows per window; empty until it said so
    Column("window_us", BigInteger),
    Column("next_at", Moment, nullable=False, server_default="0"),  # theoretical arrival of the next call
    Column("left_today", BigInteger),
    Column("per_day", BigInteger),
    Column("day", String(10), nullable=False, server_default=""),
    Column("probe_at", Moment, nullable=False, server_default="0"),  # when a spent day may be asked about again
    Column("calls", BigInteger, nullable=False, server_default="0"),
)

sink_states = Table(
    "sink_states",
    metadata,
    Column("sink", String(100), primary_key=True),
    Column("paused_until", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("kind", String(20), nullable=False),  # "" | rate | outage | login
    Column("failures", Integer, nullable=False),
    Column("since_at", Moment),
)

pools = Table(
    "pools",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("state", Text, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("source", String(100), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("n", BigInteger, nullable=False),
)

arrivals = Table(
    "arrivals",
    metadata,
    Column("source", String(100), primary_key=True),
    Column("hour", BigInteger, primary_key=True, autoincrement=False),  # since 1970 UTC
    Column("n", BigInteger, nullable=False),
    Column("last_at", Moment, nullable=False),
)
