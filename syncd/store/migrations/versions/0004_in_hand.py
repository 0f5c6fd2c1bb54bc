"""What is in a daemon's hands: that of one that died is found before a backlog."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _index("ix_orders_sending", "orders", ["sink", "kind"], "state = 'sending'")
    _index("ix_inbox_leased", "inbox", ["due_at"], "lease IS NOT NULL AND state = 'waiting'")


def _index(name: str, table: str, columns: list[str], condition: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
