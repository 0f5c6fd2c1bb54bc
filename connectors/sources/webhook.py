"""Any program that posts JSON or form fields: automation tools, scripts, form builders without a connector.

One object is one submission; a list, or the list that `items` points to, is a batch. Paths are dotted and
count lists from 0: "data.contact.emails.0". What no path names is kept too, under its own path.
"""

from collections.abc import Sequence

from syncd.connector import (
    FORM_TYPES,
    JSON_TYPE,
    About,
    Carrier,
    Field,
    Finding,
    LockedSourceOptions,
    PathOptions,
    Plugin,
    Received,
    Rejected,
    Tools,
    UnsupportedBody,
    WebRequest,
    id_key,
    open_locks,
    path_submissions,
    read_any,
    unread,
)


class Options(PathOptions, LockedSourceOptions):
    id_headers: tuple[str, ...] = Field(
        ("idempotency-key", "webhook-id", "svix-id", "x-request-id"),
        description="headers that are the same when a delivery is repeated; leave out those your proxy sets",
    )


class Webhook:
    """All locks that are configured must open."""

    takes = (JSON_TYPE, *FORM_TYPES)

    def __init__(self, options: Options, tools: Tools) -> None:
        self.options, self.name = options, tools.name

    def receive(self, request: WebRequest) -> Received:
        open_locks(self.options, request)
        return self.translate(request)

    def translate(self, request: WebRequest) -> Received:
        """For dry runs too: what `receive` would return, with all locks open."""
        try:
            body, request = read_any(request)
            return Received(path_submissions(self.options, body, self._carrier(request)))
        except Rejected as error:
            if isinstance(error, UnsupportedBody) or self.options.unsigned:
                raise
            return Received([unread(self._carrier(request), str(error))])

    def check(self) -> Sequence[Finding]:
        locks = ", ".join(self.options.locks())
        remedy = "" if locks else "have the sender sign, or set a token"
        return [Finding("who may post", ok=True, detail=locks or "anybody", remedy=remedy)]

    def close(self) -> None:
        """Nothing is open."""

    def _carrier(self, request: WebRequest) -> Carrier:
        delivery = id_key(next(filter(None, map(request.header, self.options.id_headers)), ""))
        content_type = request.header("content-type")
        return Carrier(self.name, "webhook", request.body, request.received_at, content_type, delivery)


plugin = Plugin(
    Options,
    Webhook,
    About(
        "Any program that posts JSON or form fields",
        setup=(
            "In Zapier, Make, n8n or a script of your own: POST to {url}.",
            "Let it send an id of its own for each submission; `id` is its path.",
        ),
        missed="Nothing: there is no list to ask for. What got no 200 has to be sent again.",
        tested="Bodies of every shape; the published vectors of Standard Webhooks.",
        notes=(
            "Signed by the program itself: `scheme: standard`, or `signature` in any way of its own.",
            "Without an id in the body or in a header, the same content within 24 hours is one submission.",
        ),
        example={"token": "${WEBHOOK_TOKEN}", "id": "id", "fields": "{email: contact.mail, message: text}"},
    ),
)
