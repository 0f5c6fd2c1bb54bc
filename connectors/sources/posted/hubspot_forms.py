"""HubSpot's forms as a source: https://developers.hubspot.com/docs/api-reference/legacy/forms-v1/get-submissions

Its list is the main way. A workflow may post the contact besides, with what was submitted last: under the same id.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from connectors.sources.posted.options import FORM_ID, WEB, ProvenFetchOptions
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
    Signature,
    WebRequest,
    by_token,
    list_in,
    model_validator,
    number_of,
    object_in,
    objects_in,
    one_answer,
    proved_by,
    rows_in,
    text_at,
    verify,
)


class Options(ProvenFetchOptions):
    form_id: str = Field("", pattern=FORM_ID, description="id (GUID) of the form whose submissions are fetched")
    base_url: str = Field("https://api.hubapi.com", pattern=WEB, description="where the API lives")
    page_size: int = Field(50, ge=1, le=50, description="submissions for each call")
    url: str = Field("", description="the whole address that the workflow calls, as it is part of what is signed")
    every: int = Field(60, ge=1, description="seconds between two fetches")

    @model_validator(mode="after")
    def _knows_its_address(self) -> "Options":
        if self.keys and not self.url:
            raise ValueError("HubSpot signs the address as well: set url to the whole of it")
        return self


def _verify(options: Options, request: WebRequest) -> None:
    """https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation"""
    verify(replace(_V3, template=f"{request.method}{options.url}{{body}}{{timestamp}}"), options.keys, request)


_V3 = Signature("x-hubspot-signature-v3", encoding="base64", timestamp_header="x-hubspot-request-timestamp")


def _answers(item: Json) -> Iterator[Answer]:
    """Of the list: a name that comes again is one more choice. Of a workflow: what is known of the contact."""
    given: dict[str, list[str]] = {}
    for one in objects_in(item.get("values")):
        given.setdefault(text_at(one, "name"), []).append(text_at(one, "value"))
    for name, told in object_in(item, "properties").items():
        if not name.startswith(_OF_HUBSPOT):
            given.setdefault(name, []).append(text_at(told, "value"))
    for name, values in given.items():
        asks = name.startswith("LEGAL_CONSENT.")
        label = "Marketing consent" if name.startswith("LEGAL_CONSENT.subscription_type") else ""
        yield from one_answer(name, label, "", AnswerKind.CONSENT if asks else AnswerKind.TEXT, values)


_OF_HUBSPOT = ("hs_", "hubspot", "num_", "first_", "recent_", "notes_", "createdate", "lastmodifieddate", "associated")
"""Beginnings of what HubSpot itself keeps about a contact."""


def _submitted(item: Json) -> Json:
    """Of a workflow's contact the newest of what was submitted."""
    found = objects_in(list_in(item, "form-submissions"))
    newest = max(found, key=lambda one: number_of(text_at(one, "timestamp")) or 0, default=None)
    return {**item, "_newest": newest} if newest else item


def _pages(api: ListApi, options: Options, _since: datetime) -> Iterator[Sequence[Json]]:
    def ask(after: str) -> tuple[Sequence[Json], str]:
        params = {"limit": str(options.page_size), **({"after": after} if after else {})}
        path = f"/form-integrations/v1/submissions/forms/{options.form_id}"
        found = api.get(f"submissions of form {options.form_id}", path, params)
        items = [{"formId": options.form_id, **one} for one in rows_in(found, "results")]
        return items, text_at(found, "paging.next.after")

    return by_token(ask)


plugin = Plugin(
    Options,
    partial(
        Listed,
        Posting(
            "hubspot_forms",
            answers=_answers,
            proof=proved_by(_verify),
            ours=lambda item: bool(item.get("values") or item.get("form-submissions")),
            unwrap=_submitted,
            id=("conversionId", "_newest.conversion-id"),
            time=("submittedAt", "_newest.timestamp"),
            form_id=("formId", "_newest.form-id"),
            form_name=("_newest.title",),
            page_url=("pageUrl", "_newest.page-url"),
        ),
        Listing(_pages, newest_first=True),
    ),
    About(
        "HubSpot forms",
        link="https://developers.hubspot.com/docs/api-reference/legacy/forms-v1/get-submissions",
        setup=(
            "A private app with the scope forms; its token is `api_token`, the form's GUID is `form_id`.",
            "To hear at once, besides: a workflow that is begun by the form and sends a webhook, POST, to {url}.",
            "Signed by your app (v3): its client secret is `secret`, the whole address `url`; else a token in {url}.",
        ),
        missed="Everything: the list is asked every minute, under HubSpot's own ids.",
        tested="Bodies of our own after the documentation, signature vectors; what a workflow posts is from memory.",
        notes=(
            "Campaign and click ids stand in the page's address alone.",
            "An app's own webhooks name changed contacts by id and bring no answers: they are not read.",
            "If HubSpot is your CRM as well, syncd meets the contact that the form made and goes on with it.",
        ),
        example={"api_token": "${HUBSPOT_TOKEN}", "form_id": "a1b2c3d4-0000-4000-8000-000000000001"},
    ),
)
