"""The way HubSpot writes times."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(4096)
def stamp(moment: datetime) -> str:
    """The way HubSpot writes a time: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
