"""What a person may set for an Odoo database."""

from typing import Literal

from syncd.connector import ConnectorOptions, Field, SecretStr, field_validator


class OdooOptions(ConnectorOptions):
    url: str = Field(description="address of the Odoo server: https://acme.odoo.com", pattern=r"^https?://[^/\s]+/?$")
    token: SecretStr = Field(description="API key of a user (preferences, account security)")
    database: str = Field("", description="name of the database, where a server has several")
    make: Literal["lead", "opportunity"] = Field("lead", description="what a stranger becomes")
    team: int | None = Field(None, description="id of the sales team of new leads; Odoo's choice when left out")
    title: str = Field("", description="what stands in the title of a lead after the name")
    map: dict[str, str] = Field(
        default_factory=dict,
        description="canonical field -> field of crm.lead, over the built-in table; empty: not written",
    )
    types: dict[str, str] = Field(
        default_factory=lambda: {"call": "Call", "email": "Email", "todo": "To-Do"},
        description="kind of task -> name of an activity type, in English",
    )
    unnamed: str = Field("[not provided]", description="title of a lead without name, address and phone number")
    key_field: str = Field("x_syncd_key", description="field of crm.lead that holds our id of the lead")
    settle: float = Field(
        60, ge=0, description="seconds that a call whose answer was lost may go on in Odoo before it is sent again"
    )

    @field_validator("types")
    @classmethod
    def _kinds_are_known(cls, types: dict[str, str]) -> dict[str, str]:
        if strange := sorted(types.keys() - {"call", "email", "todo"}):
            raise ValueError(f"kinds of tasks are call, email and todo, not {', '.join(strange)}")
        return types
