"""What a test may decide about the fake installation before it starts."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Options:
    """See the package's docstring for what each one does."""

    users: tuple[str, ...] = ()
    custom: bool = True
    email_filter: bool = True
    hides_addresses: bool = False
    most_rows: int = 1000
    platforms: tuple[str, ...] = ("base", "mobile", "syncd")
    username: str = "robot"
    password: str = "fake-pass-word"
    client_id: str = "3d55a713-fake-client"
    client_secret: str = "fake-client-secret"
    token_seconds: int = 3600
    start: datetime | None = None
    port: int = 0
