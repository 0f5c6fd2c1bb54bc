"""What a person may set for a Copper account."""

from syncd.connector import ConnectorOptions, Field, SecretStr, SignalKind


class CopperOptions(ConnectorOptions):
    token: SecretStr = Field(description="API key (Settings, Integrations, API Keys)")
    email: str = Field(description="e-mail address of the user who made the API key")
    status: str = Field("", description="name of the lead status of new leads; the account's first when left out")
    statuses: dict[str, SignalKind] = Field(
        default_factory=lambda: {
            "Contacted": SignalKind.ANSWERED,
            "Qualified": SignalKind.QUALIFIED,
            "Unqualified": SignalKind.LOST,
        },
        description="name of a lead status -> what setting it says about the lead; conversion always means qualified",
    )
    map: dict[str, str] = Field(
        default_factory=dict,
        description="canonical field -> name of a custom field, over the built-in table; empty: not written",
    )
    unnamed: str = Field("[not provided]", description="name of a lead without name, address and phone number")
    key_field: str = Field("syncd_key", description="custom field of leads and people that holds our id of the lead")
    status_field: str = Field(
        "syncd_status", description="custom field of leads that holds the status that syncd saw when it last wrote"
    )
    per_minute: int = Field(
        180, ge=1, le=10_000, description="calls in a minute: Copper takes 180; fewer where others share them"
    )
    settle: float = Field(60, ge=0, description="seconds until what was made or changed surely shows in searches")
    base_url: str = Field("https://api.copper.com", description="where the API answers")
