"""Tasks and notes, one request each, as sure as records: known again, looked for, or a person's to settle."""

from collections.abc import Sequence
from typing import Any

from connectors.sinks.http.answers import body_of, id_at
from connectors.sinks.http.client import Client
from connectors.sinks.http.lookup import Marks
from connectors.sinks.http.options import HttpSinkOptions, NotesOptions, TasksOptions
from connectors.sinks.http.words import Values, of_note, of_task
from syncd.connector import (
    Delivery,
    Done,
    NoteOrder,
    Outcome,
    Recent,
    Ref,
    Refusal,
    Refused,
    TaskOrder,
    Unknown,
)

REMEMBERED = 10_000
ENOUGH_LOOKS = 3


class FollowUps:
    """One of the two kinds. `request` is None where the config leaves them out."""

    def __init__(
        self, options: HttpSinkOptions, request: TasksOptions | NotesOptions | None, client: Client, word: str
    ) -> None:
        self._options, self._request, self._client, self._word = options, request, client, word
        self._marks = Marks(client, request.find if request else None, word)
        self._made: Recent[str, Ref] = Recent(REMEMBERED)

    @property
    def repeatable(self) -> bool:
        return bool(self._options.idempotency_header) or (self._request is not None and self._request.repeatable)

    def add(self, orders: Sequence[TaskOrder] | Sequence[NoteOrder]) -> list[Outcome]:
        delivery = Delivery(len(orders))
        return [delivery.attempt(1, lambda order=order: self._add(order)) for order in orders]  # type: ignore[misc]

    def _add(self, order: TaskOrder | NoteOrder) -> Outcome:
        if self._request is None:
            return Done(Ref(f"no {self._word}", order.mark), created=False)
        try:
            return self._bring(self._request, order)
        except Refused as error:
            return Refusal(str(error))

    def _bring(self, request: TasksOptions | NotesOptions, order: TaskOrder | NoteOrder) -> Outcome:
        values = of_task(order) if isinstance(order, TaskOrder) else of_note(order)
        if isinstance(request, TasksOptions) and isinstance(order, TaskOrder) and order.ref is not None:
            changed = self._change(request, order.ref, values)
            if changed is not None:
                return changed
        if made := self._made.get(order.mark):
            return Done(made, created=False)
        if order.sent_at is not None and (settled := self._settled(values, order.looks)) is not None:
            return settled
        return self._make(request, values)

    def _change(self, request: TasksOptions, ref: Ref, values: Values) -> Outcome | None:
        """None for what is no longer there."""
        if request.update is None:
            return Done(ref, created=False)
        gone = self._options.answers.gone
        reply = self._client.change(request.update, values, f"change of a {self._word}", judged=gone)
        return None if reply.status in gone else Done(ref, created=False)

    def _settled(self, values: Values, looks: int) -> Outcome | None:
        """What became of an earlier try; None where the order may be sent again."""
        if self._marks.can_tell:
            found = self._marks.find(values)
            if found is not None:
                return Done(found, created=False)
        if self.repeatable:
            return None
        if not self._marks.can_tell:
            return Refusal(
                f"{self._client.name}: {self._word} was sent once without an answer, and nothing can tell whether it "
                "is there: a person has to look, then `syncd settle`"
            )
        if looks < ENOUGH_LOOKS:
            return Unknown(f"{self._client.name}: {self._word} is not in the look-up yet", looked=True)
        return None

    def _make(self, request: TasksOptions | NotesOptions, values: Values) -> Outcome:
        reply = self._client.make(request, values, f"making of a {self._word}", judged=request.exists)
        mark: Any = values["mark"]
        made = id_at(body_of(reply), request.id) if request.id else str(mark)
        if not made:
            return Unknown(f"{self._client.name}: {self._word} was sent, and the answer has no id under {request.id}")
        ref = Ref(self._word, made)
        self._made.put(str(mark), ref)
        return Done(ref, created=reply.status not in request.exists)
