"""What a person may set for an environment of Dynamics 365 or Dataverse."""

from typing import Literal

from syncd.connector import ClientCredentialsOptions, ConnectorOptions, Field, SignalKind


class DynamicsOptions(ConnectorOptions):
    url: str = Field(
        pattern=r"https?://[^/?#@\s]+/?", description="address of the environment: https://<name>.crm4.dynamics.com"
    )
    tenant: str = Field(
        pattern=r"[A-Za-z0-9.\-]+", description="id or domain of the tenant in Microsoft Entra that the app is of"
    )
    client_credentials: ClientCredentialsOptions = Field(
        description="the app, which is an application user of the environment"
    )
    login_url: str = Field(
        "https://login.microsoftonline.com", description="where tokens come from; another one in national clouds"
    )
    object: Literal["lead", "contact"] = Field("lead", description="what a stranger becomes")
    map: dict[str, str] = Field(
        default_factory=dict,
        description="canonical field -> column of leads and contacts, over the built-in table; empty: not written",
    )
    fixed: dict[str, str] = Field(default_factory=dict, description="column -> value for records that syncd makes")
    lead_sources: dict[str, str] = Field(
        default_factory=dict, description="lead source of the config -> label or number of leadsourcecode"
    )
    topic: str = Field("Enquiry", min_length=1, description="topic of a lead whose enquiry names none")
    unnamed: str = Field("[not provided]", min_length=1, description="last name of somebody who gave no name")
    key_field: str = Field(
        "syncd_key",
        pattern=r"[a-z][a-z0-9]{1,7}_[a-z0-9_]{1,40}",
        description="column of leads and contacts with our id of the lead, by which an alternate key finds them",
    )
    note_title: str = Field("Enquiry", min_length=1, description="title of our notes")
    teams: dict[str, str] = Field(
        default_factory=dict, description="e-mail address of somebody in people -> name of their team"
    )
    statuses: dict[str, SignalKind] = Field(
        default_factory=lambda: {"2": SignalKind.ANSWERED},
        description="label or number of a lead's status reason -> what setting it says about the lead; qualified and "
        "disqualified always mean qualified and lost",
    )
    batch: int = Field(
        50,
        ge=1,
        le=1000,
        description="writes of one call: fewer where plug-ins make them slow, for a call has thirty seconds",
    )
