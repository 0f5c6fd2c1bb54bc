"""Cognito Forms: https://www.cognitoforms.com/support/66/data-integration

Posts JSON by its own names; its API gives one entry by its number, so numbers are walked: they count from 1.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.sources.posted.options import FORM_ID, WEB, LockedFetchOptions
from syncd.connector import (
    About,
    Answer,
    AuthFailed,
    Field,
    Finding,
    Json,
    ListApi,
    Page,
    Plugin,
    Posted,
    Posting,
    RateLimited,
    Refused,
    Rejected,
    Retryable,
    Submission,
    Tools,
    bearer,
    cursor_at,
    json_bytes,
    named,
    text_at,
    unreadable,
)

GAP = 5
"""Numbers in a row that may be missing, as those of deleted entries."""
LOOKED_AT_AGAIN = 10
"""Entries before the newest one: what the webhook missed of them may only now be readable."""
_NO_ANSWERS = frozenset({"Form", "Entry", "Id", "DateCreated", "DateUpdated", "DateSubmitted"})


class Options(LockedFetchOptions):
    form_id: str = Field(
        min_length=1, pattern=FORM_ID, description="number or internal name of the form; each numbers its entries anew"
    )
    base_url: str = Field("https://www.cognitoforms.com/api", pattern=WEB, description="where the API lives")
    overlap: int = Field(0, ge=0, le=0, description="not minutes: the last 10 entries are read again each time")
    every: int = Field(900, ge=1, description="seconds between two fetches, of some 15 calls each")
    page_size: int = Field(20, ge=1, le=1000, description="entries that are kept at a time")


def _answers(item: Json) -> Iterator[Answer]:
    shown = {name: value for name, value in item.items() if not name.startswith("$")}
    return iter(named("", skip=_NO_ANSWERS)(shown))


def _key(item: Json, options: Options) -> str:
    """Entries are numbered from 1 in every form."""
    number = text_at(item, "Entry.Number", "Entry")
    names = {text_at(item, "Form.Id"), text_at(item, "Form.InternalName")}
    form = options.form_id if options.form_id in names or names == {""} else text_at(item, "Form.Id")
    return f"{form}:{number}" if number else ""


_POSTING = Posting(
    "cognito",
    answers=_answers,
    ours=lambda item: text_at(item, "Entry.Status") != "Incomplete",
    key=_key,
    time=("Entry.DateSubmitted", "Entry.DateCreated", "DateSubmitted", "DateCreated"),
    form_id=("Form.Id",),
    form_name=("Form.Name",),
    user_agent=("Entry.Origin.UserAgent",),
)


class Cognito(Posted):
    """The cursor is the number of the newest entry that was seen."""

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(_POSTING, options, tools)
        self.reconciled = timedelta(days=options.reconcile_days if options.fetches else 0)
        self.takes_posts = bool(_POSTING.proof.told(options)) or options.unsigned
        self._api = ListApi("cognito", tools.http, options.base_url, lambda: bearer(options))

    def pages(self, cursor: str | None) -> Iterator[Page]:
        if not self.options.fetches:
            return
        newest = self._begins(cursor)
        if cursor is None:
            yield Page((), str(newest))
        held: list[Submission] = []
        again = LOOKED_AT_AGAIN if cursor and cursor.isdecimal() else 0
        for number, item in self._entries(max(1, newest + 1 - again)):
            if self.posting.ours(item):
                held.append(self._fetched(item))
            newest = max(newest, number)
            if len(held) >= self.options.page_size:
                yield Page(held, str(newest))
                held = []
        yield Page(held, str(newest))

    def since(self, moment: datetime) -> str:
        """A time in the place of a number: the walk begins where it leads."""
        return cursor_at(moment)

    def check(self) -> Sequence[Finding]:
        posted = super().check()
        if not self.options.fetches:
            return posted
        try:
            self._entry(1)
        except (AuthFailed, RateLimited, Refused, Retryable) as error:
            remedy = "see api_token, base_url, and which form is named"
            return [*posted, Finding("fetching", ok=False, detail=str(error), remedy=remedy)]
        return [*posted, Finding("fetching", ok=True, detail="what was missed is fetched")]

    def _begins(self, cursor: str | None) -> int:
        """The number after which the walk begins: the newest one that was seen; at first by `history`."""
        if cursor and cursor.isdecimal():
            return int(cursor)
        if cursor is None and self.options.history == "all":
            return 0
        newest = self._newest()
        if cursor is None and self.options.history == "skip":
            return newest
        since = datetime.fromisoformat(cursor) if cursor else self.options.begins(self.clock.now())
        while newest > 0 and not self._is_before(newest, since):
            newest -= 1
        return newest

    def _is_before(self, number: int, since: datetime) -> bool:
        item = self._entry(number)
        at = self.posting_time(item) if item is not None else None
        return at is not None and at < since

    def _newest(self) -> int:
        """By doubling, then halving: entries are numbered without wider gaps than GAP."""
        low, high = 0, 1
        while found := self._first_from(high):
            low, high = found, found * 2
        while high - low > 1:
            middle = (low + high) // 2
            if found := self._first_from(middle):
                low = max(found, middle)
            else:
                high = middle
        return low

    def _first_from(self, number: int) -> int:
        """The first entry of this number or one of the next few; 0 where there is none."""
        return next((number for number, _ in self._entries(number)), 0)

    def _entries(self, number: int) -> Iterator[tuple[int, Json]]:
        """One after the other, until too many in a row are missing."""
        missing = 0
        while missing < GAP:
            item = self._entry(number)
            missing = missing + 1 if item is None else 0
            if item is not None:
                yield number, item
            number += 1

    def _entry(self, number: int) -> Json | None:
        form = self.options.form_id
        found = self._api.get(f"entry {number} of form {form}", f"/forms/{form}/entries/{number}", absent=True)
        return found if isinstance(found, dict) else None

    def _fetched(self, item: Any) -> Submission:
        now, raw = self.clock.now(), json_bytes(item)
        try:
            return self.submission(item, now, raw)
        except Rejected as error:
            return unreadable(self.name, raw, now, str(error))


plugin = Plugin(
    Options,
    Cognito,
    About(
        "Cognito Forms",
        link="https://www.cognitoforms.com/support/66/data-integration/webhooks",
        setup=(
            "In the form: Form Settings, Post JSON Data to a Website, Submit Entry Endpoint: {url}, a token in it.",
            "To fetch what was missed: an API key with access to the form as `api_token`, the form as `form_id`.",
        ),
        missed="Every entry, one call for each, by walking the webhook's own numbers.",
        tested="Bodies of our own: the names in a post are from memory; the API's paths are as documented.",
        notes=(
            "An entry that is changed later is not taken for a new one.",
            "More deleted entries in a row than five stop the walk until newer ones are within reach of it.",
        ),
    ),
)
