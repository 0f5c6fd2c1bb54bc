"""What people did since the cursor: boxes by what was updated last, and the tasks and comments of those.

Streak's webhooks apart, nothing tells what happened, so of a box what it is now is told: its stage, whom it is assigned
to, and when the last e-mail was sent and the last call, meeting note or comment was made.
https://streak.readme.io/reference/list-all-boxes-in-pipeline
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from connectors.sinks.streak.client import V2, Client, Row
from connectors.sinks.streak.lookup import Lookup
from connectors.sinks.streak.options import StreakOptions
from connectors.sinks.streak.pipeline import Pipeline
from connectors.sinks.streak.wire import lead_of, owner_in
from syncd.connector import Clock, Ref, Signal, SignalKind, SignalPage, mark_in, moment_of

TOUCHES = (  # the first one and the last one of a kind; each is something that a person at our end did
    ("firstEmailSentTimestamp", "lastEmailSentTimestamp"),
    ("firstCallLogTimestamp", "mostRecentCallLogTimestamp"),
    ("firstMeetingNotesTimestamp", "mostRecentMeetingNotesTimestamp"),
)


class Changes:
    def __init__(
        self, options: StreakOptions, client: Client, pipeline: Pipeline, lookup: Lookup, clock: Clock
    ) -> None:
        self._client, self._pipeline, self._lookup, self._clock = client, pipeline, lookup, clock
        self._overlap = timedelta(seconds=options.settle)
        self._meanings = {
            **dict.fromkeys(options.won, SignalKind.WON),
            **dict.fromkeys(options.lost, SignalKind.LOST),
            **dict.fromkeys(options.qualified, SignalKind.QUALIFIED),
        }

    def pages(self, cursor: str | None) -> Iterator[SignalPage]:
        """Signals may come again: the list is asked from a little before the cursor, and told when it is read whole."""
        now = self._clock.now()
        since = moment_of(cursor) if cursor else None
        if since is None:
            yield SignalPage((), _instant(now))
            return
        start = since - self._overlap
        boxes = {str(row.get("key")): row for rows in self._lookup.boxes("lastUpdatedTimestamp", start) for row in rows}
        ours = [row for row in boxes.values() if lead_of(row, self._lookup.key())]
        signals = [signal for row in ours for signal in self._of(row, start)]
        newest = max([since, *(_at(row, "lastUpdatedTimestamp") or since for row in boxes.values())])
        yield SignalPage(sorted(signals, key=lambda signal: signal.at), _instant(newest))

    def _of(self, box: Row, start: datetime) -> Iterator[Signal]:
        ref, at = self._pipeline.ref(str(box["key"])), _at(box, "lastUpdatedTimestamp") or self._clock.now()
        if email := owner_in(box):
            owner = self._pipeline.people.by_id(email)
            yield Signal(SignalKind.OWNER_CHANGED, ref, at, owner.id, owner)
        yield from self._of_stage(box, ref, start)
        yield from self._of_touches(box, ref, start)
        if box.get("taskCompleteCount"):
            yield from self._of_tasks(ref, at, start)

    def _of_stage(self, box: Row, ref: Ref, start: datetime) -> Iterator[Signal]:
        moved, made = _at(box, "lastStageChangeTimestamp"), _at(box, "creationTimestamp")
        stage = self._pipeline.shape().stages.get(str(box.get("stageKey")), "")
        if moved is None or moved < start or moved == made or not stage:
            return
        yield Signal(SignalKind.STATUS_CHANGED, ref, moved, stage)
        if kind := self._meanings.get(stage):
            yield Signal(kind, ref, moved)

    def _of_touches(self, box: Row, ref: Ref, start: datetime) -> Iterator[Signal]:
        """The first one that is new. Comments of ours carry a mark, so a comment costs a look."""
        touches = [next((at for name in names if (at := _at(box, name)) and at >= start), None) for names in TOUCHES]
        commented = _at(box, "lastCommentTimestamp")
        if commented and commented >= start:
            rows = self._client.rows(f"{V2}/boxes/{ref.id}/comments", what="list of comments")
            of_people = [_at(row, "timestamp") for row in rows if not mark_in(row.get("message"))]
            touches += [at for at in of_people if at and at >= start]
        if first := min((at for at in touches if at), default=None):
            yield Signal(SignalKind.ANSWERED, ref, first)

    def _of_tasks(self, box: Ref, at: datetime, start: datetime) -> Iterator[Signal]:
        """Ours are told whenever they are done; one that a person wrote says that somebody works on the lead."""
        for row in self._client.rows(f"{V2}/boxes/{box.id}/tasks", what="list of tasks"):
            if row.get("status") != "DONE":
                continue
            done = _at(row, "lastStatusChangeDate") or _at(row, "lastStatusChangeTimestamp") or at
            if mark_in(row.get("text")):
                yield Signal(SignalKind.TASK_DONE, Ref("task", str(row.get("key"))), done)
            elif done >= start:
                yield Signal(SignalKind.ANSWERED, box, done)


def _at(row: Row, name: str) -> datetime | None:
    value = row.get(name)
    return moment_of(value) if isinstance(value, int) and value else None


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
