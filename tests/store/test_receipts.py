"""A second copy of what was taken in, from which a lost store is made whole."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from syncd.errors import StoreBusy
from syncd.model import Submission
from syncd.store.inbox import Inbox, rebuilt
from syncd.store.receipts import Reading, Receipts, read
from syncd.store.schema import orders
from syncd.testing.clock import FakeClock
from tests.world import World, submission


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def receipts(tmp_path: Path, clock: FakeClock) -> Iterator[Receipts]:
    made = Receipts(tmp_path / "receipts", clock, days=7)
    yield made
    made.close()


def told(folder: Path) -> tuple[list[Submission], Reading]:
    reading = Reading()
    return list(read(folder, reading)), reading


def the_file(receipts: Receipts) -> Path:
    (file,) = receipts.folder.iterdir()
    return file


def three(receipts: Receipts) -> list[Submission]:
    given = [submission(str(number), message=f'{{"source":"trap {number}"}}') for number in range(3)]
    for each in given:
        receipts.keep([each])
    return given


def test_what_was_kept_reads_back_as_it_was(receipts: Receipts) -> None:
    odd = replace(submission("\udc80 odd"), raw=bytes(range(256)), window=timedelta(hours=1), problem="no e-mail")
    receipts.keep([submission("1"), odd])

    found, reading = told(receipts.folder)

    assert found == [submission("1"), replace(odd, key=found[1].key)]
    assert (reading.read, reading.damaged) == (2, [])


@pytest.mark.parametrize("at", range(1, 40, 3))
def test_frame_that_was_cut_off_costs_nobody_else(receipts: Receipts, at: int) -> None:
    first, second, _ = three(receipts)
    file = the_file(receipts)
    whole = file.read_bytes()
    third = whole.rindex(b'{"source":') - 8
    file.write_bytes(whole[: third + at])
    receipts.keep([second])

    found, reading = told(receipts.folder)

    assert found == [first, second, second]
    assert len(reading.damaged) == 1


@settings(max_examples=60)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_changed_bit_costs_the_frame_it_is_in_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, place: float, bit: int
) -> None:
    receipts = Receipts(tmp_path_factory.mktemp("receipts"), FakeClock(), days=7)
    given = three(receipts)
    file = the_file(receipts)
    content = bytearray(file.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    file.write_bytes(bytes(content))

    found, reading = told(receipts.folder)
    receipts.close()

    assert [each for each in given if each in found] == found
    assert (len(found), len(reading.damaged)) == (2, 1)


def test_files_are_for_their_owner_and_go_after_some_days(receipts: Receipts, clock: FakeClock) -> None:
    receipts.keep([submission("1")])
    assert the_file(receipts).stat().st_mode & 0o077 == 0

    clock.advance(days=7)
    receipts.keep([submission("2")])
    assert len(list(receipts.folder.iterdir())) == 2
    clock.advance(days=1)
    receipts.keep([submission("3")])

    assert [each.key for each in told(receipts.folder)[0]] == ["2", "3"]


def test_nothing_is_accepted_that_has_no_receipt(world: World, tmp_path: Path) -> None:
    (tmp_path / "receipts").write_text("a file where the folder should be")
    inbox = Inbox(world.store.database, Receipts(tmp_path / "receipts", world.clock, days=7))

    with pytest.raises(StoreBusy, match="the receipts cannot be written"):
        inbox.accept([submission("1")])
    with pytest.raises(StoreBusy, match="the receipts cannot be written"):
        inbox.probe()

    assert world.store.inbox.claim(10)[1] == []


def test_repeats_and_what_is_there_already_are_not_taken_in_again(world: World, receipts: Receipts) -> None:
    inbox = Inbox(world.store.database, receipts)
    inbox.accept([submission("1"), submission("2"), submission("1")])

    accepted = inbox.rebuild([*told(receipts.folder)[0], submission("3")])

    assert (accepted.new, accepted.repeated) == (1, 3)


def test_what_was_mended_is_mended_in_a_store_that_was_put_back(world: World, receipts: Receipts) -> None:
    world.store.inbox.accept([replace(submission("1"), problem="line 2: no")])
    receipts.keep([replace(submission("1", name="Eva"), mends=True)])

    accepted = world.store.inbox.rebuild(told(receipts.folder)[0])

    assert (accepted.new, accepted.mended) == (0, 1)
    with world.store.database.read() as tx:
        assert rebuilt(tx)[0] == (1, 1)


def test_what_came_back_may_be_in_the_crm_and_is_looked_for_before_it_is_sent(world: World) -> None:
    world.receive(submission("1"))
    world.store.inbox.rebuild([replace(submission("2", email="ben@other.com"), received_at=world.clock.now())])
    world.plan()

    with world.store.database.read() as tx:
        rows = tx.execute(select(orders.c.submission_id, orders.c.kind, orders.c.doubt_at.is_not(None))).all()
    assert {(number, doubted) for number, _, doubted in rows} == {(1, False), (2, True)}
    assert {kind for _, kind, _ in rows} == {"record", "task", "note"}
    world.dispatch()
    assert (len(world.crm.records), len(world.crm.tasks), len(world.crm.notes)) == (2, 2, 2)
