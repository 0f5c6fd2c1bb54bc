"""What a person may set for a Close organization."""

from syncd.connector import ConnectorOptions, Field, SecretStr


class CloseOptions(ConnectorOptions):
    api_key: SecretStr = Field(description="API key of a user (settings, developer, API keys)")
    base_url: str = Field("https://api.close.com", description="where the API answers")
    status: str = Field("", description="id of the status of new leads; the organization's first when left out")
    map: dict[str, str] = Field(
        default_factory=dict,
        description="canonical field -> name of a contact field, over the built-in table; empty: not written",
    )
    unnamed: str = Field("[not provided]", description="name of a contact without name, address and phone number")
    key_field: str = Field("syncd_key", description="contact field that holds our id of the lead")
    owner_field: str = Field("syncd_owner", description="lead field of type user that says whose lead it is")
    search_lag: float = Field(60, ge=0, description="seconds until a new lead shows in Close's event log or search")
