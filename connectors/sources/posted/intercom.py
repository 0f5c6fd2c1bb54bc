"""Intercom: conversations and leads. https://developers.intercom.com/docs/webhooks"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.sources.posted.options import WEB, ProvenFetchOptions
from syncd.connector import (
    About,
    Answer,
    AnswerKind,
    Field,
    Json,
    ListApi,
    Listed,
    Listing,
    Plugin,
    Posting,
    Received,
    Signature,
    Tools,
    WebReply,
    WebRequest,
    bearer,
    by_token,
    list_in,
    object_in,
    objects_in,
    one_answer,
    plain_text,
    signed,
    text_at,
    text_in,
)

SIGNATURE = Signature("x-hub-signature", algorithm="sha1", prefix="sha1=")
TALKED = "conversation.user.created"
_TOPICS = (TALKED, "contact.lead.created", "contact.created", "contact.lead.added_email")
_CONTACT = (("name", AnswerKind.NAME), ("email", AnswerKind.EMAIL), ("phone", AnswerKind.PHONE))


class Options(ProvenFetchOptions):
    version: str = Field("2.11", pattern=r"^[0-9]{1,2}\.[0-9]{1,2}$", description="version of Intercom's API")
    base_url: str = Field(
        "https://api.intercom.io",
        pattern=WEB,
        description="where the API lives; https://api.eu.intercom.io in the EU, api.au.intercom.io in Australia",
    )
    page_size: int = Field(100, ge=1, le=150, description="conversations for each call")


def _unwrapped(item: Json) -> Json:
    found = object_in(object_in(item, "data"), "item")
    return {**found, "_topic": text_in(item, "topic")}


def _key(item: Json, _options: Any) -> str:
    """A conversation by its own id; a contact beside it, and once more when its address is known."""
    own, topic = text_in(item, "id"), text_in(item, "_topic")
    if not own or topic == TALKED:
        return own
    return f"contact:{own}:email" if topic == "contact.lead.added_email" else f"contact:{own}"


def _answers(item: Json) -> Iterator[Answer]:
    if text_in(item, "_topic") != TALKED:
        for name, kind in _CONTACT:
            yield from one_answer(name, name, "", kind, item.get(name))
        for name, value in object_in(item, "custom_attributes").items():
            yield from one_answer(name, name, "", AnswerKind.TEXT, value)
        return
    source = object_in(item, "source")
    for name, kind in _CONTACT:
        yield from one_answer(name, name, "", kind, object_in(source, "author").get(name))
    yield from one_answer("subject", "Subject", "", AnswerKind.TEXT, plain_text(text_in(source, "subject")))
    yield from one_answer("message", "Message", "", AnswerKind.TEXT, plain_text(text_in(source, "body")))


ITEM = Posting(
    "intercom",
    answers=_answers,
    proof=signed(SIGNATURE),
    unwrap=_unwrapped,
    ours=lambda item: text_in(item, "topic") in _TOPICS,
    key=_key,
    time=("created_at",),
    page_url=("source.url",),
    language=("language_override", "browser_language"),
)


class Intercom(Listed):
    handshakes = ("HEAD",)

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(ITEM, Listing(pages, headers=login), options, tools)

    def receive(self, request: WebRequest) -> Received:
        """It asks by HEAD whether somebody is there when the address is put in."""
        return Received(reply=WebReply()) if request.method == "HEAD" else super().receive(request)


def login(options: Options) -> Mapping[str, str]:
    return {**bearer(options), "intercom-version": options.version}


def pages(api: ListApi, options: Options, since: datetime) -> Iterator[Sequence[Json]]:
    """Conversations that people began, by search. https://developers.intercom.com/docs/references/rest-api"""
    begun = [
        {"field": "created_at", "operator": ">", "value": max(int(since.timestamp()) - 1, 0)},
        {"field": "source.delivered_as", "operator": "=", "value": "customer_initiated"},
    ]

    def ask(token: str) -> tuple[Sequence[Json], str]:
        paging = {"per_page": options.page_size, **({"starting_after": token} if token else {})}
        asked = {"query": {"operator": "AND", "value": begun}, "pagination": paging}
        found = api.ask("POST", "conversations", "/conversations/search", json=asked, words=("errors.0.message",))
        talks = objects_in(list_in(found, "conversations"))
        return [{"topic": TALKED, "data": {"item": talk}} for talk in talks], text_at(
            found, "pages.next.starting_after"
        )

    return by_token(ask)


plugin = Plugin(
    Options,
    Intercom,
    About(
        "Intercom",
        link="https://developers.intercom.com/docs/webhooks",
        setup=(
            "In the Developer Hub make an app; its client secret is `secret`, its access token `api_token`.",
            "Under Webhooks put {url} in and choose conversation.user.created and contact.lead.created.",
        ),
        missed="Conversations that people began, by search. Of contacts without a conversation nothing.",
        tested=(
            "Bodies and answers made from Intercom's documentation; the topic for an address that comes later, and "
            "when Intercom suspends a webhook, are from memory."
        ),
        notes=(
            "Somebody who writes without being known has no address yet: it is parked until a person looks.",
            "A 410 would end the subscription, and one more try is all there is: set `api_token`.",
            "Webhooks belong to the app and are set in the Developer Hub alone: no API tells of them.",
        ),
    ),
)
