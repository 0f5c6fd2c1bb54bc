"""What a person may set for a Pipedrive account."""

from typing import Literal, Self

from syncd.connector import ConnectorOptions, Field, RefreshTokenOptions, SecretStr, field_validator, model_validator


class PipedriveOptions(ConnectorOptions):
    token: SecretStr | None = Field(None, description="API token of a user (personal preferences, API)")
    oauth: RefreshTokenOptions | None = Field(None, description="grant of an app, instead of a token")
    base_url: str = Field("", description="where the API answers; found by itself when left out")
    oauth_url: str = Field("https://oauth.pipedrive.com/oauth/token", description="where the grant is renewed")
    make: Literal["lead", "deal", "nothing"] = Field(
        "lead", description="what a person who has nothing open gets beside the task: a lead, a deal, or nothing"
    )
    title: str = Field("", description="what stands in the title of a lead or deal after the name")
    pipeline: int | None = Field(None, description="id of the pipeline for deals; the first one when left out")
    stage: int | None = Field(None, description="id of the stage for deals; the first one when left out")
    label_ids: tuple[str, ...] = Field((), description="ids of the labels of leads or deals that syncd makes")
    map: dict[str, str] = Field(
        default_factory=dict,
        description="canonical field -> name of a person field, over the built-in table; empty: not written",
    )
    types: dict[str, str] = Field(
        default_factory=lambda: {"call": "call", "email": "email", "todo": "task"},
        description="kind of task -> key of an activity type",
    )
    unnamed: str = Field("[not provided]", description="name of a person without name, address and phone number")
    key_field: str = Field("syncd_key", description="person field (and deal field) that holds our id of the lead")
    opening_field: str = Field("syncd_opening", description="person field that names the lead or deal syncd works with")
    search_lag: float = Field(30, ge=0, description="seconds until a change shows in Pipedrive's lists and search")

    @field_validator("types")
    @classmethod
    def _kinds_are_known(cls, types: dict[str, str]) -> dict[str, str]:
        if strange := sorted(types.keys() - {"call", "email", "todo"}):
            raise ValueError(f"kinds of tasks are call, email and todo, not {', '.join(strange)}")
        return types

    @model_validator(mode="after")
    def _has_one_login(self) -> Self:
        if (self.token is None) == (self.oauth is None):
            raise ValueError("give either token or oauth")
        return self
