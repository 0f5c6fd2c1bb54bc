"""A thin slice of `make fuzz` with every run of the tests; the seed is the day's, so that it is not always the same."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.battery import fuzz
from tests.battery.canaries import WHSEC, Canaries, Person, secret
from tests.battery.hostile.daemon import Attacked
from tests.battery.hostile.openapi import Api

SEED = datetime.now(UTC).date().toordinal()


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """After all that it must live, have told nothing, and account for every 200."""
    with Attacked(tmp_path_factory.mktemp("fuzz")) as running:
        yield running
        running.settle()
        assert list(running.verdict()) == [], f"seed {SEED}"


@pytest.mark.process
@pytest.mark.timeout(300)
def test_damaged_requests_to_every_door_are_answered_and_tell_nothing(daemon: Attacked) -> None:
    assert fuzz.attack(daemon, SEED, 300).wrong == [], f"seed {SEED}"


@pytest.mark.process
@pytest.mark.timeout(300)
def test_the_daemon_is_what_its_openapi_says(daemon: Attacked) -> None:
    api = Api(daemon)

    assert list(api.run(SEED, 50)) == [], f"seed {SEED}"
    assert api.cases >= 50


def test_damaged_bodies_in_every_parser_are_read_or_refused() -> None:
    _, wrong = fuzz.parsers(SEED, 1_500)

    assert wrong == [], f"seed {SEED}"


ADA = Person(7)


@pytest.mark.parametrize(
    "text",
    [
        f"token={secret('hook')}", WHSEC, "Basic c3luY2Q6Wng5Q2FuYXJ5N0Jhc2ljUXY0a0xtODI=", f"user%3D{secret('basic')}",
        f"from {ADA.email}", "KANARINA%20ZWITSCHERVOGEL7", f"call {ADA.phone}", "call +49-30-55700007", ADA.message,
    ],
)  # fmt: skip
def test_canaries_are_found_in_every_form(text: str) -> None:
    assert list(Canaries().found([("log", text)]))


@pytest.mark.parametrize(
    "reply",
    [
        "Traceback (most recent call last):",
        'File "x',
        "/usr/lib/python3/site-packages/x",
        "in web.py",
        "no /data/here/x.db",
    ],
)
def test_the_insides_of_the_program_are_found_in_replies(reply: str) -> None:
    assert list(Canaries(folder="/data/here").told("reply", reply))


@pytest.mark.parametrize(
    "text", ["ok\n", "not authenticated", "[hidden] asked", "s12 o7", '{"took_ms": 83, "id": 4930557}']
)
def test_ordinary_words_are_no_canaries(text: str) -> None:
    assert not list(Canaries(folder="/data/here").told("reply", text))
