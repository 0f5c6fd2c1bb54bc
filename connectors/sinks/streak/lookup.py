"""Finding boxes: by key, by address or by our id, and, after a lost answer, in the list of boxes.

https://streak.readme.io/reference/search - an index of words, which runs behind: what it names is read, and counts only
when the address or our id is really there.
https://streak.readme.io/reference/list-all-boxes-in-pipeline - by what was made or changed last
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from connectors.sinks.streak.client import V1, Client, Row
from connectors.sinks.streak.options import StreakOptions
from connectors.sinks.streak.pipeline import BoxField, Pipeline
from connectors.sinks.streak.wire import FIELDS, addresses_in, lead_of, milliseconds, owner_in, values_from
from syncd.connector import Clock, Known, LeadKeys, Recent, Refused, Retryable, Strangers, object_in, objects_in

SKEW = timedelta(minutes=2)  # between Streak's clock and ours
PAGE, PAGES = 100, 1_000
CANDIDATES = 5  # boxes of one search that are read
Order = Literal["creationTimestamp", "lastUpdatedTimestamp"]


class Lookup:
    def __init__(
        self, options: StreakOptions, client: Client, pipeline: Pipeline, made: Recent[str, str], clock: Clock
    ) -> None:
        """`made`: our id of a lead -> box, which the search may not show yet."""
        self._options, self._client, self._pipeline, self._made = options, client, pipeline, made
        self._names = {**FIELDS, **options.map}
        self.strangers = Strangers(clock)

    def fields(self) -> dict[str, BoxField]:
        """Canonical field -> field of the box, those alone that the pipeline has."""
        found = {name: self._pipeline.field(theirs) for name, theirs in self._names.items()}
        return {name: field for name, field in found.items() if field}

    def key(self) -> BoxField | None:
        return self._pipeline.field(self._options.key_field)

    def find(self, leads: Sequence[LeadKeys]) -> list[Known | None]:
        """One read for each lead whose ref is there; a search and a read for the others.

        Raises Retryable where the question is refused: no answer must not pass for a stranger.
        """
        return [self._find(keys) for keys in leads]

    def read(self, box: str) -> Row | None:
        """None where there is none, or none of this pipeline."""
        if not box or not box.isascii() or not box.replace("-", "").replace("_", "").replace("~", "").isalnum():
            return None
        reply = self._client.ask(f"{V1}/boxes/{box}", what="read of a box")
        if not reply.ok and reply.fault.gone:
            return None
        if not reply.ok:
            raise Refused(f"streak: read of a box refused: {reply.fault}")
        if reply.key != box:
            raise Retryable("streak: read of a box names another")
        return reply.row if reply.row.get("pipelineKey") == self._pipeline.shape().key else None

    def made_since(self, lead: str, since: datetime) -> str:
        """The box that a lost call made: it carries our id."""
        for rows in self.boxes("creationTimestamp", since - SKEW):
            for row in rows:
                if lead_of(row, self.key()) == lead:
                    return str(row.get("key"))
        return ""

    def boxes(self, order: Order, since: datetime) -> Iterator[list[Row]]:
        """Boxes made or changed since, a page at a time. Streak does not say which end it begins at: both are read."""
        first = milliseconds(since)
        path = f"{V1}/pipelines/{self._pipeline.shape().key}/boxes"
        for page in range(PAGES):
            params = {"sortBy": order, "limit": str(PAGE), "page": str(page)}
            rows = self._client.rows(path, what="list of boxes", params=params)
            stamps = [_stamp(row, order) for row in rows]
            yield [row for row, stamp in zip(rows, stamps, strict=True) if stamp >= first]
            newest_first = len(stamps) > 1 and stamps[0] > stamps[-1]
            if len(rows) < PAGE or (newest_first and stamps[-1] < first):
                return

    def _find(self, keys: LeadKeys) -> Known | None:
        believed = keys.ref.id if keys.ref else self._made.get(keys.lead) or ""
        try:
            box = self.read(believed) or self._searched(keys)
        except Refused as error:
            raise Retryable(str(error)) from error
        if box is None:
            self.strangers.met(keys)
            return None
        email = owner_in(box)
        return Known(
            ref=self._pipeline.ref(str(box["key"])),
            owner=self._pipeline.people.by_id(email) if email else None,
            values=values_from(box, self.fields()),
        )

    def _searched(self, keys: LeadKeys) -> Row | None:
        """By address, else by our id: the oldest such box."""
        email = self.fields().get("email")
        wanted = {one.casefold() for one in keys.emails}
        for term in keys.emails or ([keys.lead] if keys.lead else []):
            boxes = [self.read(hit) for hit in self._hits(term)[:CANDIDATES]]
            there = [
                box
                for box in boxes
                if box is not None
                and ((keys.lead and lead_of(box, self.key()) == keys.lead) or wanted & addresses_in(box, email))
            ]
            if there:
                return min(there, key=lambda box: _stamp(box, "creationTimestamp"))
        return None

    def _hits(self, term: str) -> list[str]:
        pipeline = self._pipeline.shape().key
        params = {"query": term, "pipelineKey": pipeline}
        reply = self._client.ask(f"{V1}/search", what="search", params=params)
        if not reply.ok:
            raise Refused(f"streak: search refused: {reply.fault}")
        found = object_in(reply.body, "results").get("boxes")
        if not isinstance(found, list):
            raise Retryable("streak: search was not answered with boxes")
        mine = [hit for hit in objects_in(found) if hit.get("pipelineKey") in (None, pipeline)]
        return list(dict.fromkeys(str(hit.get("boxKey") or hit.get("key") or "") for hit in mine))


def _stamp(row: Row, name: str) -> int:
    value = row.get(name)
    return value if isinstance(value, int) else 0
