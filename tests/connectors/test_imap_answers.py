"""What servers answer to FETCH, in all the forms that the grammar allows."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.sources.imap.answers import Given, bodies, heads
from connectors.sources.imap.places import Place, Places, back_to, looking_back
from syncd.testing import NOON

HEAD = b'1 (UID 7 RFC822.SIZE 120 INTERNALDATE "02-Mar-2026 10:00:00 +0100" FLAGS (\\Seen $Junk))'


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([(b"1 (UID 7 BODY[] {5}", b"hello"), b")"], {7: b"hello"}),
        ([(b"1 (BODY[] {5}", b"hello"), b" UID 7)"], {7: b"hello"}),
        ([(b"1 (BODY[] {5}", b"hello"), b" FLAGS (\\Seen) UID 7)"], {7: b"hello"}),
        ([(b"1 (UID 7 BODY[] {0}", b""), b")"], {7: b""}),
        ([b'1 (UID 7 BODY[] "he said \\"hi\\"")'], {7: b'he said "hi"'}),
        ([b'1 (UID 7 BODY[HEADER] "From: a")'], {7: b"From: a"}),
        ([b"1 (UID 7 BODY[] NIL)"], {}),
        ([b"3 (FLAGS (\\Seen) UID 9)", (b"1 (UID 7 BODY[] {2}", b"ab"), b")", b"4 (FLAGS ())"], {7: b"ab"}),
        ([(b"1 (UID 7 BODY[] {2}", b"ab"), b")", (b"2 (UID 8 BODY[] {2}", b"UID 7"), b")"], {7: b"ab", 8: b"UID 7"}),
        ([None], {}),
        ([], {}),
    ],
)
def test_bodies_are_found_wherever_the_uid_stands(given: Given, found: dict[int, bytes]) -> None:
    assert bodies(given) == found


def test_a_head_has_its_time_in_utc_and_its_flags_in_lower_case() -> None:
    (head,) = heads([HEAD], NOON)

    assert (head.uid, head.size) == (7, 120)
    assert head.at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert head.flags == {"\\seen", "$junk"}


@pytest.mark.parametrize("date", [b"", b"yesterday", b"32-Foo-2026 10:00:00 +0100", b"02-Mar-2036 10:00:00 +0000"])
def test_a_date_that_cannot_be_or_is_to_come_is_now(date: bytes) -> None:
    (head,) = heads([HEAD.replace(b"02-Mar-2026 10:00:00 +0100", date)], NOON)

    assert head.at == NOON


def test_news_of_flags_alone_is_no_head() -> None:
    assert list(heads([b"3 (FLAGS (\\Seen) UID 9)", HEAD], NOON)) == list(heads([HEAD], NOON))


def test_a_cursor_comes_back_as_it_was() -> None:
    day = timedelta(days=1)
    places = Places(
        {
            "INBOX": Place(7, 12, NOON - day, NOON, left=(11, 12)),
            "Später & mehr": Place(8, 0, NOON - day, NOON, until=4, since=NOON - 2 * day),
        }
    )

    assert Places.of(places.cursor()) == places


def test_a_look_back_is_a_cursor_of_its_own() -> None:
    assert back_to(looking_back(NOON)) == NOON
    assert back_to(Places({"INBOX": Place(7, 12, NOON, NOON)}).cursor()) is None
    assert back_to(None) is None
