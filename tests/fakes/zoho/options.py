"""What a test may decide about the fake account before it starts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ALL_SCOPES = (
    "ZohoCRM.modules.ALL ZohoCRM.users.READ ZohoCRM.settings.fields.ALL ZohoCRM.coql.READ "
    "ZohoCRM.composite_requests.CUSTOM ZohoSearch.securesearch.READ"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls allowed; None switches one limit off. https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html"""

    credits: int | None = 100_000  # of a rolling day
    concurrency: int | None = 10  # calls at the same time


NO_LIMITS = Limits(credits=None, concurrency=None)


@dataclass(frozen=True, slots=True)
class Options:
    """See the package's docstring for what each one does."""

    owners: tuple[str, ...] = ()
    limits: Limits = NO_LIMITS
    search_lag: float = 0.0  # seconds
    read_lag: float = 0.0  # seconds
    task_fields: Literal["unique", "plain", "none"] = "unique"
    restricted_picklists: bool = False
    cross_module_duplicates: bool = False
    scopes: str = ALL_SCOPES
    client_id: str = "1000.FAKECLIENT"
    client_secret: str = "fake-secret"
    refresh_token: str = "1000.fakerefresh.token"
    token_seconds: int = 3600
    start: datetime | None = None
    port: int = 0
