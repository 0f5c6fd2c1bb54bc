"""Any service that takes leads by HTTP, as the config describes it.

It is as sure as the service lets it be: `preview` says for records, tasks and notes what happens after a lost answer.
"""

from collections.abc import Iterator, Mapping, Sequence

from connectors.sinks.http.client import Client
from connectors.sinks.http.done_tasks import DoneTasks
from connectors.sinks.http.followups import FollowUps
from connectors.sinks.http.links import Links
from connectors.sinks.http.lookup import Lookup
from connectors.sinks.http.options import HttpSinkOptions
from connectors.sinks.http.previews import previews
from connectors.sinks.http.records import Records
from syncd.connector import (
    Anybody,
    ConfigError,
    Finding,
    Known,
    LeadKeys,
    NoteOrder,
    Outcome,
    OwnerRef,
    RecordOrder,
    Ref,
    Refused,
    Retryable,
    SignalPage,
    TaskOrder,
    Tools,
)

NOBODY = LeadKeys("syncd-check", ("nobody@syncd.invalid",), "+15550100")


class HttpSink:
    """Any service that takes leads by HTTP: requests by template, as sure as the service lets them be.

    Thread-safe. All methods raise AuthFailed, RateLimited or Retryable, those that write Ambiguous too.
    """

    batch = 1  # a request carries one order, and an answer that is lost leaves one in doubt

    def __init__(self, options: HttpSinkOptions, tools: Tools) -> None:
        if options.records is None:
            raise ConfigError("http: records: missing - the request that makes a record")
        self.options = options
        self._client = client = Client(options, tools)
        links = Links(options)
        self._lookup = Lookup(options, client, links)
        self._records = Records(options, options.records, client, self._lookup, links)
        self._tasks = FollowUps(options, options.tasks, client, "task")
        self._notes = FollowUps(options, options.notes, client, "note")
        self._done = DoneTasks(tools.data_dir / f"{tools.name}.done", tools.clock)

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        return self._lookup.find(leads)

    def upsert(self, orders: Sequence[RecordOrder]) -> Sequence[Outcome]:
        return self._records.upsert(orders)

    def add_tasks(self, orders: Sequence[TaskOrder]) -> Sequence[Outcome]:
        return self._tasks.add(orders)

    def add_notes(self, orders: Sequence[NoteOrder]) -> Sequence[Outcome]:
        return self._notes.add(orders)

    def owners(self) -> Mapping[str, OwnerRef]:
        named = {email.lower(): OwnerRef(theirs, email.lower()) for email, theirs in self.options.owners.items()}
        return named or Anybody()

    def changes(self, cursor: str | None) -> Iterator[SignalPage]:
        """Tasks that were marked done in the console: the service itself tells nothing."""
        return self._done.pages(cursor)

    def complete_task(self, ref: Ref) -> bool:
        return self._done.mark(ref)

    def prepare(self, apply: bool) -> Sequence[Finding]:  # noqa: ARG002 - nothing can be made there
        return self.check()

    def preview(self) -> Sequence[Finding]:
        return list(previews(self.options))

    def check(self) -> Sequence[Finding]:
        """Raises AuthFailed when the login is refused, as far as there is a question that can tell."""
        return [self._login(), *self._look_up(), *self._ids(), *self.preview()]

    def close(self) -> None:
        self._client.close()

    def _login(self) -> Finding:
        if self.options.ping:
            self._client.ping(self.options.ping)
            return Finding("login", ok=True, detail="the ping was answered")
        if self.options.find:
            self._lookup.find([NOBODY])
            return Finding("login", ok=True, detail="the look-up was answered")
        return Finding("login", ok=True, detail="not tried: there is nothing harmless to ask (name `ping` or `find`)")

    def _look_up(self) -> Iterator[Finding]:
        """Where the ping has shown that the login is good: whether an answer is read as the config says."""
        if self.options.ping and self.options.find:
            try:
                self._lookup.find([NOBODY])
            except (Refused, Retryable) as error:
                yield Finding("look-up", ok=False, detail=str(error), remedy="mend `find`: its path, `items`, `absent`")

    def _ids(self) -> Iterator[Finding]:
        for email, theirs in self.options.owners.items():
            if not theirs.strip():
                remedy = "name their id there, or take them out of `owners`"
                yield Finding(f"owner {email}", ok=False, detail="has no id", remedy=remedy)
