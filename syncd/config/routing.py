"""Who gets a lead and by when, what counts as junk, and what the task says."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from syncd.config.places import Domain, EmailAddress
from syncd.config.problems import not_among
from syncd.config.section import Section, fill_blanks
from syncd.core.junk import DEFAULT_WEIGHTS
from syncd.core.targets import parse_target
from syncd.core.templates import BODY, SUBJECT, check_template


def _read_target(text: str) -> str:
    parse_target(text)
    return text


def _read_template(text: str) -> str:
    troubles = check_template(text)
    if troubles:
        raise ValueError("; ".join(troubles))
    return text


TargetText = Annotated[str, AfterValidator(_read_target)]
TemplateText = Annotated[str, AfterValidator(_read_template)]


class TargetsEntry(Section):
    """By when somebody must have answered; times are working time of the owner."""

    hot: TargetText = Field("5 min", description="for leads that ask to be called, and rules with hot: yes")
    lead: TargetText = Field("60 min", description="for everybody else who asks something")
    name: TargetText = Field("1 business day", description="for people who only left their name")


class TaskTexts(Section):
    """Jinja2 templates of the follow-up task; `syncd explain` shows what a lead's task says."""

    subject: TemplateText = Field(SUBJECT, description="first line of the task (Jinja2)")
    body: TemplateText = Field(BODY, description="text of the task (Jinja2); plain text")


class RuleTask(Section):
    """Texts of one rule; what is left out is that of `task`."""

    subject: TemplateText = Field("", description="first line of the task (Jinja2)")
    body: TemplateText = Field("", description="text of the task (Jinja2); plain text")


class Assign(Section):
    """Exactly one of both; a plain name is a person."""

    person: str = Field("", description="one of people")
    pool: str = Field("", description="one of pools; whose turn it is gets the lead")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if bool(self.person) == bool(self.pool):
            raise ValueError("name one person, or {pool: one of pools}")
        return self


def _to_person(assign: object) -> object:
    return {"person": assign} if isinstance(assign, str) else assign


_ASSIGN_SCHEMA = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"person": {"type": "string"}, "pool": {"type": "string"}},
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
        },
    ]
}
_WHEN_SCHEMA = {"type": "object", "minProperties": 1}


class RuleEntry(Section):
    """One line of the routing; the first rule whose condition holds decides."""

    name: str = Field(min_length=1, description="what the explanation and the task call this rule")
    when: Annotated[Any, WithJsonSchema(_WHEN_SCHEMA)] = Field(
        None, description="condition over facts of the lead, as {country: [DE, AT]}; the last rule has none"
    )
    assign: Annotated[Assign, BeforeValidator(_to_person), WithJsonSchema(_ASSIGN_SCHEMA)] = Field(
        description="one of people, or {pool: one of pools}"
    )
    target: TargetText | None = Field(None, description="by when to answer; that of the stage when left out")
    hot: bool = Field(False, description="whether its leads go first")
    priority: Literal["low", "normal", "high"] | None = Field(
        None, description="priority of the task; by stage when left out"
    )
    task: RuleTask = Field(RuleTask(), description="texts of its tasks, where they differ from task")
    reassign: bool = Field(False, description="whether it may take a lead away from the owner it has")

    @model_validator(mode="before")
    @classmethod
    def _read_blanks(cls, data: Any) -> Any:
        """A condition that was commented out must not silently become "everybody"."""
        if isinstance(data, dict) and data.get("when", "") is None:
            raise ValueError("when is empty: give a condition, or leave when out in the last rule")
        return fill_blanks(cls, data)


class Junk(Section):
    """Every submission gets a score from 0 to 100; nothing is thrown away."""

    flag: int = Field(40, ge=1, le=101, description="score from which a person should look; 101 for never")
    quarantine: int = Field(80, ge=1, le=101, description="score from which nothing reaches the CRM")
    weights: Mapping[str, Annotated[int, Field(ge=-100, le=100)]] = Field(
        default_factory=dict, description="signal -> points, where they differ from the usual; 0 for none"
    )
    languages: tuple[str, ...] = Field(
        (), description="languages people write in, as [de, en]; other scripts are a sign of junk; none: any"
    )

    @field_validator("weights")
    @classmethod
    def _are_signals(cls, weights: Mapping[str, int]) -> Mapping[str, int]:
        for name in weights:
            if name not in DEFAULT_WEIGHTS:
                raise ValueError(not_among(name, "the signals", tuple(DEFAULT_WEIGHTS)))
        return weights

    @model_validator(mode="after")
    def _flag_comes_first(self) -> Self:
        if self.flag > self.quarantine:
            raise ValueError("flag must not be above quarantine")
        return self


class Suppress(Section):
    """Who never goes to sales."""

    domains: tuple[Domain, ...] = Field((), description="e-mail domains, as competitor.com")
    emails: tuple[EmailAddress, ...] = Field((), description="single e-mail addresses")
