"""The imap source before a server in trouble: resets, silence, refusals, and mails that cannot be had."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from connectors.sources.imap import Imap, plugin
from syncd.connector import AuthFailed, RateLimited, Retryable, SyncdError
from syncd.testing import NOON, PolledSourceContract
from tests.connectors.imap_world import Read, deliver, mail, senders
from tests.fakes.imap import PASSWORD, FakeImap


@pytest.fixture
def fake() -> Iterator[FakeImap]:
    with FakeImap() as fake:
        yield fake


@pytest.fixture
def read() -> Iterator[Read]:
    with Read() as read:
        yield read


@pytest.fixture
def impatient() -> Iterator[Read]:
    with Read(patience=1) as read:
        yield read


class TestImapContract(PolledSourceContract):
    plugin = plugin
    secrets = (PASSWORD,)

    @pytest.fixture
    def source(self) -> Iterator[Imap]:
        with FakeImap() as self.fake, Read(patience=1) as self.read:
            deliver(self.fake, *range(1, 9))
            yield self.read(self.fake).source

    def let_time_pass(self, time: timedelta) -> None:
        self.read.clock.advance(seconds=time.total_seconds())

    def refuse_login(self) -> None:
        self.fake.manners.password = "another"

    def slow_down(self) -> None:
        self.fake.manners.login_answer = "[LIMIT] Too many simultaneous connections."

    def fall_silent(self) -> None:
        self.fake.manners.silent = True

    def mend(self) -> None:
        self.fake.manners.password, self.fake.manners.login_answer, self.fake.manners.silent = PASSWORD, "", False


def polls(poll: Callable[[], object], times: int = 30) -> int:
    """Until one goes well; how many did not."""
    for failed in range(times):
        try:
            poll()
        except Retryable:
            continue
        return failed
    raise AssertionError(f"{times} polls failed")


@pytest.mark.parametrize("kind", ["resets", "cuts"])
def test_a_line_that_breaks_at_any_command_costs_a_poll_and_no_mail(fake: FakeImap, read: Read, kind: str) -> None:
    deliver(fake, *range(1, 8))
    whole = read(fake, folders=["INBOX"])
    whole.poll()
    commands = fake.count

    for number in range(1, commands + 1):
        fake.commands.clear()
        mailbox = read(fake)
        getattr(fake.manners, kind).add(number)
        failed = polls(mailbox.poll)
        getattr(fake.manners, kind).clear()

        assert mailbox.keys == whole.keys
        assert failed == 1 or kind == "cuts"  # a short answer is not cut


def test_a_line_that_breaks_between_two_polls_is_not_worth_a_word(fake: FakeImap, read: Read) -> None:
    mailbox = read(fake)
    mailbox.poll()

    fake.drop()
    deliver(fake, 1)

    assert senders(mailbox.poll()) == [1]


@pytest.mark.parametrize("number", [1, 2])
def test_a_line_that_breaks_while_mails_are_tidied_up_leaves_none_behind(
    fake: FakeImap, read: Read, number: int
) -> None:
    deliver(fake, 1, 2, 3)
    mailbox = read(fake, move_to="Done", flag=r"\Seen")
    mailbox.poll()
    deliver(fake, 4, 5)
    fake.commands.clear()
    fake.manners.resets.add(5 + number)  # STORE is the sixth, MOVE the seventh

    failed = polls(mailbox.poll)
    polls(mailbox.poll)

    assert (failed, senders(mailbox.kept)) == (1, [1, 2, 3, 4, 5])
    assert fake.held() == []
    assert len(fake.held("Done")) == 5


def test_listening_on_a_dead_line_raises_nothing_and_ends_it(fake: FakeImap, read: Read) -> None:
    mailbox = read(fake)
    mailbox.poll()
    mailbox.source.listen(0.01)

    fake.drop()
    heard = [mailbox.source.listen(0.05) for _ in range(3)]
    deliver(fake, 1)

    assert heard == [False, False, False]
    assert senders(mailbox.poll()) == [1]


def test_a_server_without_idle_is_polled(fake: FakeImap, read: Read) -> None:
    fake.manners.capabilities.remove("IDLE")
    mailbox = read(fake)
    mailbox.poll()

    assert not mailbox.source.listen(0.05)
    assert "IDLE" not in fake.commands


def test_a_wrong_password_is_not_tried_again_for_a_while(fake: FakeImap, read: Read) -> None:
    mailbox = read(fake, password="wrong-canary")

    for _ in range(5):
        with pytest.raises(AuthFailed, match="AUTHENTICATIONFAILED") as raised:
            mailbox.poll()
        read.clock.advance(minutes=3)

    assert fake.commands["LOGIN"] == 2
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("[UNAVAILABLE] user backend is down", Retryable),
        ("[ALERT] Too many simultaneous connections. (Failure)", RateLimited),
        ("[ALERT] Application-specific password required", AuthFailed),
        ("[CONTACTADMIN] locked", AuthFailed),
        ("LOGIN failed.", AuthFailed),
    ],
)
def test_the_words_of_a_refused_login_say_what_happens_next(
    fake: FakeImap, read: Read, answer: str, kind: type[SyncdError]
) -> None:
    fake.manners.login_answer = answer

    with pytest.raises(kind):
        read(fake).poll()


@pytest.mark.parametrize("bulk_fails", [True, False])
def test_one_mail_that_the_server_does_not_hand_over_is_parked_alone(
    fake: FakeImap, read: Read, bulk_fails: bool
) -> None:
    deliver(fake, *range(1, 6))
    fake.manners.cannot_give, fake.manners.bulk_fails = {3}, bulk_fails

    found = read(fake).poll()

    assert senders(found) == [1, 2, 3, 4, 5]
    assert [bool(one.problem) for one in found] == [False, False, True, False, False]
    assert found[2].problem == (
        "the mail server does not hand it over (imap: FETCH in INBOX: refused with SERVERBUG); UID 3 in INBOX"
    )


def test_a_server_that_is_busy_with_one_mail_is_asked_again_later(fake: FakeImap, read: Read) -> None:
    deliver(fake, 1, 2)
    fake.manners.cannot_give, fake.manners.give_answer = {2}, "[INUSE] somebody writes into it"
    mailbox = read(fake)
    with pytest.raises(Retryable):
        mailbox.poll()

    fake.manners.cannot_give.clear()
    mailbox.poll()

    assert senders(mailbox.kept) == [1, 2]
    assert not any(one.problem for one in mailbox.kept)


def test_without_move_and_uidplus_only_ours_are_marked_and_nothing_is_expunged(fake: FakeImap, read: Read) -> None:
    fake.manners.capabilities = ["IMAP4rev1", "AUTH=PLAIN"]
    fake.deliver(mail(1), flags=[r"\Deleted"])  # somebody else's, who may still change their mind
    mailbox = read(fake, history="skip", move_to="Done")
    mailbox.poll()

    deliver(fake, 2)
    mailbox.poll()

    assert [r"\Deleted" in flags for flags, _, _ in fake.held()] == [True, True]
    assert [raw for _, raw, _ in fake.held("Done")] == [mail(2)]
    assert "EXPUNGE" not in fake.commands


def test_without_move_ours_alone_are_expunged_where_that_can_be_said(fake: FakeImap, read: Read) -> None:
    fake.manners.capabilities.remove("MOVE")
    fake.deliver(mail(1), flags=[r"\Deleted"])
    mailbox = read(fake, history="skip", move_to="Done")
    mailbox.poll()

    deliver(fake, 2)
    mailbox.poll()

    assert [raw for _, raw, _ in fake.held()] == [mail(1)]
    assert [raw for _, raw, _ in fake.held("Done")] == [mail(2)]


def test_a_mail_that_is_taken_away_while_it_is_read_is_left_out(fake: FakeImap, read: Read) -> None:
    deliver(fake, 1, 2, 3)
    mailbox = read(fake)
    fetch = mailbox.source.pages(None)
    next(fetch)  # the first look

    with fake.account.changed:
        del fake.account.folders["INBOX"].messages[1]
    found = [one for page in fetch for one in page.submissions]

    assert senders(found) == [1, 3]


def test_more_mails_than_a_page_holds_come_in_pages_each_with_its_place(fake: FakeImap, read: Read) -> None:
    deliver(fake, *range(1, 121))
    source = read(fake).source

    pages = [(senders(page.submissions), page.cursor) for page in source.pages(None) if page.submissions]

    assert [len(found) for found, _ in pages] == [50, 50, 20]
    rest = read(fake)
    rest.cursor = pages[0][1]
    assert senders(rest.poll()) == list(range(51, 121))


def test_a_page_holds_no_more_than_eight_mebibytes_unless_one_mail_does(fake: FakeImap, read: Read) -> None:
    for number in range(1, 6):
        fake.deliver(mail(number, "x" * (3 << 20 if number < 5 else 9 << 20)))

    pages = [senders(page.submissions) for page in read(fake).source.pages(None) if page.submissions]

    assert pages == [[1, 2], [3, 4], [5]]


@pytest.mark.parametrize("cursor", ["2026-11-22T10:00:00+00:00", "{}", "[1]", '{"INBOX": 3}', "\x00"])
def test_a_cursor_of_another_source_is_a_first_look(fake: FakeImap, read: Read, cursor: str) -> None:
    deliver(fake, 1)
    mailbox = read(fake)
    mailbox.cursor = cursor

    assert senders(mailbox.poll()) == [1]


def test_a_clock_that_is_ahead_does_not_hide_what_comes(fake: FakeImap, read: Read) -> None:
    fake.deliver(mail(1), at=NOON + timedelta(days=400))
    mailbox = read(fake, folders=["INBOX"])
    mailbox.poll()

    deliver(fake, 2)
    fake.renumber()

    assert senders(mailbox.poll()) == [1, 2]


def _hostile() -> list[Any]:
    lines = [
        b"* 1 FETCH (UID 99999999999999 RFC822.SIZE x)",
        b"* 1 FETCH",
        b"* BYE",
        b"\xff\xfe\x00",
        b"* SEARCH 1 two 3",
        b"* OK [UIDVALIDITY x] no",
        b"* 9 FETCH (BODY[] {4}",
        b"+ ",
        b"* LIST",
    ]
    return [pytest.param(line, id=repr(line)) for line in lines]


@pytest.mark.parametrize("line", _hostile())
def test_what_makes_no_sense_never_crashes(fake: FakeImap, impatient: Read, line: bytes) -> None:
    deliver(fake, 1, 2)
    fake.manners.before_answer = line
    mailbox = impatient(fake)

    with suppress(SyncdError):
        mailbox.poll()
    mailbox.source.listen(0.01)
    mailbox.source.check()
    fake.manners.before_answer = b""

    polls(mailbox.poll)
    assert {1, 2} <= set(senders(mailbox.kept))
