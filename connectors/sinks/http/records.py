"""Bringing records to the wanted state, one request each.

A repeat is harmless where the service knows it: by its idempotency header, because the request is an upsert by itself,
or because a look-up finds what the first try made. Where none of these is, a lost answer is a person's to settle.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from connectors.sinks.http.answers import body_of, id_at
from connectors.sinks.http.client import Client
from connectors.sinks.http.links import Links
from connectors.sinks.http.lookup import Lookup
from connectors.sinks.http.options import HttpSinkOptions, RecordsOptions, RecordUpdateOptions
from connectors.sinks.http.words import of_record
from syncd.connector import (
    Delivery,
    Done,
    Outcome,
    Recent,
    RecordOrder,
    Ref,
    Refusal,
    Refused,
    Unknown,
    Wait,
    waited,
)

REMEMBERED = 10_000


class Records:
    def __init__(
        self,
        options: HttpSinkOptions,
        request: RecordsOptions,
        client: Client,
        lookup: Lookup,
        links: Links,
    ) -> None:
        self._options, self._request = options, request
        self._client, self._lookup, self._links = client, lookup, links
        self._made: Recent[str, Ref] = Recent(REMEMBERED)  # by our id of the lead; the look-up may not show them yet
        self._lag = timedelta(seconds=options.find_lag)

    @property
    def repeatable(self) -> bool:
        return self._request.repeatable or bool(self._options.idempotency_header)

    def upsert(self, orders: Sequence[RecordOrder]) -> list[Outcome]:
        delivery = Delivery(len(orders))
        return [delivery.attempt(1, lambda order=order: self._upsert(order)) for order in orders]  # type: ignore[misc]

    def _upsert(self, order: RecordOrder) -> Outcome:
        try:
            return self._bring(order)
        except Refused as error:
            return Refusal(str(error))

    def _bring(self, order: RecordOrder) -> Outcome:
        ref = order.keys.ref or (order.known.ref if order.known else None) or self._made.get(order.keys.lead)
        if ref is None and order.sent_at is not None:
            found = self._of_earlier_try(order)
            if not isinstance(found, Ref | None):
                return found
            ref = found
        return self._make(order) if ref is None else self._change(order, ref)

    def _of_earlier_try(self, order: RecordOrder) -> Ref | Outcome | None:
        """What the lost try has made; None where the order may be sent again."""
        if self._options.find:
            (known,) = self._lookup.find([order.keys])
            if known is not None:
                return known.ref
        if self.repeatable:
            return None
        if not self._options.find:
            return Refusal(
                f"{self._client.name}: {self._options.object} was sent once without an answer, and nothing can tell "
                "whether it is there: a person has to look, then `syncd settle`"
            )
        if order.sent_at is not None and waited(order.looks) < self._lag:
            return Unknown(f"{self._client.name}: {self._options.object} is not in the look-up yet", looked=True)
        return None

    def _change(self, order: RecordOrder, ref: Ref) -> Outcome:
        update, blind = self._request.update, not self._knows_what_stands_there(order)
        if blind and not self._request.overwrite:
            return Done(ref, created=False)
        if update is None:
            return self._send_again(order, ref) if self._request.repeatable else Done(ref, created=False)
        known = replace(order, keys=replace(order.keys, ref=ref))
        return self._update(update, known, ref)

    def _knows_what_stands_there(self, order: RecordOrder) -> bool:
        """Only then can the field policy have kept what people typed."""
        return self._lookup.tells_of_refs or (order.known is not None and bool(order.known.values))

    def _update(self, update: RecordUpdateOptions, order: RecordOrder, ref: Ref) -> Outcome:
        what, gone = f"change of a {self._options.object}", self._options.answers.gone
        reply = self._client.change(update, of_record(order), what, judged=gone)
        if reply.status not in gone:
            return Done(ref, created=False)
        self._made.drop(order.keys.lead)
        if order.known is not None:
            return Wait(f"{self._client.name}: the {self._options.object} was deleted since it was looked up")
        anew = replace(order, keys=replace(order.keys, ref=None), mark=f"{order.mark}-after-{ref.id}")
        return self._make(anew)  # with another mark: by the old one the service would know the old record

    def _send_again(self, order: RecordOrder, ref: Ref) -> Outcome:
        """The request is an upsert by a key of ours: it changes what is there, whatever id the answer names."""
        outcome = self._make(order, again=True)
        return replace(outcome, created=False) if isinstance(outcome, Done) and outcome.ref.id == ref.id else outcome

    def _make(self, order: RecordOrder, *, again: bool = False) -> Outcome:
        request, word = self._request, self._options.object
        send = self._client.change if again else self._client.make
        reply = send(request, of_record(order), f"making of a {word}", judged=request.exists)
        made = id_at(body_of(reply), request.id) if request.id else order.keys.lead
        if not made:
            return Unknown(f"{self._client.name}: {word} was sent, and the answer has no id under {request.id}")
        ref = self._links.ref(made)
        self._made.put(order.keys.lead, ref)
        return Done(ref, created=reply.status not in request.exists)
