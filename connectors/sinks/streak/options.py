"""What a person may set for a Streak pipeline."""

from syncd.connector import ConnectorOptions, Field, SecretStr, model_validator


class StreakOptions(ConnectorOptions):
    api_key: SecretStr = Field(description="API key of a user (Streak icon in Gmail, Integrations, Streak API)")
    pipeline: str = Field(description="name or key of the pipeline in which leads become boxes")
    stage: str = Field("", description="name of the stage of new boxes; the pipeline's first when left out")
    won: tuple[str, ...] = Field((), description="names of the stages that mean won")
    lost: tuple[str, ...] = Field((), description="names of the stages that mean lost")
    qualified: tuple[str, ...] = Field((), description="names of the stages that mean that a lead is worth an offer")
    contacts: bool = Field(True, description="whether a box gets a contact of the team's, found by its address")
    map: dict[str, str] = Field(
        default_factory=dict,
        description="canonical field -> name of a box field, over the built-in table; empty: not written",
    )
    unnamed: str = Field("[not provided]", description="name of a box without name, address and phone number")
    key_field: str = Field("syncd_key", description="box field that holds our id of the lead")
    per_second: int = Field(10, ge=1, le=100, description="calls in a second; who wants more than 10 is to ask Streak")
    settle: float = Field(
        60,
        ge=0,
        description="seconds until a box, task or comment whose answer was lost surely shows in Streak's lists",
    )
    base_url: str = Field("https://api.streak.com", description="where the API answers")

    @model_validator(mode="after")
    def _stages_mean_one_thing(self) -> "StreakOptions":
        named = [*self.won, *self.lost, *self.qualified]
        if twice := sorted({stage for stage in named if named.count(stage) > 1}):
            raise ValueError(f"a stage means one thing: {', '.join(twice)} is named twice")
        return self
