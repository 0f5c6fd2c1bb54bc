"""What a connector is to the core: what it is lent, and what it is asked for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from syncd.clock import Clock
from syncd.http_client import HttpClient
from syncd.model import (
    Fates,
    FieldState,
    Finding,
    Known,
    LeadKeys,
    NoteOrder,
    Outcome,
    OwnerRef,
    Page,
    RecordOrder,
    Ref,
    SignalPage,
    Submission,
    TaskOrder,
)
from syncd.wire.hooks import Hook
from syncd.wire.options import ConnectorOptions
from syncd.wire.web import Received, WebRequest


@dataclass(frozen=True, slots=True)
class Tools:
    """What the core lends a connector."""

    name: str  # the name in the config
    clock: Clock
    http: HttpClient  # timeouts set, no retries, proxy and CA settings from the environment
    data_dir: Path  # a folder that outlives restarts
    lead_url: str = ""  # where a person finds a lead in the console; "{lead}" stands for its id
    emits: Mapping[str, Sequence[str]] = field(
        default_factory=dict
    )  # canonical field -> values the config names for it
    domains: Sequence[str] = ()  # the company's own


@dataclass(frozen=True, slots=True)
class AlertMessage:
    """A line to a person: which lead needs somebody, and why."""

    mark: str  # the same mark twice is one message
    title: str
    text: str
    to: str = ""  # e-mail or address of the person; empty: the connector's default
    url: str = ""


@dataclass(frozen=True, slots=True)
class AlertRef:
    id: str


class Checked(Protocol):
    def check(self) -> Sequence[Finding]:
        """Ask the other side, as close to the real operation as is harmless."""
        ...

    def close(self) -> None:
        """Leave nothing open, neither of its own nor of `Tools.http`. Once more does no harm."""
        ...


@runtime_checkable
class PushSource(Checked, Protocol):
    """May have `takes`, the media types it reads, for the description of what the daemon serves; `methods`, by which
    submissions may come beside POST; `handshakes`, those by which its provider asks whether somebody is there: "GET",
    "HEAD", which bring no submissions; `largest_body`, how many bytes a post may have where that is more than others'
    may; and `json_errors`, where people are shown the `message` of an object when a post is refused.
    """

    def receive(self, request: WebRequest) -> Received:
        """Verify the raw bytes first, then translate.

        Raises Unauthenticated (401), UnsupportedBody (415), TooLarge (413) or Rejected (400). A body
        that cannot be read but comes from an authenticated sender is returned as a Submission with
        `problem` set: it is kept and parked, and the provider gets its 200.
        """
        ...


@runtime_checkable
class Translating(Protocol):
    """A source that can say what it would keep of a payload, for dry runs."""

    def translate(self, request: WebRequest) -> Received:
        """What `receive` would return, without asking who sent it."""
        ...


@runtime_checkable
class Visited(Translating, Protocol):
    """A source to which a visitor's browser posts: it can say what that would send."""

    def visit(self, address: str, mark: str) -> WebRequest:
        """An enquiry of somebody made up with this e-mail address. `mark`: no other one has it."""
        ...


@runtime_checkable
class Hooked(Protocol):
    """A source whose provider's API manages webhooks. Options: those of HookedSourceOptions.

    Both raise AuthFailed, RateLimited, Retryable, Ambiguous, and Refused where an option is missing.
    """

    @property
    def hooked(self) -> bool:
        """Whether the options name all that is needed to look at them."""
        ...

    def hooks(self) -> Sequence[Hook]:
        """All that the provider tells of for this source, whoever made them."""
        ...

    def hook_up(self, url: str) -> str | None:
        """Have submissions posted to this address, signed as the options say. Twice is once.

        Returns what a person has to know of it, where there is anything.
        """
        ...


@runtime_checkable
class Collecting(Protocol):
    """A source whose provider posts ids alone: `receive` marks those submissions `announced` and asks nobody.

    They are kept and answered at once; what they say is collected afterwards, as often as it takes.
    """

    def collect(self, submission: Submission) -> Submission:
        """The same, whole: under the same key, with its answers, `raw` what the provider's API said.

        Raises Retryable, RateLimited, AuthFailed; Refused where the provider will not, or no longer, give it; Rejected
        for an answer that nobody can read.
        """
        ...


@runtime_checkable
class PullSource(Checked, Protocol):
    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Pages, oldest first, from the cursor on. One submission has the same key here and in `receive`."""
        ...


@runtime_checkable
class LooksBack(PullSource, Protocol):
    """A polled source that can be asked for what was submitted long ago: for `syncd backfill` and the nightly look."""

    reconciled: timedelta  # so far back it is asked every night; zero: not at all

    def since(self, moment: datetime) -> str:
        """The cursor from which `pages` brings whatever was submitted since then."""
        ...


@runtime_checkable
class Reporting(Protocol):
    """A polled source that tells whoever put something there what became of it."""

    def report(self, fates: Fates) -> None:
        """Called after each poll, by the daemon that polls."""
        ...


@runtime_checkable
class Listening(Protocol):
    """A polled source that hears of what is new before the next poll is due (IMAP's IDLE)."""

    def listen(self, seconds: float) -> bool:
        """True as soon as there may be something to fetch; False after so many seconds at most, or at once where
        nothing can be heard now. Called between two polls, in the thread that polls. What is wrong with the line is
        for the next poll to tell: this raises nothing.
        """
        ...


@runtime_checkable
class Sink(Checked, Protocol):
    """May have `workers`: how many calls at a time use up what its service allows a second, unless the config says."""

    batch: int  # orders per call

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        """One answer per lead, in order: where it lives, whose it is, what stands there."""
        ...

    def upsert(self, orders: Sequence[RecordOrder]) -> Sequence[Outcome]:
        """One outcome per order, in order. Sending the same order again changes nothing."""
        ...

    def add_tasks(self, orders: Sequence[TaskOrder]) -> Sequence[Outcome]:
        """One outcome per order, in order. The same mark twice gives one task and the same ref."""
        ...

    def add_notes(self, orders: Sequence[NoteOrder]) -> Sequence[Outcome]:
        """One outcome per order, in order. The same mark twice gives one note and the same ref."""
        ...

    def owners(self) -> Mapping[str, OwnerRef]:
        """E-mail (lower case) -> user or queue, active or not."""
        ...

    def changes(self, cursor: str | None) -> Iterator[SignalPage]:
        """What became of the records since the cursor; None starts now."""
        ...

    def prepare(self, apply: bool) -> Sequence[Finding]:
        """Fields, picklists and permissions that are needed; with `apply` makes what it may."""
        ...


@runtime_checkable
class Budgeted(Protocol):
    """A sink whose service counts calls and says so."""

    def allowance(self) -> "Allowance | None":
        """What the service's own headers said last; None before the first answer."""
        ...


@dataclass(frozen=True, slots=True)
class Allowance:
    """Calls that may be made: a rolling window and a day."""

    per_window: int
    window: timedelta
    left_today: int | None = None
    per_day: int | None = None


@runtime_checkable
class Described(Protocol):
    """A sink whose service tells its fields: what changes overnight is told before the first lead fails on it."""

    def described(self) -> Mapping[str, FieldState]:
        """All fields of the objects it writes, by a name that a person knows them by ("Lead.Status"). May be what
        `prepare` has just read.
        """
        ...


@runtime_checkable
class Previewing(Protocol):
    """A sink whose requests are of the config's making, and that can show them."""

    def preview(self) -> Sequence[Finding]:
        """What would be sent for somebody made up, and what the config leaves unsure. Makes no call."""
        ...


@runtime_checkable
class Exporting(Protocol):
    """A sink that can write its book to files."""

    def export(self, folder: Path) -> Sequence[Path]: ...


@runtime_checkable
class Completing(Protocol):
    """A sink whose tasks can be marked done from syncd's console, because it has no pages of its own."""

    def complete_task(self, ref: Ref) -> bool: ...


@runtime_checkable
class Removing(Protocol):
    """A sink that can delete what syncd has made: for probes, which leave nothing behind."""

    def remove(self, refs: Sequence[Ref]) -> None:
        """Tasks and records, into the service's bin where it has one, with what was made along with a record and is
        nobody's. What is not there any more is no trouble.

        Raises as every call; and Refused where the service will not, or the login may not delete, which says nothing
        of the login otherwise, and for what is neither a task nor a record: then nothing is removed.
        """
        ...


@runtime_checkable
class Alert(Checked, Protocol):
    def send(self, message: AlertMessage) -> AlertRef: ...


OptionsT = TypeVar("OptionsT", bound=ConnectorOptions)


@dataclass(frozen=True, slots=True)
class About:
    """What a person reads before they set a connector up. The pages below docs/sources/ are made of it."""

    title: str  # as the vendor writes it: "Typeform"
    link: str = ""  # the vendor's own page on it
    setup: Sequence[str] = ()  # what to click there, step by step; {url} stands for this source's address
    missed: str = ""  # what is fetched that a webhook missed, and what cannot be
    tested: str = ""  # against what it was tested, and which parts are from memory
    notes: Sequence[str] = ()  # traps worth knowing
    example: Mapping[str, str] = field(default_factory=dict)  # its options as YAML; empty: the usual ones


@dataclass(frozen=True, slots=True)
class Plugin(Generic[OptionsT]):
    """What an entry point names: the options, and the class that is built as `make(options, tools)`."""

    options: type[OptionsT]
    make: Any  # Callable[[OptionsT, Tools], PushSource | PullSource | Sink | Alert]
    about: About | None = None
