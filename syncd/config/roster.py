"""Who there is, when they work, and in which rota they take turns."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from syncd.config.places import EmailAddress, Name, Zone
from syncd.config.section import Section
from syncd.config.units import DaySpan
from syncd.core.holidays_of import public_holidays
from syncd.core.hours import parse_hours, parse_week
from syncd.core.playbook import PoolMethod


def _read_hours(text: str) -> str:
    parse_hours(text)
    return text


HoursText = Annotated[str, AfterValidator(_read_hours)]


class HoursEntry(Section):
    """One set of working hours."""

    zone: Zone | None = Field(None, description="time zone of these hours; the company's when left out")
    week: Mapping[str, str] = Field(
        description='day or days -> hours, as mon-fri: "09:00-17:00"; days that nobody names are off'
    )
    holidays: str = Field("", description="public holidays: country, or country and part, as DE or DE-BY")
    closed: tuple[DaySpan, ...] = Field((), description="further days off, as 2026-12-24 or 2026-12-24..2026-12-31")
    special: Mapping[date, HoursText] = Field(
        default_factory=dict, description='hours of single days, holidays too, as 2026-12-24: "09:00-12:00"'
    )

    @field_validator("week")
    @classmethod
    def _is_week(cls, week: Mapping[str, str]) -> Mapping[str, str]:
        if not any(parse_week(week)):
            raise ValueError("nobody works on any day of it")
        return week

    @field_validator("holidays")
    @classmethod
    def _are_holidays(cls, place: str) -> str:
        if place:
            public_holidays(place)
        return place


class PersonEntry(Section):
    """Somebody who can own leads."""

    name: str = Field(min_length=1, description="what colleagues call them")
    email: EmailAddress = Field(description="how every CRM finds its user; an alert goes here")
    hours: str = Field("", description="one of hours; the first of them when left out")
    active: bool = Field(True, description="no: gets nothing any more")
    away: tuple[DaySpan, ...] = Field((), description="days without turns, as 2026-12-24 or 2026-12-24..2026-12-31")


def _with_weights(members: object) -> object:
    """A plain list gives everybody the same weight. Raises ValueError for somebody named twice."""
    if not isinstance(members, list | tuple):
        return members
    if not all(isinstance(person, str) for person in members):
        raise ValueError("should be a list of people, as [eva, tom], or {eva: 2, tom: 1} with weights")
    for person in members:
        if members.count(person) > 1:
            raise ValueError(f'"{person}" is named twice; for more turns write {{{person}: 2}}')
    return dict.fromkeys(members, 1)


_MEMBERS_SCHEMA = {
    "anyOf": [
        {"type": "array", "items": {"type": "string"}, "minItems": 1},
        {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}, "minProperties": 1},
    ]
}
Members = Annotated[
    Mapping[str, Annotated[int, Field(ge=1, le=1000)]],
    Field(min_length=1),
    BeforeValidator(_with_weights),
    WithJsonSchema(_MEMBERS_SCHEMA),
]


class PoolEntry(Section):
    """A rota of people."""

    members: Members = Field(description="people in turn: [eva, tom], or {eva: 2, tom: 1} with weights")
    method: PoolMethod = Field(
        PoolMethod.ROUND_ROBIN, description="round_robin: one after the other; weighted: by the weights"
    )
    in_hours_only: bool = Field(False, description="skip people outside their working hours while anybody is inside")

    @model_validator(mode="after")
    def _weights_count(self) -> Self:
        if self.method is PoolMethod.ROUND_ROBIN and len(set(self.members.values())) > 1:
            raise ValueError("different weights need method: weighted")
        return self


Hours = Mapping[Name, HoursEntry]
People = Mapping[Name, PersonEntry]
Pools = Mapping[Name, PoolEntry]
