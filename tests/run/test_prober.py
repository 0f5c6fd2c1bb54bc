"""A probe of syncd itself: posted as by a visitor, seen to arrive, and removed again wherever it was let in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from connectors.sinks.local import plugin as local
from connectors.sources.form import Options, WebForm
from syncd.connector import HttpReply, LeadKeys, RecordOrder, WebRequest
from syncd.core.probe import DOMAIN, REASON, is_probe
from syncd.errors import Ambiguous, ConfigError, Retryable
from syncd.run.health import Health
from syncd.run.line import Line, LineOptions
from syncd.run.metrics import Metrics
from syncd.run.prober import FIRST, ProbeOptions, Prober
from syncd.store import arrivals, probes
from syncd.testing import lent_tools
from tests.run.test_health import Part
from tests.world import World, submission

EMAIL = "syncd-probe@acme.example"


@dataclass
class Door:
    """In the place of HTTP: what is posted goes to the form, and from there into the store."""

    form: WebForm
    world: World
    status: int = 200
    shut: bool = False
    posted: list[str] = field(default_factory=list)

    def call(self, method: str, url: str, *, headers: Any, body: bytes, **_: Any) -> HttpReply:
        self.posted.append(f"{method} {url}")
        if self.shut:
            raise Retryable("probe: post: not sent (ConnectTimeout)")
        request = WebRequest(method, headers, {}, body, self.world.clock.now())
        if self.status == 200:
            self.world.store.inbox.accept(self.form.receive(request).submissions)
        return HttpReply(self.status, {}, b"")


class Chain:
    """A form, a planner and a book; the test says when somebody plans."""

    def __init__(
        self, world: World, folder: Path, sinks: Sequence[str] = ("book",), crm: Any = None, email: str = EMAIL
    ) -> None:
        """`crm`: a sink in the place of the book."""
        self.world, self.store, self.clock = world, world.store, world.clock
        self.crm, self.email = crm, email
        self.book = local.make(local.options(), lent_tools("book", world.clock, folder))
        self.form = WebForm(Options(), lent_tools("contact", world.clock))
        self.door = Door(self.form, world)
        self.health = Health(world.store, Part(), list)  # type: ignore[arg-type]
        self.sinks = sinks
        self.start()

    def start(self) -> None:
        """Anew, as after a restart."""
        line = Line("book", self.crm or self.book, self.store.sinks, self.clock, Metrics(), LineOptions())
        options = ProbeOptions(
            "contact", "http://here/in/contact", timedelta(hours=1), timedelta(minutes=5), self.email
        )
        lines = [line] if self.sinks else []
        self.prober = Prober(options, self.form, lines, self.store, "me", self.health, self.door)  # type: ignore[arg-type]
        self.clock.advance(seconds=FIRST.total_seconds())

    def probe(self, *, planned: bool = True) -> probes.Probed | None:
        """One whole probe; what became of it."""
        self.prober.turn()
        self.clock.advance(seconds=2)
        if planned:
            self.world.plan()
        self.prober.turn()
        return probes.read(self.store.database).last

    def rows(self, table: str) -> int:
        return len(self.book.book.rows(f"SELECT * FROM {table}"))  # noqa: S608 - a name of ours


@pytest.fixture
def chain(world: World, tmp_path: Path) -> Iterator[Chain]:
    made = Chain(world, tmp_path)
    yield made
    made.book.close()


def test_a_probe_goes_through_door_planner_and_sink_and_leaves_nothing_there(chain: Chain) -> None:
    made: list[str] = []
    upsert = chain.book.upsert

    def seen(orders: Sequence[RecordOrder]) -> Any:
        made.extend(order.fields["email"] for order in orders)
        return upsert(orders)

    chain.book.upsert = seen

    last = chain.probe()

    assert last is not None
    assert (last.trouble, last.seconds, last.source) == ("", 2.0, "contact")
    assert chain.door.posted == ["POST http://here/in/contact"]
    assert made == [EMAIL]
    assert (chain.rows("contacts"), chain.rows("tasks")) == (0, 0)
    assert probes.read(chain.store.database).remains["book"] == probes.Remains()


def test_it_is_no_lead_wakes_nobody_and_is_no_sign_of_life_of_the_form(chain: Chain) -> None:
    chain.probe()

    assert chain.world.leads() == []
    assert chain.store.reports.aside("quarantined") == []  # counted, and in nobody's way
    assert chain.store.reports.newest_aside() == []
    (fate,) = chain.store.reports.fates("contact", [_key(chain)]).values()
    assert (fate.state, fate.reason) == ("quarantined", REASON)
    assert arrivals.read(chain.store.database, "contact", 1000) is None


def _key(chain: Chain) -> str:
    claimed = chain.store.inbox.read(1)
    assert claimed is not None
    assert is_probe(claimed.submission)
    return claimed.submission.key


def test_the_next_one_is_sent_when_it_is_due_and_not_before(chain: Chain) -> None:
    chain.probe()
    for _ in range(5):
        chain.clock.advance(minutes=11)
        chain.prober.turn()
    assert len(chain.door.posted) == 1

    chain.clock.advance(minutes=6)
    chain.prober.turn()

    assert len(chain.door.posted) == 2


def test_without_sinks_it_goes_as_far_as_the_planner_and_writes_nowhere(world: World, tmp_path: Path) -> None:
    chain = Chain(world, tmp_path, sinks=())

    last = chain.probe()
    contacts = chain.rows("contacts")
    chain.book.close()

    assert last is not None
    assert (last.trouble, contacts) == ("", 0)


def test_one_that_is_not_planned_in_time_is_told_at_once_and_its_end_too(chain: Chain) -> None:
    assert chain.probe(planned=False) is None
    chain.clock.advance(minutes=5)

    with capture_logs() as logs:
        chain.prober.turn()

    assert [entry["event"] for entry in logs] == ["probe did not arrive"]
    assert chain.health.notes == {"probe:contact": "the door has taken it, and it is not planned"}
    chain.world.plan()
    chain.clock.advance(hours=1)
    last = chain.probe()
    assert last is not None
    assert (last.trouble, chain.health.notes) == ("", {})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"shut": True}, "probe: post: not sent (ConnectTimeout)"),
        ({"status": 503}, "the door answered 503"),
        ({"status": 404}, "the door answered 404"),
    ],
)
def test_a_door_that_does_not_take_it_is_told(chain: Chain, change: dict[str, Any], words: str) -> None:
    for name, value in change.items():
        setattr(chain.door, name, value)

    last = chain.probe()

    assert last is not None
    assert last.trouble == words


def test_a_record_under_its_address_that_no_probe_has_made_is_left_alone(chain: Chain) -> None:
    chain.book.upsert([RecordOrder("L1", LeadKeys("L1", (EMAIL,)), {"email": EMAIL, "last_name": "Somebody"})])

    last = chain.probe()

    assert last is not None
    assert "that no probe has made (contact 1): it is left alone" in last.trouble
    assert chain.rows("contacts") == 1


def test_what_a_daemon_that_died_in_the_middle_left_is_removed_by_the_next_probe(chain: Chain) -> None:
    remove = chain.book.remove

    def die(_: object) -> None:
        raise KeyboardInterrupt

    chain.book.remove = die
    chain.prober.turn()
    chain.world.plan()
    with pytest.raises(KeyboardInterrupt):
        chain.prober.turn()
    assert (chain.rows("contacts"), chain.rows("tasks")) == (1, 1)
    chain.book.remove = remove
    chain.start()
    chain.clock.advance(hours=1)

    last = chain.probe()

    assert last is not None
    assert last.trouble == ""
    assert (chain.rows("contacts"), chain.rows("tasks")) == (0, 0)


def test_a_record_whose_answer_was_lost_is_found_and_removed_by_the_next_probe(chain: Chain) -> None:
    upsert = chain.book.upsert

    def lose(orders: Sequence[RecordOrder]) -> Any:
        upsert(orders)
        raise Ambiguous("book: sent, no answer")

    chain.book.upsert = lose
    first = chain.probe()
    assert first is not None
    assert (first.trouble, chain.rows("contacts")) == ("book: sent, no answer", 1)
    chain.book.upsert = upsert
    chain.clock.advance(hours=1)

    second = chain.probe()

    assert second is not None
    assert (second.trouble, chain.rows("contacts")) == ("", 0)


def test_of_several_daemons_one_probes(chain: Chain) -> None:
    options, door = chain.prober.options, chain.door
    other = Prober(options, chain.form, [], chain.store, "another", chain.health, door)  # type: ignore[arg-type]
    chain.prober.turn()
    chain.clock.advance(seconds=20)

    other.turn()

    assert len(chain.door.posted) == 1


def test_a_source_without_visitors_and_a_sink_that_removes_nothing_are_refused(chain: Chain, world: World) -> None:
    options = chain.prober.options

    with pytest.raises(ConfigError, match=r"probe\.source: contact is no form"):
        Prober(options, object(), [], chain.store, "me", chain.health)
    with pytest.raises(ConfigError, match=r"probe\.sinks: what a probe leaves in crm cannot be removed"):
        Prober(options, chain.form, [world.line], chain.store, "me", chain.health)


def test_only_the_address_of_probes_makes_a_probe() -> None:
    assert is_probe(submission(email=f"p1@{DOMAIN}"))
    assert not is_probe(submission(email="eva@acme.com", message=f"I saw {DOMAIN} somewhere"))
    assert not is_probe(submission(email=f"eva@{DOMAIN}.example.com"))
