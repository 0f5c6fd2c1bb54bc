"""Form endpoints: services that take the posts of a form on somebody's own page."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from connectors.sources.posted.options import FORM_ID, WEB, LockedFetchOptions, ProvenFetchOptions
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
    basic,
    both,
    by_number,
    by_offset,
    in_utc,
    list_in,
    named,
    objects_in,
    one_answer,
    rows_in,
    signed,
    text_at,
    true_at,
)

# Formspree: https://help.formspree.io/hc/en-us/articles/360053239754-Getting-started-with-webhooks


class FormspreeOptions(ProvenFetchOptions):
    form_id: str = Field("", pattern=FORM_ID, description="the form's hashid, the end of its address: mvzvldzo")
    base_url: str = Field("https://formspree.io/api/0", pattern=WEB, description="where the API lives")
    page_size: int = Field(100, ge=1, le=100, description="submissions for each call")


def _formspree_pages(api: ListApi, options: FormspreeOptions, since: datetime) -> Iterator[Sequence[Json]]:
    """Newest first; what is in no zone is asked for with a day to spare, and made what the webhook posts."""
    began = in_utc(since - timedelta(days=1), "%Y-%m-%dT%H:%M:%S")

    def ask(offset: int) -> Sequence[Json]:
        params = {"limit": str(options.page_size), "offset": str(offset), "order": "desc", "since": began}
        found = api.get(f"submissions of form {options.form_id}", f"/forms/{options.form_id}/submissions", params)
        return [{"form": options.form_id, "submission": one} for one in rows_in(found, "submissions")]

    return by_offset(ask)


def _formspree_login(options: FormspreeOptions) -> Mapping[str, str]:
    return basic("", options.api_token)


formspree = Plugin(
    FormspreeOptions,
    partial(
        Listed,
        Posting(
            "formspree",
            answers=named("submission"),
            proof=signed(Signature("formspree-signature", prefix="v1=", template="{timestamp}.{body}")),
            time=("submission._date",),
            form_id=("form",),
        ),
        Listing(_formspree_pages, headers=_formspree_login, newest_first=True),
    ),
    About(
        "Formspree",
        link="https://help.formspree.io/hc/en-us/articles/360053239754-Getting-started-with-webhooks",
        setup=(
            "In the form: Plugins, Webhook (Professional and Business); put {url} in as the address.",
            "The signing secret that is shown there is `secret` here.",
            "To fetch what was missed: Settings, API keys; the master or read-only key is `api_token`.",
        ),
        missed="All but spam, by the API. There are no ids: equal content within 24 hours is one submission.",
        tested="Bodies of our own after captured ones, signature vectors; the shape of the API's list is from memory.",
    ),
)


# Basin: https://docs.usebasin.com/developer-features/api-reference


class BasinOptions(LockedFetchOptions):
    form_id: str = Field(
        "", pattern=FORM_ID, description="the form whose submissions are fetched: the end of its address; empty: of all"
    )
    base_url: str = Field("https://usebasin.com/api/v1", pattern=WEB, description="where the API lives")
    page_size: int = Field(100, ge=1, le=100, description="submissions for each call")


def _with_page(item: Json) -> Json:
    """Where the visitor was, with the query that tells the campaign; any part of it may be missing."""
    url, query = text_at(item, "source_url"), text_at(item, "source_query").removeprefix("?")
    if not url and (host := text_at(item, "source_host")):
        url = f"https://{host}{text_at(item, 'source_path')}"
    return {**item, "_page": f"{url}?{query}" if url and query and "?" not in url else url}


def _basin_files(item: Json) -> Iterator[Answer]:
    """What was attached is told beside the fields."""
    for file in objects_in(list_in(item, "attachments")):
        url = text_at(file, "public_url", "attachment_proxy_url")
        yield from one_answer(f"attachment.{text_at(file, 'id', 'name')}", "", "", AnswerKind.FILE, url)


def _basin_no_lead(item: Json) -> str:
    if true_at("spam")(item):
        return "marked as spam by Basin"
    return "in the trash of Basin" if true_at("trash")(item) else ""


def _basin_pages(api: ListApi, options: BasinOptions, _since: datetime) -> Iterator[Sequence[Json]]:
    """New ones and read ones, newest first, which are both what Basin does where it is told nothing else."""
    of_form = {"form_id": options.form_id} if options.form_id else {}

    def ask(page: int) -> Sequence[Json]:
        params = {**of_form, "page": str(page), "per_page": str(options.page_size), "order_by": "date_desc"}
        found = api.get(f"submissions of form {options.form_id or '(all)'}", "/submissions", params)
        return rows_in(found, "submissions", "data")

    return by_number(ask, 1, first=1, step=1)


def _basin_login(options: BasinOptions) -> Mapping[str, str]:
    return {"authorization": f"Token {options.api_token.get_secret_value() if options.api_token else ''}"}


basin = Plugin(
    BasinOptions,
    partial(
        Listed,
        Posting(
            "basin",
            answers=both(named("payload_params"), _basin_files),
            unwrap=_with_page,
            id=("id",),
            time=("created_at",),
            form_id=("form.uuid", "form_id"),
            form_name=("form.name",),
            page_url=("_page",),
            referrer=("referrer",),
            user_agent=("user_agent",),
            no_lead=_basin_no_lead,
        ),
        Listing(_basin_pages, headers=_basin_login, newest_first=True),
    ),
    About(
        "Basin",
        link="https://docs.usebasin.com/integrations/webhooks/",
        setup=(
            "In the form: Integrations, Webhook; put {url} in as the address, a token in it, format JSON.",
            "To fetch what was missed: an API key of the account or the form as `api_token`, the form as `form_id`.",
        ),
        missed="All submissions of the form but spam and trash, by the API, under the webhook's own ids.",
        tested="Bodies of our own after the API's reference; how many a page holds is not told there.",
        notes=("What Basin marks as spam, or has in its trash, is kept in quarantine with that reason.",),
    ),
)
