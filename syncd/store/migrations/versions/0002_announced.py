"""Submissions of which a provider has told the id alone."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("inbox", sa.Column("announced", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("inbox", sa.Column("fetched", sa.LargeBinary(), nullable=True))
    op.create_index(
        "ix_inbox_announced",
        "inbox",
        ["source", "due_at"],
        unique=False,
        sqlite_where=sa.text("announced AND state = 'waiting'"),
        postgresql_where=sa.text("announced AND state = 'waiting'"),
    )
