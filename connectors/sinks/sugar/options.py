"""What a person may set for a SugarCRM or SuiteCRM installation."""

from typing import Literal, Self

from syncd.connector import (
    ClientCredentialsOptions,
    ConnectorOptions,
    Field,
    SecretStr,
    SignalKind,
    model_validator,
)


class SugarOptions(ConnectorOptions):
    """What both have."""

    url: str = Field(description="where people open the CRM; of SuiteCRM 8 with /legacy at its end")
    map: dict[str, str] = Field(
        default_factory=dict,
        description="canonical field -> name of a field of leads, over the built-in table; empty: not written",
    )
    fixed: dict[str, str] = Field(
        default_factory=dict, description="name of a field -> value, for leads that syncd makes"
    )
    lead_status: str = Field("New", description="status of leads that syncd makes; empty: the CRM's own choice")
    unnamed: str = Field("[not provided]", description="last name of a lead that has no name")
    key_field: str = Field(
        "syncd_key_c", description="field of leads and contacts for our id of the lead, where they have one"
    )
    statuses: dict[str, SignalKind] = Field(
        default_factory=lambda: {
            "In Process": SignalKind.ANSWERED,
            "Converted": SignalKind.QUALIFIED,
            "Dead": SignalKind.LOST,
        },
        description="status of a lead -> what setting it says about the lead",
    )
    stages: dict[str, SignalKind] = Field(
        default_factory=lambda: {"Closed Won": SignalKind.WON, "Closed Lost": SignalKind.LOST},
        description="sales stage of a lead's opportunity -> what reaching it says about the lead",
    )
    read_lag: float = Field(5, ge=0, le=120, description="seconds before the last look from which changes are read")


class SugarCrmOptions(SugarOptions):
    username: str = Field(description="user as whom syncd works; nobody else may log in as this one")
    password: SecretStr = Field(description="password of that user")
    platform: str = Field(
        "syncd", pattern="^[a-z0-9_-]{2,127}$", description="API platform registered for syncd alone (never base)"
    )
    client_id: str = Field("sugar", description="OAuth key of the installation")
    client_secret: SecretStr = Field(SecretStr(""), description="OAuth secret of that key")
    version: str = Field("11_10", pattern="^1[0-9](_[0-9]{1,2})?$", description="version of the REST API")


class SuiteCrmOptions(SugarOptions):
    api: Literal["v8", "v4_1"] = Field("v8", description="which of its two APIs; v4_1 where v8 is not set up")
    client: ClientCredentialsOptions | None = Field(None, description="OAuth2 client of the administration, for v8")
    username: str = Field("", description="user as whom syncd works, for v4_1")
    password: SecretStr = Field(SecretStr(""), description="password of that user")

    @model_validator(mode="after")
    def _has_the_login_of_its_api(self) -> Self:
        if self.api == "v8" and self.client is None:
            raise ValueError("v8 needs client: {client_id, client_secret}")
        if self.api == "v4_1" and not (self.username and self.password.get_secret_value()):
            raise ValueError("v4_1 needs username and password")
        return self
