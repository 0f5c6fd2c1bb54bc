"""Cal.com: bookings and routing forms. https://cal.com/docs/developing/guides/automation/webhooks"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from connectors.sources.posted.options import WEB, ProvenFetchOptions
from syncd.connector import (
    About,
    Answer,
    AnswerKind,
    Field,
    HookApi,
    HookedSourceOptions,
    Json,
    ListApi,
    Listing,
    Numbered,
    Plugin,
    Posting,
    Signature,
    Subscribed,
    bearer,
    both,
    by_number,
    in_utc,
    list_in,
    object_in,
    objects_in,
    one_answer,
    signed,
    text_at,
    text_in,
    tracked,
)

SIGNATURE = Signature("x-cal-signature-256")
_MADE = ("BOOKING_CREATED", "BOOKING_REQUESTED", "BOOKING_PAID", "FORM_SUBMITTED", "FORM_SUBMITTED_NO_EVENT")
_NO_LEAD = {
    "BOOKING_RESCHEDULED": "Cal.com: the booking was moved",
    "BOOKING_CANCELLED": "Cal.com: the booking was cancelled",
    "BOOKING_REJECTED": "Cal.com: the booking was rejected",
}
_KINDS = {
    "name": AnswerKind.NAME,
    "email": AnswerKind.EMAIL,
    "phone": AnswerKind.PHONE,
    "attendeePhoneNumber": AnswerKind.PHONE,
    "smsReminderNumber": AnswerKind.PHONE,
}
_NOT_ASKED = frozenset({"location", "guests", "rescheduleReason"})


class Options(ProvenFetchOptions, HookedSourceOptions):
    base_url: str = Field("https://api.cal.com/v2", pattern=WEB, description="where the API lives")
    page_size: int = Field(100, ge=1, le=250, description="bookings for each call")


def _unwrapped(item: Json) -> Json:
    """A booking of the list has no envelope."""
    payload, event = object_in(item, "payload"), text_in(item, "triggerEvent")
    return {**(payload or item), "_event": event, "_at": text_at(payload, "createdAt") or text_in(item, "createdAt")}


def _ours(item: Json) -> bool:
    event = text_in(item, "triggerEvent")
    return event in (*_MADE, *_NO_LEAD) or (not event and bool(text_in(item, "uid")))


def _key(booking: Json, _options: Any) -> str:
    """What happens to a booking later is told by itself."""
    own, event = text_at(booking, "uid", "formId"), text_in(booking, "_event")
    if event in _NO_LEAD:
        return f"{own}:{event.removeprefix('BOOKING_').lower()}:{text_at(booking, 'rescheduleUid', '_at')}"
    return "" if event.startswith("FORM_") else own


def _answers(booking: Json) -> Iterator[Answer]:
    responses = object_in(booking, "responses") or object_in(booking, "bookingFieldsResponses")
    for name, given in responses.items():
        if name not in _NOT_ASKED:
            value = given.get("value") if isinstance(given, dict) else given
            label = text_in(given, "label") if isinstance(given, dict) else name
            yield from one_answer(name, label or name, "", _KINDS.get(name, AnswerKind.TEXT), value)
    attendee = next(iter(objects_in(list_in(booking, "attendees"))), {})
    for name in ("name", "email"):
        yield from one_answer(name, name, "", _KINDS[name], attendee.get(name))
    yield from one_answer("phone", "phone", "", AnswerKind.PHONE, attendee.get("phoneNumber"))
    yield from one_answer(
        "meeting_start", "Meeting starts at", "", AnswerKind.TEXT, text_at(booking, "startTime", "start")
    )
    reason = text_at(booking, "cancellationReason")
    yield from one_answer("cancel_reason", "Cancelled because", "", AnswerKind.TEXT, reason)


BOOKING = Posting(
    "calcom",
    answers=both(_answers, tracked("tracking"), tracked("metadata")),
    proof=signed(SIGNATURE),
    unwrap=_unwrapped,
    ours=_ours,
    key=_key,
    time=("_at",),
    form_id=("eventTypeId", "eventType.id", "formId"),
    form_name=("eventTitle", "formName", "type", "eventType.slug"),
    no_lead=lambda booking: _NO_LEAD.get(text_in(booking, "_event"), ""),
)


def _login(options: Options) -> Mapping[str, str]:
    return {**bearer(options), "cal-api-version": "2024-08-13"}


def _pages(api: ListApi, options: Options, since: datetime) -> Iterator[Sequence[Json]]:
    def ask(skip: int) -> Sequence[Json]:
        asked = {
            "take": str(options.page_size),
            "skip": str(skip),
            "afterCreatedAt": in_utc(since),
            "sortCreated": "asc",
        }
        return objects_in(list_in(api.get("bookings", "/bookings", asked, words=("error.message",)), "data"))

    return by_number(ask, options.page_size, first=0, step=options.page_size)


HOOKS = HookApi(
    "/webhooks",
    items="data",
    address="subscriberUrl",
    on="active",
    events="triggers",
    wanted=(*_MADE, *_NO_LEAD),
    body=lambda _api, _options: {"active": True},
    key_at="secret",
    change=("PATCH", "/webhooks/{id}"),
    pages=Numbered("take", 250, "skip", first=0, step=250),
    words=("error.message",),
)
"""https://cal.com/docs/api-reference/v2/webhooks/create-a-webhook: those of the user whose key it is."""

plugin = Plugin(
    Options,
    partial(Subscribed, BOOKING, Listing(_pages, headers=_login, oldest_first=True), HOOKS),
    About(
        "Cal.com",
        link="https://cal.com/docs/developing/guides/automation/webhooks",
        setup=(
            "Settings, Developer, Webhooks: {url} as subscriber URL, a secret of your own as `secret`.",
            "Choose booking created, requested, rescheduled and cancelled, and form submitted; no custom template.",
            "To fetch what was missed: an API key from Settings, API keys, as `api_token`.",
            "With that key `syncd hooks create <source>` makes the webhook, or puts it right, with your secret.",
        ),
        missed="All bookings, by when they were made. Of routing forms nothing: there is no list.",
        tested=(
            "Bodies and answers made from Cal.com's documentation; the filter by when one was made, and what a list "
            "says of moved bookings, are from memory. Its webhooks: a fake after Cal.com's own source code."
        ),
        notes=(
            "Moved, cancelled and rejected bookings make no lead: they are kept with that reason.",
            "A moved booking has a new id: the list brings it as another enquiry of the same person.",
            "Webhooks of a team or of one event type are not told to a key: say `hooks: no` where yours is one.",
        ),
    ),
)
