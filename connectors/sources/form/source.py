"""A plain HTML form, or a script on a page, that posts straight to syncd.

Fields whose name begins with an underscore steer and are no answers: `_next` (where to go afterwards),
`_id` (the same for two sendings of one post), `_started` (milliseconds since 1970 when the page was
opened), `_stamp` (the same, signed), `_form` (name of the form), `_charset_`, and the traps for robots. A
script that sends JSON or asks for it gets JSON.
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from connectors.sources.form.body import JSON, is_filled, read_fields, value_of
from connectors.sources.form.captcha import FIELDS as CAPTCHAS
from connectors.sources.form.door import Door
from connectors.sources.form.options import Options
from connectors.sources.form.stamps import script
from syncd.connector import (
    Answer,
    AnswerKind,
    Context,
    Finding,
    FormField,
    Received,
    Rejected,
    Submission,
    Tools,
    Unauthenticated,
    WebReply,
    WebRequest,
    content_key,
    id_key,
    is_tracking,
    json_bytes,
    may_redirect,
    moment_of,
    without_uploads,
)

REPEAT_WINDOW = timedelta(minutes=15)  # a second click, or a browser that sends again
LONGEST_VISIT = timedelta(days=1)


class WebForm:
    """Answers as a web server would: 303 to a page, a line of thanks, or JSON to a script."""

    takes = ("application/x-www-form-urlencoded", "multipart/form-data", *JSON)

    def __init__(self, options: Options, tools: Tools) -> None:
        self.options, self.name = options, tools.name
        self.door = Door(tools.name, options, tools.clock)
        self.handshakes = ("GET",) if self.door.stamps else ()

    def receive(self, request: WebRequest) -> Received:
        if request.method == "OPTIONS":
            return Received(reply=WebReply(204, {**self._cors(request), **_PREFLIGHT}))
        self._admit(request)
        if request.method == "GET":
            return Received(reply=self._stamped(request))
        return self.taken(request, counts=True)

    def translate(self, request: WebRequest) -> Received:
        """For dry runs: what `receive` would return, from whichever site it was posted; nothing is counted by it."""
        return self.taken(request, counts=False)

    def taken(self, request: WebRequest, *, counts: bool) -> Received:
        fields = read_fields(request.body, request.header("content-type"))
        stamp = value_of(fields, "_stamp")
        signs = tuple(self.door.suspicions(stamp, request.client, request.received_at, counts=counts))
        context = replace(_context(request, fields), suspicions=signs)
        if self.door.stamps:  # what the visitor's clock says is no evidence any more
            context = replace(context, seconds_to_submit=self.door.seconds(stamp, request.received_at))
        return Received([self._submission(request, fields, context)], self._reply(request, fields))

    def visit(self, address: str, mark: str) -> WebRequest:
        """As a script of the page would post it."""
        fields = {"name": "Probe of syncd", "email": address, "message": f"Is anybody there? {mark}", "_id": mark}
        headers = {"content-type": self.takes[0], "accept": "application/json", "user-agent": "syncd probe"}
        return WebRequest("POST", headers, {}, urlencode(fields).encode(), datetime.now(UTC))

    def check(self) -> Sequence[Finding]:
        chosen = self.options
        posts = f"from {', '.join(chosen.origins)}" if chosen.origins else "from every site"
        return [
            Finding(
                "who may post",
                ok=True,
                detail=posts + (", with the token" if chosen.token else ""),
                remedy="" if chosen.token or chosen.origins else "name the company's sites in origins",
            ),
            Finding("after a post", ok=True, detail=chosen.thanks or "a plain line of thanks"),
            Finding("stamps", ok=True, detail="asked for" if chosen.stamp_secret else "not asked for"),
        ]

    def close(self) -> None:
        """Nothing is open."""

    def _admit(self, request: WebRequest) -> None:
        """Browsers send Origin with every cross-site post; programs and old browsers send none."""
        if request.header("origin") and not self._welcome(request):
            raise Unauthenticated("form: posted from a site that is not among the origins")

    def _welcome(self, request: WebRequest) -> bool:
        origins = self.options.origins
        return not origins or request.header("origin").lower() in origins

    def _stamped(self, request: WebRequest) -> WebReply:
        """The time of now, signed: as a script for the page, or as JSON for a script of the site's own."""
        stamp = self.door.stamps.issue(request.received_at) if self.door.stamps else ""
        if request.query.get("stamp") == "js":
            shared = {"cross-origin-resource-policy": "cross-origin"}
            return WebReply(200, shared, script(stamp), "text/javascript; charset=utf-8")
        return WebReply(200, self._cors(request), json_bytes({"stamp": stamp}), "application/json")

    def _submission(self, request: WebRequest, fields: Sequence[FormField], context: Context) -> Submission:
        traps = [field for field in fields if field.name in self.options.traps and is_filled(field)]
        answers = tuple(
            _answer(field)
            for field in fields
            if is_filled(field) and field.name not in self.options.traps and not _steers(field)
        )
        if not answers and not traps:
            raise Rejected("form: nothing was filled in")
        key = content_key(self.name, [(answer.id, answer.value) for answer in answers])
        own = id_key(request.header("idempotency-key") or value_of(fields, "_id"))
        raw, content_type = without_uploads(request.body, request.header("content-type"), fields)
        return Submission(
            source=self.name,
            # A page that is copied with a fixed _id in it must not make all its visitors one.
            key=f"{own} {key}" if own else key,
            received_at=request.received_at,
            answers=answers,
            raw=raw,
            content_type=content_type,
            context=replace(context, honeypot=bool(traps)),
            window=None if own else REPEAT_WINDOW,
        )

    def _reply(self, request: WebRequest, fields: Sequence[FormField]) -> WebReply:
        if _wants_json(request):
            return WebReply(200, self._cors(request), b'{"ok":true}', "application/json")
        wanted = value_of(fields, "_next")
        page = wanted if may_redirect(wanted, self.options.redirects) else self.options.thanks
        if page:
            return WebReply(303, {"location": page})
        text = html.escape(self.options.thanks_text)
        return WebReply(200, {}, _THANKS.replace("{text}", text).encode(), "text/html; charset=utf-8")

    def _cors(self, request: WebRequest) -> Mapping[str, str]:
        """https://fetch.spec.whatwg.org/#http-cors-protocol, without credentials."""
        origin = request.header("origin")
        if not origin or not self._welcome(request):
            return {"vary": "Origin"}
        return {"vary": "Origin", "access-control-allow-origin": origin}


_PREFLIGHT = {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "accept, content-type, idempotency-key",
    "access-control-max-age": "600",
}
_THANKS = (
    '<!doctype html><html><head><meta charset="utf-8"><title>{text}</title>'
    '<meta name="viewport" content="width=device-width"></head><body><p>{text}</p></body></html>'
)


def _wants_json(request: WebRequest) -> bool:
    script = request.header("sec-fetch-dest") == "empty"  # fetch and XMLHttpRequest
    return request.content_type in JSON or script or "application/json" in request.header("accept")


def _answer(field: FormField) -> Answer:
    hidden = AnswerKind.HIDDEN if is_tracking(field.name) else AnswerKind.TEXT
    return Answer(field.name, field.value, kind=AnswerKind.FILE if field.file else hidden)


_PLACES = {
    "page_url": "page_url",
    "page": "page_url",
    "landing_url": "landing_url",
    "landing_page": "landing_url",
    "referrer": "referrer",
    "referer": "referrer",
}


def _place(field: FormField) -> str:
    """Which part of the context a field with an address tells; a question with such a name stays one."""
    place = _PLACES.get(field.name.lstrip("_").lower(), "")
    return place if place and str(field.value).startswith(("http://", "https://")) else ""


def _steers(field: FormField) -> bool:
    return field.name.startswith("_") or field.name in CAPTCHAS or bool(_place(field))


def _context(request: WebRequest, fields: Sequence[FormField]) -> Context:
    places = {_place(field): str(field.value) for field in fields}
    return Context(
        form_name=value_of(fields, "_form"),
        page_url=places.get("page_url", "") or request.header("referer"),
        landing_url=places.get("landing_url", ""),
        referrer=places.get("referrer", ""),
        user_agent=request.header("user-agent"),
        language=re.split("[,;]", request.header("accept-language"))[0].strip(),
        seconds_to_submit=_seconds(value_of(fields, "_started"), request.received_at),
    )


def _seconds(started: str, received_at: datetime) -> float | None:
    """The visitor's clock tells it, so it is weak evidence; nothing where it cannot be true."""
    at = moment_of(started)
    if at is None or not timedelta(0) <= received_at - at <= LONGEST_VISIT:
        return None
    return (received_at - at).total_seconds()
