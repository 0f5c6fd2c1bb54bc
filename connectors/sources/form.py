"""A plain HTML form, or a script on a page, that posts straight to syncd.

Fields whose name begins with an underscore steer and are no answers: `_next` (where to go afterwards),
`_id` (the same for two sendings of one post), `_started` (milliseconds since 1970 when the page was
opened), `_form` (name of the form), `_charset_`, and the traps for robots. A script that sends JSON or
asks for it gets JSON.
"""

import html
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from syncd.connector import (
    Answer,
    AnswerKind,
    Context,
    Field,
    Finding,
    FormField,
    Plugin,
    Received,
    Rejected,
    SourceOptions,
    Submission,
    Text,
    TooLarge,
    Tools,
    Unauthenticated,
    WebReply,
    WebRequest,
    content_key,
    field_validator,
    flatten,
    form_fields,
    id_key,
    is_tracking,
    is_web_page,
    json_value,
    may_redirect,
    moment_of,
    without_uploads,
)

REPEAT_WINDOW = timedelta(minutes=15)  # a second click, or a browser that sends again
LONGEST_VISIT = timedelta(days=1)
MOST_FIELDS = 200

JSON = ("application/json", "text/plain")  # navigator.sendBeacon sends text/plain without asking first


class Options(SourceOptions):
    origins: tuple[str, ...] = Field(
        (),
        description="sites that may post, as https://www.acme.com; empty for every site;"
        " null for pages that hide where they are",
    )
    thanks: str = Field("", description="page that people see afterwards; empty for a plain line of thanks")
    thanks_text: str = Field("Thank you. Your message has arrived.", description="the plain line of thanks")
    redirects: tuple[str, ...] = Field(
        (), description="pages that _next may name; one that ends in / allows all below it"
    )
    traps: tuple[str, ...] = Field(
        ("_gotcha", "_honey"), description="fields that people cannot see; who fills one in is a robot"
    )

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if origin != "null" and not (is_web_page(origin) and origin.count("/") == len("//")):
                raise ValueError(f'"{origin}" is not a site; write it as https://www.acme.com')
        return tuple(origin.lower() for origin in origins)

    @field_validator("redirects", "thanks")
    @classmethod
    def _are_pages(cls, pages: tuple[str, ...] | str) -> tuple[str, ...] | str:
        for page in (pages,) if isinstance(pages, str) else pages:
            if page and not is_web_page(page):
                raise ValueError(f'"{page}" is not a page; write it as https://www.acme.com/thanks')
        return pages


class WebForm:
    """Answers as a web server would: 303 to a page, a line of thanks, or JSON to a script."""

    takes = ("application/x-www-form-urlencoded", "multipart/form-data", *JSON)

    def __init__(self, options: Options, tools: Tools) -> None:
        self.options, self.name = options, tools.name

    def receive(self, request: WebRequest) -> Received:
        if request.method == "OPTIONS":
            return Received(reply=WebReply(204, {**self._cors(request), **_PREFLIGHT}))
        self._admit(request)
        return self.translate(request)

    def translate(self, request: WebRequest) -> Received:
        """For dry runs too: what `receive` would return, from whichever site it was posted."""
        fields = _read(request)
        return Received([self._submission(request, fields)], self._reply(request, fields))

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

    def _submission(self, request: WebRequest, fields: Sequence[FormField]) -> Submission:
        traps = [field for field in fields if field.name in self.options.traps and _filled(field)]
        answers = tuple(
            _answer(field)
            for field in fields
            if _filled(field) and field.name not in self.options.traps and not _steers(field)
        )
        if not answers and not traps:
            raise Rejected("form: nothing was filled in")
        key = content_key(self.name, [(answer.id, answer.value) for answer in answers])
        own = id_key(request.header("idempotency-key") or _value(fields, "_id"))
        raw, content_type = without_uploads(request.body, request.header("content-type"), fields)
        return Submission(
            source=self.name,
            # A page that is copied with a fixed _id in it must not make all its visitors one.
            key=f"{own} {key}" if own else key,
            received_at=request.received_at,
            answers=answers,
            raw=raw,
            content_type=content_type,
            context=_context(request, fields, trapped=bool(traps)),
            window=None if own else REPEAT_WINDOW,
        )

    def _reply(self, request: WebRequest, fields: Sequence[FormField]) -> WebReply:
        if _wants_json(request):
            return WebReply(200, self._cors(request), b'{"ok":true}', "application/json")
        wanted = _value(fields, "_next")
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


def _read(request: WebRequest) -> list[FormField]:
    if request.content_type not in JSON:
        return form_fields(request.body, request.header("content-type"))
    given = json_value(request.body)
    if not isinstance(given, dict):
        raise Rejected("form: JSON of another kind than one object")
    fields = [FormField(name, value) for name, value in flatten(given)]
    if len(fields) > MOST_FIELDS:
        raise TooLarge(f"form: more than {MOST_FIELDS} fields")
    return fields


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
    return field.name.startswith("_") or bool(_place(field))


def _context(request: WebRequest, fields: Sequence[FormField], *, trapped: bool) -> Context:
    places = {_place(field): str(field.value) for field in fields}
    return Context(
        form_name=_value(fields, "_form"),
        page_url=places.get("page_url", "") or request.header("referer"),
        landing_url=places.get("landing_url", ""),
        referrer=places.get("referrer", ""),
        user_agent=request.header("user-agent"),
        language=re.split("[,;]", request.header("accept-language"))[0].strip(),
        honeypot=trapped,
        seconds_to_submit=_seconds(_value(fields, "_started"), request.received_at),
    )


def _seconds(started: str, received_at: datetime) -> float | None:
    """The visitor's clock tells it, so it is weak evidence; nothing where it cannot be true."""
    at = moment_of(started)
    if at is None or not timedelta(0) <= received_at - at <= LONGEST_VISIT:
        return None
    return (received_at - at).total_seconds()


def _value(fields: Sequence[FormField], name: str) -> str:
    found: Text = next((field.value for field in fields if field.name == name and not field.file), "")
    return found if isinstance(found, str) else found[0]


def _filled(field: FormField) -> bool:
    return bool("".join(field.value).strip())


plugin = Plugin(Options, WebForm)
