"""The imap source before two servers, our strict fake and a real Dovecot: what it reads, and what it leaves behind."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from syncd.connector import Refused
from syncd.testing import NOON
from tests.connectors.imap_world import Read, Reading, Server, deliver, mail, senders
from tests.fakes.imap import FakeImap
from tests.fakes.imap.dovecot import Dovecot, needs_dovecot

HUGE = 25 * 2**20


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with TemporaryDirectory() as folder:  # a short path: sockets lie in it
        running = Dovecot(Path(folder))
        yield running
        running.stop()


@pytest.fixture(params=["fake", pytest.param("dovecot", marks=needs_dovecot)])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    if request.param == "dovecot":
        yield request.getfixturevalue("dovecot").fresh()
    else:
        with FakeImap() as fake:
            yield fake


@pytest.fixture
def read() -> Iterator[Read]:
    with Read() as read:
        yield read


def test_all_mails_come_once_and_stay_as_they_were(server: Server, read: Read) -> None:
    deliver(server, 1, 2, 3)
    before = server.held()
    mailbox = read(server)

    first, second = mailbox.poll(), mailbox.poll()

    assert (senders(first), senders(second)) == ([1, 2, 3], [])
    assert len({one.key for one in first}) == 3
    assert [(flags - {r"\Recent"}, raw) for flags, raw, _ in server.held()] == [
        (flags - {r"\Recent"}, raw) for flags, raw, _ in before
    ]


def test_what_a_person_has_read_meanwhile_comes_all_the_same(server: Server, read: Read) -> None:
    mailbox = read(server, history="skip")
    mailbox.poll()
    server.deliver(mail(1), flags=[r"\Seen", r"\Answered"])

    assert senders(mailbox.poll()) == [1]


def test_history_skip_leaves_what_was_there_before(server: Server, read: Read) -> None:
    deliver(server, 1, 2)
    mailbox = read(server, history="skip")

    before = mailbox.poll()
    deliver(server, 3)

    assert (before, senders(mailbox.poll())) == ([], [3])


def test_history_from_a_day_on_takes_what_came_in_since_and_all_that_comes_later(server: Server, read: Read) -> None:
    deliver(server, 1, at=NOON - timedelta(days=9))
    deliver(server, 2, at=NOON - timedelta(days=2))
    deliver(server, 3, at=NOON - timedelta(days=8))
    mailbox = read(server, history=f"{NOON - timedelta(days=4):%Y-%m-%d}")

    first = mailbox.poll()
    deliver(server, 4, at=NOON - timedelta(days=30))  # somebody has moved an old one into the folder

    assert (senders(first), senders(mailbox.poll())) == ([2], [4])


def test_after_a_change_of_uidvalidity_everything_has_its_old_key(server: Server, read: Read) -> None:
    server.make("Leads")
    deliver(server, 1, 2, 3, folder="Leads")
    mailbox = read(server, folders=["Leads"])
    known = {one.key for one in mailbox.poll()}

    server.renumber("Leads")
    deliver(server, 4, folder="Leads")
    again = mailbox.poll()

    assert {one.key for one in again} > known
    assert senders(one for one in again if one.key not in known) == [4]
    assert mailbox.poll() == []


def test_a_change_of_uidvalidity_brings_nothing_that_history_had_skipped(server: Server, read: Read) -> None:
    server.make("Leads")
    deliver(server, 1, 2, folder="Leads", at=NOON - timedelta(days=3))
    mailbox = read(server, folders=["Leads"], history="skip")
    mailbox.poll()

    deliver(server, 3, folder="Leads", at=NOON + timedelta(minutes=1))
    server.renumber("Leads")
    read.clock.advance(minutes=5)

    assert senders(mailbox.poll()) == [3]


def test_a_look_back_brings_what_came_in_since_then_and_touches_neither_mails_nor_the_poll(
    server: Server, read: Read
) -> None:
    deliver(server, 1, at=NOON - timedelta(days=9))
    deliver(server, 2, 3, at=NOON - timedelta(days=2))
    mailbox = read(server, history="skip", move_to="Done")
    mailbox.poll()
    deliver(server, 4)

    pages = list(mailbox.source.pages(mailbox.source.since(NOON - timedelta(days=4))))

    assert senders(one for page in pages for one in page.submissions) == [2, 3, 4]
    assert {(page.cursor, page.settle) for page in pages} == {(None, None)}
    assert senders(mailbox.poll()) == [4]


def test_mails_are_flagged_and_moved_only_after_the_commit(server: Server, read: Read) -> None:
    deliver(server, 1, 2)
    mailbox = read(server, move_to="Fertig & öde", flag=r"\Flagged")
    pages = [page for page in mailbox.source.pages(None) if page.submissions]
    untouched = server.held()

    for page in pages:
        assert page.settle
        page.settle()

    assert len(untouched) == 2
    assert all(r"\Flagged" not in flags for flags, _, _ in untouched)
    assert server.held() == []
    moved = server.held("Fertig & öde")
    assert [(raw, r"\Flagged" in flags, r"\Seen" in flags) for flags, raw, _ in moved] == [
        (mail(1), True, False),
        (mail(2), True, False),
    ]


def test_what_a_crash_left_untidied_is_tidied_up_by_the_next_start(server: Server, read: Read) -> None:
    deliver(server, 1, 2)
    mailbox = read(server, move_to="Done")
    for page in mailbox.source.pages(None):
        mailbox.commit(page)  # and the daemon is killed before it tidies up
    mailbox.source.close()
    after = Reading(read(server, move_to="Done").source, mailbox.cursor)

    again = after.poll()

    assert (again, server.held(), len(server.held("Done"))) == ([], [], 2)


def test_several_folders_have_places_of_their_own(server: Server, read: Read) -> None:
    server.make("Leads")
    deliver(server, 1, 2)
    deliver(server, 3, folder="Leads")
    mailbox = read(server, folders=["INBOX", "Leads"])
    first = mailbox.poll()

    deliver(server, 4, folder="Leads")
    deliver(server, 5)

    assert (senders(first), senders(mailbox.poll())) == ([1, 2, 3], [5, 4])


def test_a_folder_is_found_by_its_use(server: Server, read: Read) -> None:
    if isinstance(server, FakeImap):
        server.make("Archive", r"\All")
    mailbox = read(server, folders=[r"\All"])
    mailbox.poll()

    deliver(server, 1, folder="Archive")

    assert senders(mailbox.poll()) == [1]


def test_a_folder_that_is_not_there_is_told_and_does_not_hide_the_others(server: Server, read: Read) -> None:
    deliver(server, 1)
    mailbox = read(server, folders=["Nowhere", "INBOX"])

    with pytest.raises(Refused, match="Nowhere"):
        mailbox.poll()

    assert senders(mailbox.kept) == [1]
    findings = {one.what: one for one in mailbox.source.check()}
    assert not findings["folder Nowhere"].ok
    assert "INBOX" in findings["folder Nowhere"].remedy
    assert findings["folder INBOX"].detail == "1 mails in INBOX"


def test_a_draft_is_no_arrival(server: Server, read: Read) -> None:
    server.deliver(mail(1), flags=[r"\Draft"])
    deliver(server, 2)
    mailbox = read(server)

    assert senders(mailbox.poll()) == [2]


def test_a_mail_over_the_limit_is_parked_with_its_headers_alone(server: Server, read: Read) -> None:
    deliver(server, 1)
    server.deliver(mail(2, "x" * (1 << 20)))
    deliver(server, 3)
    mailbox = read(server, largest=1)

    found = mailbox.poll()

    assert senders(found) == [1, 2, 3]
    assert [bool(one.problem) for one in found] == [False, True, False]
    assert found[1].problem == "larger than 1 MiB: only its head is kept; UID 2 in INBOX"
    assert len(found[1].raw) < 1000


def test_new_mail_is_heard_of_at_once(server: Server, read: Read) -> None:
    mailbox = read(server)
    mailbox.poll()
    assert not mailbox.source.listen(0.05)
    coming = threading.Timer(0.2, deliver, (server, 1))
    coming.start()

    began = time.monotonic()
    heard = any(mailbox.source.listen(1) for _ in range(10))

    assert heard
    assert time.monotonic() - began < 5
    assert senders(mailbox.poll()) == [1]
    coming.join()


def test_mail_that_came_between_the_poll_and_the_listening_is_heard_of(server: Server, read: Read) -> None:
    server.make("Leads")
    mailbox = read(server, folders=["INBOX", "Leads"])
    mailbox.poll()

    deliver(server, 1)

    assert any(mailbox.source.listen(1) for _ in range(5))


def test_the_line_may_be_in_idle_when_the_next_poll_is_due(server: Server, read: Read) -> None:
    mailbox = read(server)
    mailbox.poll()
    mailbox.source.listen(0.05)

    deliver(server, 1)

    assert senders(mailbox.poll()) == [1]
