"""How much has come from each source by the hour, with what is in the inbox already."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "arrivals",
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "hour", name=op.f("pk_arrivals")),
    )
    op.execute(
        "INSERT INTO arrivals (source, hour, n, last_at) "
        "SELECT source, received_at / 3600000000, count(*), max(received_at) FROM inbox "
        "GROUP BY source, received_at / 3600000000"
    )
