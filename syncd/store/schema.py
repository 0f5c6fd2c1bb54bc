"""The tables. Times are whole microseconds since 1970 UTC (`..._at`); JSON stands in text columns.

What is due is found through partial indexes over open rows, so that cost does not grow with history.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
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

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("source", String(100), nullable=False),
    Column("key", String(300), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("submitted_at", Moment),
    Column("raw", LargeBinary, nullable=False),
    Column("sha256", LargeBinary, nullable=False),  # of raw; checked whenever it is read
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
    UniqueConstraint("source", "key"),
    Index(
        "ix_inbox_due",
        "due_at",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_inbox_parked",
        "id",
        sqlite_where=text("state = 'parked'"),
        postgresql_where=text("state = 'parked'"),
    ),
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
    Column("lead_source", String(200), nullable=False),
    Column("first_touch", Text),
    Column("last_touch", Text),
    Column("interactions", Integer, nullable=False),
    Column("owner", String(200), nullable=False),
    Column("rule", String(200), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("junk_score", Integer, nullable=False),
    Column("due_at", Moment),
    Column("open_task", String(60), nullable=False),
    Column("answered_at", Moment),
    Index("ix_leads_created_at", "created_at"),
    Index("ix_leads_updated_at", "updated_at"),
)

lead_keys = Table(
    "lead_keys",
    metadata,
    Column("key", String(330), primary_key=True),  # kind and value: "e:eva@acme.com"
    Column("lead_id", String(40), ForeignKey("leads.id"), primary_key=True),
    Column("exact", Boolean, nullable=False),  # alone enough to say that it is the same person
    Index("uq_lead_keys_exact", "key", unique=True, sqlite_where=text("exact"), postgresql_where=text("exact")),
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
    Column("first_try_at", Moment),
    Column("lease", String(40)),
    Column("done_at", Moment),
    Column("object", String(60)),
    Column("ref", String(200)),
    Column("url", Text),
    Column("reason", Text, nullable=False, server_default=""),
    UniqueConstraint("sink", "mark"),
    Index(
        "uq_orders_record",
        "lead_id",
        "sink",
        unique=True,
        sqlite_where=text("kind = 'record'"),
        postgresql_where=text("kind = 'record'"),
    ),
    Index(
        "ix_orders_due",
        "sink",
        "kind",
        text("urgency DESC"),
        "due_at",
        sqlite_where=text("state IN ('waiting', 'sending', 'unknown')"),
        postgresql_where=text("state IN ('waiting', 'sending', 'unknown')"),
    ),
    Index(
        "ix_orders_parked",
        "id",
        sqlite_where=text("state = 'parked'"),
        postgresql_where=text("state = 'parked'"),
    ),
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
    sqlite_autoincrement=True,
)

signals = Table(
    "signals",
    metadata,
    Column("sink", String(100), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("ref", String(200), primary_key=True),
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
    Index("ix_timers_due", "due_at", sqlite_where=text("state = 'set'"), postgresql_where=text("state = 'set'")),
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
