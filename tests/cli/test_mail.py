"""`syncd mail pipe`: kept before it ends with 0, and anything else is 75, so that the mail server tries again."""

from contextlib import closing
from pathlib import Path

import pytest

from syncd.clock import SystemClock
from syncd.store.store import Store
from tests.cli.office import Office, settle

LATER = 75
MAIL = (
    b"From: Ada Beispiel <ada@acme-werke.com>\r\nTo: sales@shop.example.com\r\nSubject: Offer\r\n"
    b"Message-ID: <m1@acme-werke.com>\r\nDate: Fri, 20 Nov 2026 09:30:00 +0000\r\n\r\n"
    b"Hello,\r\n\r\nwhat is the price for ten people?\r\n\r\nAda Beispiel\r\n"
)


@pytest.fixture
def piped(office: Office, database_url: str) -> Office:
    office.change("sqlite:///data/syncd.db", database_url)
    office.change("  contact: {type: form", "  box: {type: mail}\n  contact: {type: form")
    return office


def test_a_mail_is_kept_once_beside_a_running_daemon_and_lands(piped: Office, database_url: str) -> None:
    with closing(Store(database_url, SystemClock(), lambda: ["book"])) as daemon:
        daemon.open()
        daemon.own()

        piped.run("mail", "pipe", "--source", "box", given=MAIL)
        piped.run("mail", "pipe", "--source", "box", given=MAIL.replace(b"\r\n", b"\n"))

        assert daemon.inbox.waiting()[0] == 1
    with piped.app() as built:
        settle(built)
    assert "Owner: Tom Test, by rule “pricing”" in piped.run("why", "ada@acme-werke.com")


def test_without_a_word_the_only_source_that_takes_mails_keeps_it(piped: Office) -> None:
    piped.run("mail", given=MAIL)

    with piped.app() as built:
        assert built.store.inbox.waiting()[0] == 1


def test_of_several_mailboxes_one_has_to_be_named(piped: Office) -> None:
    piped.change("box: {type: mail}", "box: {type: mail}\n  other: {type: mail}")

    assert "say --source: box, other" in piped.run("mail", "pipe", given=MAIL, code=LATER).err


def test_what_is_no_mail_at_all_is_kept_for_a_person_and_never_refused(piped: Office) -> None:
    piped.run("mail", "pipe", "--source", "box", given=b"\x00\xff nobody knows what this is")

    with piped.app() as built:
        assert built.store.inbox.waiting()[0] + len(built.store.reports.parked()) == 1


def test_of_a_mail_over_the_limit_the_head_is_kept(piped: Office) -> None:
    piped.change("box: {type: mail}", "box: {type: mail, largest: 1}")

    piped.run("mail", "pipe", "--source", "box", given=MAIL + b"x" * (1 << 20))

    with piped.app() as built:
        kept = built.store.inbox.read(1)
        assert kept
        assert kept.submission.problem == "larger than 1 MiB: only its head is kept"
        assert kept.submission.raw == MAIL.partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("type: local", "type: lcoal"),
        ("box: {type: mail}", "box: {type: form}"),
        ("box: {type: mail}", "inbox: {type: mail}"),
        ("sqlite:///data/syncd.db", "postgresql://nobody@127.0.0.1:1/none"),
        ("sqlite:///data/syncd.db", "sqlite:////proc/none/syncd.db"),
    ],
)
def test_a_mistake_in_the_config_sends_no_mail_back(office: Office, old: str, new: str) -> None:
    office.change("  contact: {type: form", "  box: {type: mail}\n  contact: {type: form")
    office.change(old, new)

    said = office.run("mail", "pipe", "--source", "box", given=MAIL, code=LATER)

    assert said.err
    assert "ada@" not in said.err


def test_a_missing_config_sends_no_mail_back(office: Office, tmp_path: Path) -> None:
    office.run("mail", "pipe", "--source", "box", "--config", tmp_path / "none.yaml", given=MAIL, code=LATER)


def test_an_empty_mail_is_asked_for_again(piped: Office) -> None:
    piped.run("mail", "pipe", "--source", "box", given=b"\n", code=LATER)
