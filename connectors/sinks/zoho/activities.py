"""Tasks and notes. Each carries a mark by which a repeat finds what the first try made.

https://www.zoho.com/crm/developer/docs/api/v8/insert-records.html
https://www.zoho.com/crm/developer/docs/api/v8/create-notes.html

How sure a repeat can be depends on the account. With a unique mark field Zoho itself refuses the second task and
names the first. With a plain one, or with none (then the mark is the last line of the task), and always with
notes (the mark ends their title), what hangs on the record is read before anything is sent again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.sinks.zoho import wire
from connectors.sinks.zoho.batches import Batches, Verdict, Write
from connectors.sinks.zoho.client import BATCH, PAGE, Client, Row
from connectors.sinks.zoho.coql import in_parts, one_of, select
from connectors.sinks.zoho.failures import Fault
from connectors.sinks.zoho.lookup import Lookup
from connectors.sinks.zoho.options import ZohoOptions
from connectors.sinks.zoho.places import PLACES
from connectors.sinks.zoho.schema import Schema
from syncd.connector import (
    AuthFailed,
    Done,
    Outcome,
    RateLimited,
    Recent,
    Ref,
    Refused,
    Retryable,
    Unknown,
    Wait,
    text_in,
)

ENOUGH_LOOKS = 2
"""In vain. The third comes over two minutes after the call: by then lists show it, and no call lasts so long."""
REMEMBERED = 10_000
PARENTS = ("What_Id", "Who_Id", "Parent_Id")


@dataclass(frozen=True, slots=True)
class Wish:
    """One task or note, whichever it is."""

    mark: str
    place: tuple[str, str]  # (module, id) of the record it hangs on
    values: Mapping[str, Any] = field(repr=False)
    sent_at: datetime | None
    looks: int


class Marked:
    """Tasks, whose mark may have a field, or notes."""

    def __init__(
        self, options: ZohoOptions, client: Client, lookup: Lookup, module: str, schema: Schema | None
    ) -> None:
        """`schema`: None where the mark cannot have a field."""
        self._options, self._client, self._lookup = options, client, lookup
        self._module, self._schema, self._mark = module, schema, options.mark_field
        self._word = module.lower().removesuffix("s")
        self._text = "Description" if schema else "Note_Title"  # where the mark stands without a field
        self._seen: Recent[str, Ref] = Recent(REMEMBERED)

    @property
    def has_field(self) -> bool:
        return self._schema is not None and self._schema.has(self._mark)

    @property
    def _sure(self) -> bool:
        """Zoho itself refuses the second one."""
        return self._schema is not None and self._schema.unique(self._mark)

    def add(self, batches: Batches, wishes: Sequence[Wish]) -> list[Outcome]:
        """The same mark twice in one call counts once."""
        first: dict[str, int] = {}
        for at, wish in enumerate(wishes):
            first.setdefault(wish.mark, at)
        found = self._found([wishes[at] for at in first.values()])
        outcomes: dict[int, Outcome] = {}
        for at in first.values():
            settled = self._settled(wishes[at], found)
            if settled is not None:
                outcomes[at] = settled
        outcomes |= self._make(batches, {at: wishes[at] for at in first.values() if at not in outcomes})
        return [outcomes[first[wish.mark]] for wish in wishes]

    def change(self, batches: Batches, writes: Sequence[Write]) -> dict[int, Outcome | None]:
        """None for what is no longer there."""
        verdicts = batches.send("PUT", f"/{self._module}", f"update of {self._module}", writes)
        return {
            at: None if isinstance(verdict, Fault) and verdict.gone else self._outcome(verdict, created=False)
            for at, verdict in verdicts.items()
        }

    def _found(self, wishes: Sequence[Wish]) -> Mapping[str, Ref]:
        """Which of the marks are there already, as far as that has to be asked."""
        seen = {wish.mark: ref for wish in wishes if (ref := self._seen.get(wish.mark))}
        doubtful = [wish for wish in wishes if wish.sent_at and wish.mark not in seen]
        try:
            looked = self._by_field if self.has_field else self._by_text
            return {**looked(doubtful), **({} if self._sure else seen)}
        except Refused as error:  # the question, not an order: the field or the record may have gone
            if self._schema:
                self._schema.forget()
            raise Retryable(str(error)) from error

    def _by_field(self, wishes: Sequence[Wish]) -> dict[str, Ref]:
        found: dict[str, Ref] = {}
        for marks in in_parts([wish.mark for wish in wishes], BATCH):
            where = one_of(self._mark, marks)
            query = select(["id", self._mark], self._module, where, limit=PAGE)
            for row in self._client.query(query, what=f"query for {self._module} by mark"):
                found[text_in(row, self._mark)] = self._ref(str(row["id"]))
        return found

    def _by_text(self, wishes: Sequence[Wish]) -> dict[str, Ref]:
        """One call for every record that has something in doubt."""
        marks = {wish.mark for wish in wishes}
        found: dict[str, Ref] = {}
        for place in dict.fromkeys(wish.place for wish in wishes):
            for row in self._hanging_on(*place):
                mark = text_in(row, self._text).rstrip().rpartition(" ")[2]
                if mark in marks:
                    found[mark] = self._ref(str(row["id"]))
        return found

    def _hanging_on(self, module: str, record_id: str) -> list[Row]:
        rows: list[Row] = []
        page = 0
        while True:
            page += 1
            asked = {"fields": f"id,{self._text}", "per_page": str(PAGE), "page": str(page)}
            path = f"/{module}/{record_id}/{self._module}"
            reply = self._client.get(path, what=f"read of a record's {self._module}", params=asked)
            rows += reply.rows()
            if not reply.more or not reply.rows():
                return rows

    def _settled(self, wish: Wish, found: Mapping[str, Ref]) -> Outcome | None:
        """What became of it, or None when it is to be made."""
        if wish.mark in found:
            return Done(found[wish.mark], created=False)
        if wish.sent_at is None or self._sure or wish.looks >= ENOUGH_LOOKS:
            return None
        return Unknown(f"zoho: {self._word} not there yet", looked=True)

    def _make(self, batches: Batches, wishes: Mapping[int, Wish]) -> dict[int, Outcome]:
        writes = [Write(at, self._with_mark(wish), names=(wish.mark,)) for at, wish in wishes.items()]
        verdicts = batches.send("POST", f"/{self._module}", f"making of {self._module}", writes)
        made = {at: self._made(wishes[at], verdict) for at, verdict in verdicts.items()}
        for at, outcome in made.items():
            if isinstance(outcome, Done):
                self._seen.put(wishes[at].mark, outcome.ref)
        return made

    def _with_mark(self, wish: Wish) -> Mapping[str, Any]:
        if self.has_field:
            return {**wish.values, self._mark: wish.mark}
        if self._schema is None:
            return wish.values
        return {**wish.values, "Description": f"{wish.values['Description']}\n\nsyncd {wish.mark}"}

    def _made(self, wish: Wish, verdict: Verdict) -> Outcome:
        """A mark that is taken is a success of an earlier try."""
        if not isinstance(verdict, Fault):
            return self._outcome(verdict, created=True)
        try:
            if verdict.duplicate and verdict.field in ("", self._mark):
                ref = self._ref(verdict.existing) if verdict.existing else self._by_field([wish]).get(wish.mark)
                return Done(ref, created=False) if ref else self._in_doubt("its mark is taken")
            if verdict.field in PARENTS and self._is_converted(wish):
                return Wait(f"zoho: {self._word} not written: its lead has become a contact")
        except (AuthFailed, RateLimited, Refused, Retryable) as error:
            return self._in_doubt(str(error)) if verdict.duplicate else Wait(str(error))
        return self._outcome(verdict, created=True)

    def _in_doubt(self, why: str) -> Outcome:
        return Unknown(f"zoho: {self._word} in doubt: {why}", looked=True)

    def _is_converted(self, wish: Wish) -> bool:
        module, record_id = wish.place
        rows = self._lookup.by_ids(module, [record_id]) if module == wire.LEADS else {}
        return any(wire.contact_of(row) for row in rows.values())

    def _outcome(self, verdict: Verdict, *, created: bool) -> Outcome:
        if isinstance(verdict, Wait | Unknown):
            return verdict
        if not isinstance(verdict, Fault):
            return Done(self._ref(str(verdict["id"])), created=created)
        if verdict.busy:
            return Wait(f"zoho: {self._word} not written: {verdict}")
        return verdict.refusal(f"zoho: {self._word}")

    def _ref(self, found: str) -> Ref:
        pages = PLACES[self._options.data_center].pages
        return Ref(self._word, found, f"https://{pages}/crm/tab/Tasks/{found}" if self._schema else "")
