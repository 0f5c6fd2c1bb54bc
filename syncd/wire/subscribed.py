"""A provider's API that manages webhooks: beside what it posts and how it lists, one description more."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from syncd.errors import Refused
from syncd.protocols import Tools
from syncd.wire.answering import Json
from syncd.wire.grants import Login
from syncd.wire.hooks import Hook, hooks_told, same_address
from syncd.wire.listing import ListApi, Listed, Listing
from syncd.wire.paging import by_number
from syncd.wire.posted import Paths, Posting, true_at
from syncd.wire.values import at_path, list_in, text_at


@dataclass(frozen=True, slots=True)
class Numbered:
    """The parameters of a list that has pages."""

    size: str  # says how many
    most: int  # of them there may be
    page: str  # says which page, or how many came before
    first: int = 1
    step: int = 1


@dataclass(frozen=True, slots=True)
class HookApi:
    """Where everything stands. Paths may name options, as /forms/{form_id}/webhooks."""

    path: str  # of the list, and where one is made
    items: str  # path of the list in its answer
    address: str = "url"  # the field that says where it posts to
    on: str = ""  # the field that says whether it is on; empty: what is off is not listed
    events: str = ""  # the field that lists what it posts
    wanted: tuple[str, ...] = ()  # of those, what we take; without the first it is of no use
    ours: Callable[[Json, Any], bool] = lambda _item, _options: True  # those of another form are none of ours
    body: Callable[[ListApi, Any], Json] = lambda _api, _options: {}  # what else one is made with
    key_at: str = ""  # the field that takes the secret of the options; empty: it is given none
    own_key: bool = False  # it signs with a key that it makes up, and tells but once
    change: tuple[str, str] = ("", "")  # ("PATCH", "/webhooks/{id}"); empty: one that is off is made anew
    needs: Mapping[str, str] = field(default_factory=dict)  # option -> why none can be looked at without it
    pages: Numbered | None = None
    addresses: bool = False  # an object of nothing but addresses, by number, in place of a list
    as_form: bool = False  # one is made by urlencoded fields
    words: Paths = ()  # of the provider's own sentence in an error


class Subscribed(Listed):
    """Listed, and its webhooks managed; options: with those of HookedSourceOptions.

    `partial(Subscribed, posting, listing, hook_api)` is what its plugin makes.
    """

    def __init__(
        self,
        posting: Posting,
        listing: Listing,
        hook_api: HookApi,
        options: Any,
        tools: Tools,
        login: Login | None = None,
    ) -> None:
        super().__init__(posting, listing, options, tools, login)
        self.hook_api = hook_api

    @property
    def hooked(self) -> bool:
        return self.options.fetches and not self._missing()

    def hooks(self) -> Sequence[Hook]:
        """Those that concern the form of the options."""
        return [self._hook(item) for item in self._listed(self.api()) if self.hook_api.ours(item, self.options)]

    def hook_up(self, url: str) -> str | None:
        """One that is there for this address is put right where the API can change it; else one is made."""
        how, there = self.hook_api, [hook for hook in self.hooks() if same_address(hook.url, url)]
        method, path = how.change
        if not method and any(hook.active for hook in there):
            return None
        self._insist_on_a_way_in()
        api, old = self.api(), max(there, key=lambda hook: hook.active, default=None) if method else None
        wanted: dict[str, Any] = {how.address: url, **how.body(api, self.options)}
        if how.events:
            wanted[how.events] = list(dict.fromkeys([*(old.events if old else ()), *how.wanted]))
        if how.key_at and self.options.keys:
            wanted[how.key_at] = self.options.keys[0].get_secret_value()
        if old:
            wanted |= {how.on: True} if how.on else {}
            place = path.format(id=quote(old.id, safe=""))
            api.ask(method, "webhook", place, json=wanted, writes=True, words=how.words)
        else:
            sent, fields = (None, wanted) if how.as_form else (wanted, None)
            api.ask("POST", "webhook", self._path(), json=sent, form=fields, writes=True, words=how.words)
        return OWN_KEY if how.own_key else None

    def _hook(self, item: Json) -> Hook:
        how = self.hook_api
        events = tuple(str(event) for event in list_in(item, how.events)) if how.events else ()
        posts = not how.wanted or how.wanted[0] in events
        return Hook(
            text_at(item, "id"), text_at(item, how.address), posts and (not how.on or true_at(how.on)(item)), events
        )

    def _listed(self, api: ListApi) -> Iterator[Json]:
        path, pages = self._path(), self.hook_api.pages
        if pages is None:
            yield from self._page(api, path, {})
            return
        listed = by_number(
            lambda number: self._page(api, path, {pages.size: str(pages.most), pages.page: str(number)}),
            pages.most,
            first=pages.first,
            step=pages.step,
        )
        for items in listed:
            yield from items

    def _page(self, api: ListApi, path: str, params: Mapping[str, str]) -> Sequence[Json]:
        how = self.hook_api
        answer = api.get("webhooks", path, params, words=how.words)
        told = at_path(answer, how.items)
        if how.addresses and isinstance(told, dict | list):
            numbered = told.items() if isinstance(told, dict) else enumerate(told)
            return [{"id": str(number), how.address: address} for number, address in numbered]
        return hooks_told(self.posting.provider, answer, how.items)

    def _path(self) -> str:
        for name, why in self._missing().items():
            raise Refused(f"{self.posting.provider}: set {name}: {why}")
        return self.hook_api.path.format(**{name: getattr(self.options, name) for name in self.hook_api.needs})

    def _missing(self) -> Mapping[str, str]:
        return {name: why for name, why in self.hook_api.needs.items() if not getattr(self.options, name)}

    def _insist_on_a_way_in(self) -> None:
        """What would be made has to be let in here."""
        provider, how = self.posting.provider, self.hook_api
        if how.key_at:
            insist_on_key(provider, self.options)
        else:
            insist_on_token(provider, self.options, _ANOTHER_KEY if how.own_key else _NO_KEY)


_NO_KEY = "its webhooks are not signed: set a token instead of a secret"
_SHUT = "nothing would be let in here"


def insist_on_key(provider: str, options: Any) -> None:
    """For a webhook that is given a key. Raises Refused where what it posts would not be let in."""
    if not (options.keys or options.token or options.unsigned):
        raise Refused(f"{provider}: set the webhook's secret, or a token: {_SHUT}")


def insist_on_token(provider: str, options: Any, why_no_secret: str = _NO_KEY) -> None:
    """For a webhook that can be given no key. Raises Refused where what it posts would not be let in."""
    if options.keys:
        raise Refused(f"{provider}: {why_no_secret}")
    if not (options.token or options.unsigned):
        raise Refused(f"{provider}: set token: {_SHUT}")


OWN_KEY = (
    "It signs with a key of its own, which the provider tells but once and syncd does not keep: what it posts is known "
    "by the token in the address."
)
_ANOTHER_KEY = (
    "a webhook that is made anew signs with a key of its own: make it there and put that key in as `secret`, or set a "
    "token instead of a secret"
)
