"""What a test may ask of the fake environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

WINDOW = 300  # seconds
FAKE_PASSWORD = "fake-client-secret"


@dataclass(frozen=True, slots=True)
class Options:
    users: tuple[str, ...] = ()
    teams: Mapping[str, str] = field(default_factory=dict)  # name -> e-mail address
    prepared: bool = False  # the columns and keys of syncd are there and active
    key_delay: float = 0.0  # seconds until the index of an alternate key is built
    limits: bool = False  # 6,000 requests in five minutes, 52 at a time
    tracked: bool = True  # leads and contacts track their changes
    versions: bool = True  # rows can be changed on condition of their ETag
    page_size: int = 5_000
    client_id: str = "fake-client-id"
    client_secret: str = FAKE_PASSWORD
    tenant: str = "fake-tenant"
    token_seconds: int = 3_599
    start: datetime | None = None
    port: int = 0
