"""What a person may set for a Zoho CRM account."""

from typing import Literal

from connectors.sinks.zoho.places import DataCenter, Environment
from syncd.connector import ConnectorOptions, Field, RefreshTokenOptions, SignalKind


class ZohoOptions(ConnectorOptions):
    oauth: RefreshTokenOptions = Field(description="grant of a self client or server-based client of the API console")
    data_center: DataCenter = Field("us", description="where the account lives; tokens are good there alone")
    environment: Environment = Field("production", description="production, or a sandbox or developer account")
    accounts_url: str = Field("", description="where tokens are given, in place of the data center's address")
    api_url: str = Field("", description="where the API answers, in place of the data center's address")
    module: Literal["Leads", "Contacts"] = Field(
        "Leads", description="what a stranger becomes; who is there already is kept where they are"
    )
    map: dict[str, str] = Field(
        default_factory=dict,
        description="canonical field -> API name of a field, over the built-in table; empty: not written",
    )
    fixed: dict[str, str] = Field(
        default_factory=dict, description="API name of a field -> value for records that syncd makes"
    )
    layout: str = Field("", description="id of the layout of records that syncd makes; empty: Zoho's own choice")
    lead_status: str = Field("", description="Lead_Status of leads that syncd makes")
    unnamed: str = Field("[not provided]", description="last name of a record that has no name")
    no_company: str = Field("[not provided]", description="company of a lead that has none")
    key_field: str = Field("Syncd_Key", description="field of leads and contacts that holds our id of the lead")
    mark_field: str = Field("Syncd_Mark", description="field of tasks by which a repeat finds what the first try made")
    trigger: list[Literal["workflow", "approval", "blueprint"]] = Field(
        default_factory=list, description="what of Zoho's automation our writes set off; empty: none"
    )
    reminder_minutes: int | None = Field(
        None, ge=0, description="minutes before the due time at which Zoho reminds the owner; empty: never"
    )
    statuses: dict[str, SignalKind] = Field(
        default_factory=lambda: {
            "Attempted to Contact": SignalKind.ANSWERED,
            "Contacted": SignalKind.ANSWERED,
            "Contact in Future": SignalKind.ANSWERED,
            "Pre-Qualified": SignalKind.QUALIFIED,
            "Lost Lead": SignalKind.LOST,
            "Junk Lead": SignalKind.LOST,
        },
        description="Lead_Status -> what setting it says about the lead",
    )
    stages: dict[str, SignalKind] = Field(
        default_factory=lambda: {"Closed Won": SignalKind.WON, "Closed Lost": SignalKind.LOST},
        description="stage of a contact's deal -> what reaching it says about the lead",
    )
    read_lag: float = Field(
        30, ge=0, le=120, description="seconds until a change surely shows in queries and related lists"
    )
