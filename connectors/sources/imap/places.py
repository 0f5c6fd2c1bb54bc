"""How far each folder has been read: the cursor."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from syncd.connector import moment_of

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Before all mails."""

LOOKED_BACK = timedelta(days=30)
"""When a folder's UIDs are other ones, this much before the newest mail is read again; what is known is a repeat."""


@dataclass(frozen=True, slots=True)
class Place:
    """In one folder. UIDs mean something only together with the folder's UIDVALIDITY (RFC 9051, 2.3.1.1)."""

    validity: int
    last: int  # the highest UID that has been kept
    begins: datetime  # what came into the folder before that is not wanted, unless it comes after the first look
    newest: datetime  # when the newest mail that was kept came in
    until: int = 0  # up to this UID only what came in since `since` is wanted
    since: datetime | None = None
    left: tuple[int, ...] = ()  # kept last; whether they were tidied up nobody has noted yet

    @classmethod
    def first(cls, validity: int, next_uid: int, begins: datetime, now: datetime) -> Self:
        """Before anything was read."""
        if begins >= now:
            return cls(validity, next_uid - 1, begins, begins)
        if begins <= LONG_AGO:
            return cls(validity, 0, begins, begins)
        return cls(validity, 0, begins, begins, until=next_uid - 1, since=begins)

    def renumbered(self, validity: int, next_uid: int) -> "Place":
        """The same place among other UIDs."""
        since = max(self.begins, self.newest - LOOKED_BACK)
        return Place(validity, 0, self.begins, self.newest, until=next_uid - 1, since=since)

    @property
    def looks_back(self) -> bool:
        """Whether there is still something of before to be read, by its date."""
        return self.until > self.last

    def wants(self, uid: int, at: datetime) -> bool:
        return uid > self.until or self.since is None or at >= self.since

    def after(self, last: int, newest: datetime, left: tuple[int, ...] = ()) -> "Place":
        return replace(self, last=last, newest=max(self.newest, newest), left=left)


class Places(dict[str, Place]):
    """By the folder's name."""

    @classmethod
    def of(cls, cursor: str | None) -> Self:
        """A cursor of another kind of source is none."""
        try:
            said = json.loads(cursor or "{}")
            return cls({str(name): _place(one) for name, one in said.items()})
        except (ValueError, KeyError, TypeError, AttributeError):
            return cls()

    def cursor(self) -> str:
        return json.dumps({name: _told(place) for name, place in self.items()}, separators=(",", ":"))


def looking_back(since: datetime) -> str:
    """The cursor that brings from all folders what came in since then."""
    return json.dumps({_BACK_TO: since.isoformat()})


def back_to(cursor: str | None) -> datetime | None:
    """Where such a cursor begins; None for any other."""
    try:
        return moment_of(json.loads(cursor or "{}").get(_BACK_TO))
    except (ValueError, AttributeError):
        return None


_BACK_TO = "back to"


def _told(place: Place) -> dict[str, Any]:
    return {name: _plain(value) for name, value in asdict(place).items() if value}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _place(said: Mapping[str, Any]) -> Place:
    begins, newest = moment_of(said["begins"]), moment_of(said["newest"])
    if begins is None or newest is None:
        raise ValueError("no dates")
    return Place(
        validity=int(said.get("validity", 0)),
        last=int(said.get("last", 0)),
        begins=begins.astimezone(UTC),
        newest=newest.astimezone(UTC),
        until=int(said.get("until", 0)),
        since=moment_of(said.get("since")),
        left=tuple(int(uid) for uid in said.get("left", ())),
    )
