"""People of a service are found by address and by id, and who has left is known before long."""

import pytest

from syncd.connector import Directory, Done, OwnerRef, Ref, Refusal
from syncd.testing import FakeClock

EVA = OwnerRef("1", "eva@example.com", "Eva")
GONE = OwnerRef("2", "eva@example.com", "Eva", active=False)
QUEUE = OwnerRef("3", "", "Inbound", queue=True)


class Service:
    """Lists whom it is told to list, and counts how often."""

    def __init__(self, *owners: OwnerRef) -> None:
        self.owners, self.asked = list(owners), 0

    def read(self) -> list[OwnerRef]:
        self.asked += 1
        return self.owners


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.mark.parametrize("listed", [(EVA, GONE), (GONE, EVA)])
def test_who_is_there_comes_before_a_namesake_who_has_left(clock: FakeClock, listed: tuple[OwnerRef, ...]) -> None:
    people = Directory(Service(*listed).read, clock)

    assert people.by_email() == {"eva@example.com": EVA}
    assert people.by_id("2") is GONE


def test_a_queue_without_address_goes_by_the_name_that_the_service_gives_it(clock: FakeClock) -> None:
    service = Service(EVA, QUEUE)

    assert set(Directory(service.read, clock).by_email()) == {"eva@example.com"}
    assert Directory(service.read, clock, lambda owner: owner.name.lower()).by_email() == {"eva": EVA, "inbound": QUEUE}


def test_a_stranger_is_looked_for_again_but_not_more_than_once_a_minute(clock: FakeClock) -> None:
    service = Service()
    people = Directory(service.read, clock)

    strangers = [people.by_id("1"), people.by_id("1")]
    service.owners.append(EVA)
    clock.advance(minutes=1)

    assert strangers == [OwnerRef("1", active=False)] * 2
    assert people.by_id("1") is EVA
    assert service.asked == 2


def test_a_refused_owner_makes_it_look_again_and_nothing_else_does(clock: FakeClock) -> None:
    service = Service(EVA)
    people = Directory(service.read, clock)
    people.by_email()

    harmless = [Done(Ref("lead", "1")), Refusal("no such stage")]
    assert people.heed(harmless) is harmless
    people.by_email()
    before = service.asked
    people.heed([*harmless, Refusal("left", owner=True)])
    people.by_email()

    assert (before, service.asked) == (1, 2)
