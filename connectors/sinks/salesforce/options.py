"""What a person may set for a Salesforce organisation."""

from typing import Literal, Self

from pydantic import model_validator

from syncd.connector import (
    ClientCredentialsOptions,
    ConnectorOptions,
    Field,
    RefreshTokenOptions,
    SecretStr,
    SignalKind,
)


class JwtOptions(ConnectorOptions):
    """An assertion signed by us: nothing to store but the key. The app is approved once for the user."""

    client_id: str = Field(description="consumer key of the app")
    username: str = Field(description="user name of the user that syncd runs as")
    private_key: SecretStr = Field(description="private key (PEM) whose certificate the app knows")
    audience: Literal["https://login.salesforce.com", "https://test.salesforce.com"] = Field(
        "https://login.salesforce.com", description="test. for a sandbox"
    )


class PasswordOptions(ConnectorOptions):
    """User name and password. Salesforce turns this off in new organisations; asks for `legacy: yes`."""

    client_id: str = Field(description="consumer key of the app")
    client_secret: SecretStr = Field(description="consumer secret of the app")
    username: str = Field(description="user name of the user that syncd runs as")
    password: SecretStr = Field(description="password with the security token behind it, where one is needed")


class SalesforceOptions(ConnectorOptions):
    login_url: str = Field(
        "https://login.salesforce.com",
        description="where tokens come from: https://<my domain>.my.salesforce.com (a must for client_credentials), "
        "or https://test.salesforce.com for a sandbox",
    )
    client_credentials: ClientCredentialsOptions | None = Field(
        None, description="the app logs in as itself, with a run-as user"
    )
    jwt: JwtOptions | None = Field(None, description="login by an assertion that syncd signs")
    oauth: RefreshTokenOptions | None = Field(None, description="login by a refresh token")
    password: PasswordOptions | None = Field(None, description="login by user name and password, with legacy: yes")
    legacy: bool = Field(False, description="yes: a login by password is meant; it will stop working one day")
    api_version: str = Field("66.0", pattern=r"\d\d\.0", description="version of the API")
    object: Literal["Lead", "Contact"] = Field("Lead", description="what a stranger becomes")
    map: dict[str, str] = Field(
        default_factory=dict,
        description="canonical field -> field of leads and contacts, over the built-in table; empty: not written",
    )
    fixed: dict[str, str] = Field(default_factory=dict, description="field -> value for records that syncd makes")
    status: str = Field("", description="Status of leads that syncd makes; the organisation's default when empty")
    lead_sources: dict[str, str] = Field(
        default_factory=dict, description="lead source of the config -> value of the picklist LeadSource"
    )
    unnamed: str = Field("[not provided]", description="LastName of somebody who gave no name")
    no_company: str = Field("[not provided]", description="Company of a lead who gave none")
    key_field: str = Field("Syncd_Key__c", description="external id of leads and contacts: our id of the lead")
    mark_field: str = Field(
        "Syncd_Mark__c",
        description="external id of tasks by which a repeat finds what the first try made; empty: the organisation has "
        "none, and the mark stands in the description",
    )
    queues: dict[str, str] = Field(
        default_factory=dict, description="e-mail address of somebody in people -> developer name of their queue"
    )
    task_owner: str = Field(
        "",
        description="id of the user or queue that gets tasks whose owner cannot have tasks, as a queue for leads alone",
    )
    reminder_minutes: int | None = Field(
        None, ge=0, description="minutes before the due time at which Salesforce reminds the owner; empty: never"
    )
    note_subject: str = Field("Enquiry", min_length=1, description="subject of the done tasks that are our notes")
    duplicates: Literal["match", "save"] = Field(
        "match",
        description="when a duplicate rule finds somebody: use that record, or save beside it where the rule lets us",
    )
    statuses: dict[str, SignalKind] = Field(
        default_factory=lambda: {
            "Working - Contacted": SignalKind.ANSWERED,
            "Closed - Not Converted": SignalKind.LOST,
        },
        description="Status of a lead -> what setting it says about the lead; conversion always means qualified",
    )

    @model_validator(mode="after")
    def _has_one_login(self) -> Self:
        given = [self.client_credentials, self.jwt, self.oauth, self.password]
        if sum(each is not None for each in given) != 1:
            raise ValueError("give one of client_credentials, jwt, oauth and password")
        if self.password is not None and not self.legacy:
            raise ValueError(
                "a login by password will stop working one day: use client_credentials, or say legacy: yes"
            )
        if self.client_credentials is not None and self.login_url.rstrip("/") in _COMMON:
            raise ValueError("client_credentials ask for your own domain: login_url: https://<name>.my.salesforce.com")
        return self


_COMMON = ("https://login.salesforce.com", "https://test.salesforce.com")
