"""A sink of parts asks each for what it knows, and for nothing when there is nothing to ask."""

from collections.abc import Iterator, Sequence

from syncd.connector import (
    AssembledSink,
    Budgeted,
    Directory,
    Done,
    Finding,
    LeadKeys,
    NoteOrder,
    Outcome,
    OwnerRef,
    Parts,
    RecordOrder,
    Ref,
    Refusal,
    SignalPage,
    Sink,
    TaskOrder,
)
from syncd.testing import NOON, FakeClock

EVA = OwnerRef("1", "eva@example.com")
RECORD = RecordOrder("lead-1", LeadKeys("lead-1"), {"email": "ada@example.com"}, owner=EVA)
TASK = TaskOrder("t-1", Ref("lead", "7"), "Call her", "", NOON, "UTC", owner=EVA)
NOTE = NoteOrder("n-1", Ref("lead", "7"), "She asked", NOON)


class Service:
    """Every part in one, which remembers what it was asked for; nobody may own anything when Eva has left."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.eva_left = False
        self.wrong = Finding("field key", ok=False, detail="missing", remedy="make it")

    def find(self, leads: Sequence[LeadKeys]) -> list[None]:
        self.asked.append(f"find {len(leads)}")
        return [None] * len(leads)

    def write(self, orders: Sequence[RecordOrder | TaskOrder | NoteOrder]) -> list[Outcome]:
        self.asked.append(f"write {len(orders)}")
        return [Refusal("left", owner=True) if self.eva_left else Done(Ref("thing", "1")) for _ in orders]

    def users(self) -> list[OwnerRef]:
        self.asked.append("users")
        return [] if self.eva_left else [EVA]

    def changes(self, cursor: str | None) -> Iterator[SignalPage]:
        yield SignalPage((), f"after {cursor}")

    def prepare(self, *, apply: bool) -> list[Finding]:
        return [Finding("field size", ok=True), Finding("field key", ok=True, changed=True) if apply else self.wrong]

    def close(self) -> None:
        self.asked.append("close")


class Assembled(AssembledSink):
    batch = 1

    def __init__(self, service: Service) -> None:
        write = service.write
        super().__init__(
            Parts(
                find=service.find,
                upsert=write,
                add_tasks=write,
                add_notes=write,
                owners=Directory(service.users, FakeClock()),
                changes=service.changes,
                setup=service,
                close=service.close,
            )
        )


def test_it_is_a_sink_whose_service_counts_no_calls_unless_it_says_so() -> None:
    sink = Assembled(Service())

    assert isinstance(sink, Sink)
    assert isinstance(sink, Budgeted)
    assert sink.allowance() is None


def test_each_method_asks_its_part() -> None:
    service = Service()
    sink = Assembled(service)

    assert sink.find([LeadKeys("lead-1")]) == [None]
    assert [sink.upsert([RECORD]), sink.add_tasks([TASK]), sink.add_notes([NOTE])] == [[Done(Ref("thing", "1"))]] * 3
    assert sink.owners() == {"eva@example.com": EVA}
    assert [page.cursor for page in sink.changes("5")] == ["after 5"]
    sink.close()
    assert service.asked == ["find 1", "write 1", "write 1", "write 1", "users", "close"]


def test_nothing_to_do_makes_no_call() -> None:
    service = Service()
    sink = Assembled(service)

    assert [sink.find([]), sink.upsert([]), sink.add_tasks([]), sink.add_notes([])] == [[]] * 4
    assert service.asked == []


def test_who_is_refused_as_an_owner_is_looked_up_anew() -> None:
    service = Service()
    sink = Assembled(service)
    sink.owners()

    service.eva_left = True
    sink.add_notes([NOTE])
    before = sink.owners()
    sink.add_tasks([TASK])

    assert (before, sink.owners()) == ({"eva@example.com": EVA}, {})


def test_check_tells_what_prepare_would_have_to_do() -> None:
    service = Service()
    sink = Assembled(service)

    assert sink.check() == [Finding("login", ok=True), service.wrong]
    assert [finding.ok for finding in sink.prepare(apply=True)] == [True, True]
