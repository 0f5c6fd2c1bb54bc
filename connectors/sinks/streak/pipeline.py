"""The pipeline: its stages, the fields of its boxes, and the people of its team.

https://streak.readme.io/reference/list-all-pipelines - stages and fields stand in the pipeline itself
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.sinks.streak.client import V1, V2, Client, Row
from connectors.sinks.streak.options import StreakOptions
from syncd.connector import (
    Clock,
    Directory,
    FieldState,
    Fresh,
    OwnerRef,
    Ref,
    Refused,
    Retryable,
    cut_text,
    day_of,
    list_in,
    object_in,
    objects_in,
)

LONGEST_TEXT = 10_000  # characters; Streak names no limit


@dataclass(frozen=True, slots=True)
class BoxField:
    key: str  # "1001"
    type: str
    items: Mapping[str, str] = field(default_factory=dict)  # of a list of choices: key -> name

    def value_of(self, text: str) -> Any:
        """As the API wants it; None for a value that such a field cannot hold: it is left alone."""
        if self.type == "TEXT_INPUT":
            return cut_text(text, LONGEST_TEXT)
        if self.type == "DATE":
            return _midnight(text)
        if self.type == "CHECKBOX":
            return {"yes": True, "no": False}.get(text.casefold())
        chosen = next((key for key, name in self.items.items() if name.casefold() == text.casefold()), None)
        return [chosen] if self.type == "TAG" and chosen else chosen

    def state(self, *, ours: bool) -> FieldState:
        """Streak demands no field of a box."""
        return FieldState(self.type, ours=ours, choices=tuple(sorted(self.items.values())) if ours else ())

    def text_of(self, value: Any) -> str:
        """As we know it; empty for what is not set."""
        if self.type == "DATE" and isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC).date().isoformat()
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list):
            return "; ".join(self.items.get(str(one), str(one)) for one in value)
        return "" if value is None else self.items.get(str(value), str(value))


@dataclass(frozen=True, slots=True)
class Shape:
    key: str
    team: str
    fields: Mapping[str, BoxField]  # by name
    stages: Mapping[str, str]  # key -> name


class Pipeline:
    def __init__(self, options: StreakOptions, client: Client, clock: Clock) -> None:
        self._wanted, self._client = options.pipeline, client
        self._shape = Fresh(self._read, clock)
        self.people = Directory(self._members, clock)

    def shape(self) -> Shape:
        return self._shape.value()

    def field(self, name: str) -> BoxField | None:
        return self.shape().fields.get(name) if name else None

    def stage(self, name: str) -> str:
        """The key of a stage; empty where there is none of this name."""
        return next((key for key, known in self.shape().stages.items() if known == name), "")

    def has_left(self, owner: OwnerRef | None) -> bool:
        """Asked when something was refused, for Streak does not say what it was."""
        self.people.forget()
        return owner is not None and not self.people.by_id(owner.id).active

    def forget(self) -> None:
        self._shape.forget()
        self.people.forget()

    def ref(self, box: str) -> Ref:
        return Ref("box", box, f"https://www.streak.com/a/boxes/{box}")

    def _read(self) -> Shape:
        rows = self._client.rows(f"{V1}/pipelines", what="list of pipelines")
        named = [
            str(row["key"]) for row in rows if self._wanted in (row.get("key"), row.get("name")) and row.get("key")
        ]
        if len(named) != 1:
            raise Refused(f"streak: {len(named)} pipelines are called {self._wanted}: name one by its key")
        row = self._client.read(f"{V1}/pipelines/{named[0]}", what="read of the pipeline")
        if row.get("key") != named[0] or not isinstance(row.get("fields"), list):
            raise Retryable("streak: read of the pipeline names no fields")
        stages = {key: str(stage.get("name")) for key, stage in object_in(row, "stages").items() if key}
        fields = {str(one.get("name")): _field(one) for one in reversed(objects_in(row["fields"])) if one.get("key")}
        return Shape(named[0], str(row.get("teamKey") or ""), fields, stages)

    def _members(self) -> Iterator[OwnerRef]:
        """Known by their address. Streak lists those alone who are still there."""
        team = self.shape().team
        if not team:
            raise Refused("streak: the pipeline belongs to no team, so nobody can be assigned: share it with one")
        row = self._client.read(f"{V2}/teams/{team}", what="read of the team")
        if not isinstance(row.get("members"), list):
            raise Retryable("streak: read of the team names no members")
        for one in objects_in(row["members"]):
            if email := str(one.get("email") or "").lower():
                yield OwnerRef(email, email, str(one.get("fullName") or ""))


def _field(row: Row) -> BoxField:
    kind = str(row.get("type"))
    named = {"DROPDOWN": ("dropdownSettings", "items", "name"), "TAG": ("tagSettings", "tags", "tag")}.get(kind)
    items: dict[str, str] = {}
    if named:
        settings, listed, name = named
        items = {str(one.get("key")): str(one.get(name)) for one in list_in(object_in(row, settings), listed)}
    return BoxField(str(row["key"]), kind, items)


def _midnight(text: str) -> int | None:
    day = day_of(text)
    return int(datetime.fromisoformat(f"{day}T00:00Z").timestamp() * 1000) if day else None
