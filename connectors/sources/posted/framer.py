"""Framer: https://www.framer.com/help/articles/form-webhooks/"""

from functools import partial

from syncd.connector import (
    About,
    Plugin,
    Posted,
    Posting,
    ProvenSourceOptions,
    Read,
    Signature,
    WebRequest,
    named,
    read_json,
    signed,
)

FRAMER_ID = "framer-webhook-submission-id"


class Options(ProvenSourceOptions):
    pass


def _read(request: WebRequest) -> Read:
    """The id of the submission is a header, and part of what is signed."""
    body, request = read_json(request)
    return ({**body, "_id": request.header(FRAMER_ID)} if isinstance(body, dict) else body), request


plugin = Plugin(
    Options,
    partial(
        Posted,
        Posting(
            "framer",
            answers=named(),
            proof=signed(Signature("framer-signature", prefix="sha256=", template="{body}{id}", id_header=FRAMER_ID)),
            read=_read,
            id=("_id",),
        ),
    ),
    About(
        "Framer",
        link="https://www.framer.com/help/articles/form-webhooks/",
        setup=(
            "Select the form; Send To, Webhook: {url} as the address.",
            "The secret that is set there is `secret` here.",
        ),
        missed="Nothing: Framer has no list to ask for. It tries five times.",
        tested="Bodies of our own after the documentation; signature vectors.",
        notes=("A post says neither which form it is of nor when it was sent: use a source for each form.",),
    ),
)
