"""What a person may set for a HubSpot account."""

from typing import Literal, Self

from pydantic import model_validator

from syncd.connector import ConnectorOptions, Field, RefreshTokenOptions, SecretStr, SignalKind


class HubSpotOptions(ConnectorOptions):
    token: SecretStr | None = Field(None, description="access token of a private app")
    oauth: RefreshTokenOptions | None = Field(None, description="grant of a public app, instead of a token")
    base_url: str = Field("https://api.hubapi.com", description="where the API answers")
    api: Literal["2026-03", "v3"] = Field("2026-03", description="version of the API: a dated one, or numbered")
    map: dict[str, str] = Field(
        default_factory=dict,
        description="canonical field -> contact property, over the built-in table; empty: not written",
    )
    fixed: dict[str, str] = Field(
        default_factory=dict, description="contact property -> value for contacts that syncd makes"
    )
    lead_status: str = Field("", description="hs_lead_status of contacts that syncd makes")
    unnamed: str = Field(
        "[not provided]", description="last name of a contact that has neither a name nor an e-mail address"
    )
    company: bool = Field(True, description="find or make the company of a business domain, and link it")
    key_property: str = Field("syncd_key", description="contact property that holds our id of the lead")
    mark_property: str = Field(
        "syncd_mark", description="task and note property by which a repeat finds what the first try made"
    )
    owner_default_queue: str = Field("", description="owner id of the queue that gets tasks without an owner")
    reminder_minutes: int | None = Field(
        None, ge=0, description="minutes before the due time at which HubSpot reminds the owner; empty: never"
    )
    stages: dict[str, SignalKind] = Field(
        default_factory=lambda: {
            "salesqualifiedlead": SignalKind.QUALIFIED,
            "opportunity": SignalKind.QUALIFIED,
            "customer": SignalKind.WON,
        },
        description="lifecycle stage (internal name) -> what reaching it says about the lead",
    )
    statuses: dict[str, SignalKind] = Field(
        default_factory=lambda: {
            "ATTEMPTED_TO_CONTACT": SignalKind.ANSWERED,
            "CONNECTED": SignalKind.ANSWERED,
            "UNQUALIFIED": SignalKind.LOST,
        },
        description="hs_lead_status (internal name) -> what setting it says about the lead",
    )
    search_lag: float = Field(30, ge=0, description="seconds until a change shows in HubSpot's search")

    @model_validator(mode="after")
    def _has_one_login(self) -> Self:
        if (self.token is None) == (self.oauth is None):
            raise ValueError("give either token or oauth")
        return self
