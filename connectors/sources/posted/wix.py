"""Wix Forms: posted by an automation or, signed, to an app; asked for by the Forms API.

https://support.wix.com/en/article/wix-automations-sending-data-with-an-http-request
https://dev.wix.com/docs/api-reference/crm/forms/form-submissions/introduction
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Self

from connectors.sources.posted.options import FORM_ID, WEB, LockedFetchOptions
from connectors.sources.posted.wix_answers import FIELD, answers_of, as_posted
from connectors.sources.posted.wix_events import event_of, is_key, proof
from connectors.sources.posted.wix_forms import Form, form_of, question_of
from syncd.connector import (
    ASKED_ANEW,
    About,
    AuthFailed,
    Field,
    Fresh,
    Json,
    ListApi,
    Listed,
    Listing,
    Plugin,
    Posting,
    Question,
    Read,
    Refused,
    Tools,
    WebRequest,
    by_token,
    field_validator,
    in_utc,
    model_validator,
    object_in,
    read_json,
    rows_in,
    text_at,
    true_at,
)

CREATED = "created"
SUBMISSIONS = "/form-submission-service/v4/submissions/namespace/query"
FORMS = "/form-schema-service/v4/forms"


class Options(LockedFetchOptions):
    site_id: str = Field("", pattern=FORM_ID, description="id of the site, to fetch: in the dashboard's address")
    form_id: str = Field("", pattern=FORM_ID, description="the one form that is fetched; empty: every form of the site")
    namespace: str = Field(
        "wix.form_app.form", pattern=r"^[a-z0-9_.]{10,50}$", description="the app whose forms these are"
    )
    public_key: str = Field("", description="public key (PEM) of your Wix app, if posts are an app's signed webhooks")
    base_url: str = Field("https://www.wixapis.com", pattern=WEB, description="where the API lives")
    page_size: int = Field(100, ge=1, le=100, description="submissions for each call")

    @field_validator("public_key")
    @classmethod
    def _is_a_key(cls, key: str) -> str:
        key = key.replace("\\n", "\n")  # as a file of environment variables has it
        if key and not is_key(key):
            raise ValueError("public_key is no RSA key that begins with -----BEGIN PUBLIC KEY-----")
        return key

    @model_validator(mode="after")
    def _knows_the_site(self) -> Self:
        if self.api_token and not self.site_id:
            raise ValueError("to fetch, give site_id beside api_token")
        return self

    def locks(self) -> Iterator[str]:
        yield from super().locks()
        if self.public_key:
            yield "signed by Wix"


def _read(request: WebRequest) -> Read:
    """A signed event is no JSON, whatever its media type says: three parts in base64."""
    return (event_of(request.body), request) if request.body.startswith(b"ey") else read_json(request)


POSTING = Posting(
    "wix",
    answers=answers_of,
    proof=proof,
    read=_read,
    id=("submissionId",),
    time=("submissionTime",),
    form_id=("formId",),
    form_name=("formName",),
)


class Wix(Listed):
    options: Options

    def __init__(self, options: Options, tools: Tools) -> None:
        posting = replace(POSTING, ours=self._is_ours, unwrap=self._unwrapped)
        super().__init__(posting, Listing(self._pages, headers=_headers, oldest_first=True), options, tools)
        self._forms = Fresh(self._ask_for_forms, tools.clock, ASKED_ANEW)
        self._known: Mapping[str, Form] = {}

    def lists(self, since: datetime) -> Iterator[Sequence[Json]]:
        self._known = self._forms.value()
        yield from super().lists(since)

    def questions_of(self, item: Json) -> Mapping[str, Question]:
        """By the form, where it has been read; the name of a field tells something of it as well."""
        known = self._known.get(text_at(item, "formId"), Form())
        plain = (name.removeprefix(FIELD) for name in item if name.startswith(FIELD))
        guessed = {FIELD + name: question for name in plain if (question := question_of(name))}
        return guessed | {FIELD + name: question for name, question in known.questions.items()}

    def _is_ours(self, item: Json) -> bool:
        """Of an app's events those that say that something was submitted, to these forms."""
        if "entityFqdn" not in item:
            return True
        submission = _submission_of(item)
        of_the_form = self.options.form_id in ("", text_at(submission, "formId"))
        return (
            (text_at(item, "entityFqdn"), text_at(item, "slug")) == ("wix.forms.v4.submission", CREATED)
            and text_at(submission, "namespace") == self.options.namespace
            and of_the_form
        )

    def _unwrapped(self, item: Json) -> Json:
        submission = _submission_of(item) if "entityFqdn" in item else item
        if "namespace" not in submission:
            return object_in(item, "data") or item
        form = self._known.get(text_at(submission, "formId"), Form())
        return {**as_posted(submission), "formName": form.name}

    def _pages(self, api: ListApi, options: Options, since: datetime) -> Iterator[Sequence[Json]]:
        """The cursor stands for filter and order, which must not be said again."""
        one_form = {"formId": options.form_id} if options.form_id else {}
        after = {"$gte": in_utc(since, "%Y-%m-%dT%H:%M:%S.000Z")}
        first = {
            "filter": {"namespace": options.namespace, "createdDate": after, **one_form},
            "sort": [{"fieldName": "createdDate", "order": "ASC"}],
        }

        def ask(cursor: str) -> tuple[Sequence[Json], str]:
            paging = {"limit": options.page_size, **({"cursor": cursor} if cursor else {})}
            query = {**({} if cursor else first), "cursorPaging": paging}
            found = api.ask("POST", "submissions", SUBMISSIONS, json={"query": query, "onlyYourOwn": False})
            goes_on = true_at("metadata.hasNext")(found)
            return rows_in(found, "submissions"), text_at(found, "metadata.cursors.next") if goes_on else ""

        return by_token(ask)

    def _ask_for_forms(self) -> Mapping[str, Form]:
        """What cannot be read costs the labels, never the lead."""
        one, api = self.options.form_id, self.api()
        try:
            if one:
                found = [object_in(api.get(f"form {one}", f"{FORMS}/{one}"), "form")]
            else:
                found = rows_in(api.get("forms", FORMS, {"namespace": self.options.namespace}), "forms")
        except (Refused, AuthFailed):
            return {}
        return {text_at(form, "id"): form_of(form) for form in found}


def _submission_of(event: Json) -> Json:
    return object_in(object_in(event, "createdEvent"), "entity")


def _headers(options: Options) -> Mapping[str, str]:
    """An API key stands there as it is, without "Bearer"."""
    key = options.api_token.get_secret_value() if options.api_token else ""
    return {"authorization": key, "wix-site-id": options.site_id}


plugin = Plugin(
    Options,
    Wix,
    About(
        "Wix",
        link="https://support.wix.com/en/article/wix-automations-sending-data-with-an-http-request",
        setup=(
            "In Automations: trigger Form submitted, action Send HTTP request, method POST, to {url}, a token in it.",
            "Body: the entire payload.",
            "To fetch what was missed: an API key that may read forms and submissions as `api_token`, and `site_id`.",
            "Or, with an app of your own: subscribe it to Submission Created at {url}; its public key is `public_key`.",
        ),
        missed="Every submission of the site's forms (of the one `form_id`, if set), by the Forms API (v4).",
        tested=(
            "Bodies of our own after published ones, signed events with keys of our own; a fake of the Forms API after "
            "its published description. That an automation's submissionId is the API's id is from memory."
        ),
        notes=(
            "Fields come as field:...: name those that matter in `map`, by that id.",
            "The API tells no contact: who it is is read from the form's own fields.",
            "With `public_key` nothing but an app's signed events is taken: an automation needs a source of its own.",
        ),
        example={
            "token": "${WIX_TOKEN}",
            "api_token": "${WIX_API_KEY}",
            "site_id": "a1b2c3d4-0000-4000-8000-000000000001",
        },
    ),
)
