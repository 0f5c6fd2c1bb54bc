"""What a test may decide about the fake organisation before it starts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Options:
    """See the package's docstring for what each one does."""

    users: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    task_queues: bool = True
    daily_limit: int | None = None
    hidden_fields: frozenset[str] = frozenset()
    activity_fields: bool = True
    prepared: bool = False
    maps_keys: bool = True
    history: bool = True
    duplicate_rule: Literal["off", "alert", "block"] = "off"
    duplicate_word: str = "duplicateResult"
    restricted: frozenset[str] = frozenset()
    assigns_to: str = ""
    can_customise: bool = True
    versions: tuple[str, ...] = ("58.0", "59.0", "60.0", "64.0", "66.0", "67.0", "68.0")
    page_size: int = 2000
    client_id: str = "fake-consumer-key"
    client_secret: str = "fake-consumer-secret"
    refresh_token: str = "fake-refresh-token"
    rotates: bool = False
    public_key: str = ""
    username: str = "syncd@fake.example"
    password: str = "fake-password"
    token_seconds: int = 7200
    start: datetime | None = None
    port: int = 0
