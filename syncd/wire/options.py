"""What a person may set for a connector."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class ConnectorOptions(BaseModel):
    """What a person may set. Frozen; unknown keys are refused; every field carries its help text."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class SourceOptions(ConnectorOptions):
    """The options that every source has beside its own."""

    tag: str = Field("", description="lead source that the CRM shows for this source")
    map: dict[str, str] = Field(
        default_factory=dict,
        description="canonical field -> id, ref or label of the question; the rest is mapped by itself",
    )
    country: str = Field("", description="country of the form (ISO code), for phone numbers without prefix")
    token: SecretStr | None = Field(
        None,
        min_length=8,
        description="secret that must come along in the address: /in/<source>/<token> or ?token=<token>",
    )
    every: int = Field(60, ge=1, description="seconds between two polls, where this source is polled")

    @property
    def fetches(self) -> bool:
        """Whether the provider is asked for submissions: then nobody need be able to post them."""
        return False
