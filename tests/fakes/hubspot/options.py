"""What a test may decide about the fake account before it starts."""

from dataclasses import dataclass
from datetime import datetime

PORTAL = 4242

ALL_SCOPES = frozenset(
    {
        "crm.objects.contacts.read",
        "crm.objects.contacts.write",
        "crm.objects.companies.read",
        "crm.objects.companies.write",
        "crm.objects.owners.read",
        "crm.schemas.contacts.read",
        "crm.schemas.contacts.write",
        "crm.schemas.companies.read",
        "crm.schemas.companies.write",
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls allowed; None switches one limit off.

    https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
    """

    burst: int | None = 190  # in any ten seconds, searches not counted
    daily: int | None = 650_000  # until midnight UTC
    search: int | None = 4  # in any second


NO_LIMITS = Limits(burst=None, daily=None, search=None)


@dataclass(frozen=True, slots=True)
class Options:
    """See the package's docstring for what each one does."""

    owners: tuple[str, ...] = ()
    limits: Limits = NO_LIMITS
    search_lag: float = 0.0  # seconds
    unique_task_properties: bool = True
    conflicts_name_the_id: bool = True
    echo_trace_ids: bool = True
    merge_gives_new_id: bool = True
    scopes: frozenset[str] = ALL_SCOPES
    token: str = "pat-eu1-fake-token"
    client_id: str = "fake-client"
    client_secret: str = "fake-secret"
    refresh_token: str = "fake-refresh"
    token_seconds: int = 1800
    zone: str = "UTC"
    start: datetime | None = None
    seed: int = 1
    port: int = 0
