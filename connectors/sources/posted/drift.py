"""Drift, from memory: the product is on its way out. https://devdocs.drift.com"""

from functools import partial

from syncd.connector import (
    About,
    KeyedSourceOptions,
    Plugin,
    Posted,
    Posting,
    key_inside,
    named,
    object_in,
    one_of,
    text_at,
    text_in,
)

_TYPES = ("new_conversation", "contact_identified", "new_message")


class Options(KeyedSourceOptions):
    """The verification token of the app is `secret`."""


EVENT = Posting(
    "drift",
    answers=named("data", skip=("id", "orgId", "createdAt", "inboxId", "contactId", "conversationId")),
    proof=key_inside("token"),
    ours=one_of("type", _TYPES),
    key=lambda item, _: _key(
        text_in(item, "type"), text_at(object_in(item, "data"), "id", "conversationId", "contactId")
    ),
    time=("data.createdAt", "timeStamp"),
)


def _key(kind: str, own: str) -> str:
    return f"{kind}:{own}" if own else ""


plugin = Plugin(
    Options,
    partial(Posted, EVENT),
    About(
        "Drift",
        link="https://devdocs.drift.com/docs/webhook-events-1",
        setup=("In the app: Webhooks, {url}, events new conversation and contact identified; its token is `secret`.",),
        missed="Nothing.",
        tested="Nothing but a body made up from memory: whatever it holds is kept as answers. Drift is being retired.",
    ),
)
