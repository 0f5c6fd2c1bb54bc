"""Calendly: bookings and routing forms. https://developer.calendly.com/api-docs"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.sources.posted.options import WEB, ProvenFetchOptions
from syncd.connector import (
    About,
    Answer,
    AnswerKind,
    Field,
    Hook,
    HookedSourceOptions,
    Json,
    ListApi,
    Listed,
    Listing,
    Plugin,
    Posting,
    Signature,
    Tools,
    both,
    by_token,
    hooks_told,
    in_utc,
    insist_on_key,
    list_in,
    listed,
    moment_of,
    object_in,
    objects_in,
    one_answer,
    one_of,
    same_address,
    signed,
    text_at,
    text_in,
    tracked,
)

SIGNATURE = Signature(
    "calendly-webhook-signature", prefix="v1=", template="{timestamp}.{body}", tolerance=timedelta(minutes=3)
)
CREATED, CANCELED, ROUTED = "invitee.created", "invitee.canceled", "routing_form_submission.created"
EVENTS = (CREATED, CANCELED, ROUTED)
_PARTS = (
    ("name", AnswerKind.NAME),
    ("first_name", AnswerKind.TEXT),
    ("last_name", AnswerKind.TEXT),
    ("email", AnswerKind.EMAIL),
    ("text_reminder_number", AnswerKind.PHONE),
)


class Options(ProvenFetchOptions, HookedSourceOptions):
    organization: str = Field(
        "",
        description="its address, as https://api.calendly.com/organizations/AAA; the token's own if empty",
    )
    base_url: str = Field("https://api.calendly.com", pattern=WEB, description="where the API lives")
    page_size: int = Field(100, ge=1, le=100, description="bookings for each call")


def _unwrapped(item: Json) -> Json:
    payload, event = object_in(item, "payload"), text_in(item, "event")
    at = text_at(payload, "cancellation.created_at") if event == CANCELED else text_in(payload, "created_at")
    return {**payload, "_event": event, "_at": at or text_in(item, "created_at")}


def _key(invitee: Json, _options: Any) -> str:
    """That it was canceled is told by itself: the booking has come before."""
    own = text_in(invitee, "uri")
    return f"{own}:canceled" if own and text_in(invitee, "_event") == CANCELED else own


def _answers(invitee: Json) -> Iterator[Answer]:
    for name, kind in _PARTS:
        yield from one_answer(name, name, "", kind, invitee.get(name))
    meeting = object_in(invitee, "scheduled_event")
    yield from one_answer("meeting_name", "Meeting", "", AnswerKind.TEXT, meeting.get("name"))
    yield from one_answer("meeting_start", "Meeting starts at", "", AnswerKind.TEXT, meeting.get("start_time"))
    yield from one_answer("cancel_reason", "Canceled because", "", AnswerKind.TEXT, _reason(invitee))
    yield from one_answer("timezone", "Time zone", "", AnswerKind.HIDDEN, invitee.get("timezone"))


def _reason(invitee: Json) -> Any:
    return object_in(invitee, "cancellation").get("reason") if text_in(invitee, "_event") == CANCELED else None


INVITEE = Posting(
    "calendly",
    answers=both(
        _answers,
        listed("questions_and_answers", id=("question_uuid", "question"), label=("question",), value=("answer",)),
        tracked("tracking"),
    ),
    proof=signed(SIGNATURE),
    unwrap=_unwrapped,
    ours=one_of("event", EVENTS),
    key=_key,
    time=("_at",),
    form_id=("scheduled_event.event_type", "routing_form", "event"),
    form_name=("scheduled_event.name",),
    no_lead=lambda invitee: "Calendly: the booking was canceled" if text_in(invitee, "_event") == CANCELED else "",
)


def pages(api: ListApi, options: Options, since: datetime) -> Iterator[Sequence[Json]]:
    """Who booked since then. Bookings are listed by when they begin, which is never before they were made."""
    asked = {
        "organization": organization(api, options),
        "min_start_time": in_utc(since),
        "count": str(options.page_size),
    }
    for events in by_token(lambda token: _page(api, "bookings", "/scheduled_events", asked, token)):
        for event in events:
            if _may_be_newer(event, since):
                yield from _invitees(api, event, since, options.page_size)


def _may_be_newer(event: Json, since: datetime) -> bool:
    """One that several may book changes nothing that is told when another one does."""
    touched = moment_of(text_at(event, "updated_at", "created_at"))
    return touched is None or touched >= since or text_at(event, "invitees_counter.limit") not in ("", "1")


def _invitees(api: ListApi, event: Json, since: datetime, size: int) -> Iterator[Sequence[Json]]:
    own = text_in(event, "uri").rpartition("/")[2]
    asked = {"count": str(size)}
    path = f"/scheduled_events/{own}/invitees"
    for found in by_token(lambda token: _page(api, "invitees", path, asked, token)):
        newer = [one for one in found if (at := moment_of(text_in(one, "created_at"))) is None or at >= since]
        yield [{"event": CREATED, "payload": {**invitee, "scheduled_event": event}} for invitee in newer]


def organization(api: ListApi, options: Options) -> str:
    """The one that the config names, or the token's own."""
    return options.organization or text_at(api.get("own account", "/users/me"), "resource.current_organization")


def _page(api: ListApi, what: str, path: str, asked: dict[str, str], token: str) -> tuple[Sequence[Json], str]:
    found = api.get(what, path, {**asked, **({"page_token": token} if token else {})})
    return objects_in(list_in(found, "collection")), text_at(found, "pagination.next_page_token")


class Calendly(Listed):
    options: Options

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(INVITEE, Listing(pages), options, tools)

    @property
    def hooked(self) -> bool:
        return bool(self.options.api_token)

    def hooks(self) -> Sequence[Hook]:
        """https://developer.calendly.com/api-docs: those of the whole organization."""
        api = self.api()
        asked = {"organization": organization(api, self.options), "scope": "organization", "count": "100"}
        listed = by_token(lambda token: _subscriptions(api, asked, token))
        return [_hook(one) for found in listed for one in found]

    def hook_up(self, url: str) -> None:
        """One that was switched off stays so for ever, and its address is taken: it is deleted first."""
        insist_on_key("calendly", self.options)
        api, there = self.api(), [hook for hook in self.hooks() if same_address(hook.url, url)]
        if any(hook.active for hook in there):
            return
        for hook in there:
            own = hook.id.rpartition("/")[2]
            api.ask("DELETE", "webhook", f"/webhook_subscriptions/{own}", writes=True)
        wanted = {
            "url": url,
            "events": list(EVENTS),
            "organization": organization(api, self.options),
            "scope": "organization",
        }
        if self.options.keys:
            wanted["signing_key"] = self.options.keys[0].get_secret_value()
        api.ask("POST", "webhook", "/webhook_subscriptions", json=wanted, writes=True)


def _subscriptions(api: ListApi, asked: dict[str, str], token: str) -> tuple[Sequence[Json], str]:
    found = api.get("webhooks", "/webhook_subscriptions", {**asked, **({"page_token": token} if token else {})})
    return hooks_told("calendly", found, "collection"), text_at(found, "pagination.next_page_token")


def _hook(told: Json) -> Hook:
    events = tuple(str(event) for event in list_in(told, "events"))
    works = text_in(told, "state") == "active" and CREATED in events
    return Hook(text_in(told, "uri"), text_in(told, "callback_url"), works, events)


plugin = Plugin(
    Options,
    Calendly,
    About(
        "Calendly",
        link="https://developer.calendly.com/api-docs/ZG9jOjE2OTU3-webhook-overview",
        setup=(
            "Under Integrations, API and webhooks, make a personal token: `api_token`.",
            "Think of a signing key of your own: `secret`.",
            "`syncd hooks create <source>` makes the subscription at {url} with that key; Calendly has no page for it.",
        ),
        missed="Bookings that are still to come, whoever made them. Of routing forms nothing: there is no list.",
        tested="Bodies and answers made from Calendly's documentation.",
        notes=(
            "A canceled booking makes no lead: it is kept with that reason, and the lead of the booking stays.",
            "A booking that is moved is canceled and made anew: the new one is another enquiry of the same person.",
            "A subscription that fails for a day is switched off for good: with `hooks: keep` it is made again.",
        ),
    ),
)
