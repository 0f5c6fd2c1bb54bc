"""A provider that has switched its webhook off is told the next day, and set up again where the config says so."""

from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from syncd.connector import Hook
from syncd.errors import AuthFailed, SyncdError
from syncd.run.bell import Bell
from syncd.run.health import Health
from syncd.run.hooks import Hooks
from syncd.run.intake import Intake
from syncd.store.store import Store
from syncd.testing.clock import FakeClock

URL = "https://leads.acme.example/in/demo"


class FakeProvider:
    hooked = True

    def __init__(self) -> None:
        self.told = [Hook("1", URL)]
        self.trouble: SyncdError | None = None
        self.made: list[str] = []

    def hooks(self) -> Sequence[Hook]:
        return self.told

    def hook_up(self, url: str) -> None:
        if self.trouble:
            raise self.trouble
        self.made.append(url)
        self.told = [Hook("2", url)]


@pytest.fixture
def provider() -> FakeProvider:
    return FakeProvider()


def looking(store: Store, provider: FakeProvider, holder: str = "me", *, keep: bool = False) -> Hooks:
    health = Health(store, Intake(store.inbox, Bell()), list)
    return Hooks("demo", provider, URL, store.database, health, holder, keep=keep)


def events(hooks: Hooks) -> list[str]:
    """What somebody may have to act on."""
    with capture_logs() as told:
        hooks.turn()
    return [line["event"] for line in told if line["log_level"] == "warning"]


def test_one_that_was_switched_off_is_told_once_and_stands_in_the_report_until_it_is_on(
    store: Store, clock: FakeClock, provider: FakeProvider
) -> None:
    hooks = looking(store, provider)
    assert events(hooks) == []
    provider.told = [Hook("1", URL, active=False)]

    clock.advance(hours=23)
    assert events(hooks) == []
    clock.advance(hours=1)
    assert events(hooks) == ["webhook needs attention"]
    assert hooks.health.notes == {"source:demo:webhook": "the provider has switched it off"}
    clock.advance(hours=1)
    assert events(hooks) == []

    provider.told = [Hook("1", URL)]
    clock.advance(hours=1)
    assert events(hooks) == []
    assert (hooks.health.notes, provider.made) == ({}, [])


def test_with_keep_it_is_set_up_again(store: Store, provider: FakeProvider) -> None:
    provider.told = [Hook("9", "https://elsewhere.example/in/demo")]
    hooks = looking(store, provider, keep=True)

    assert events(hooks) == ["webhook set up again"]
    assert (provider.made, hooks.health.notes) == ([URL], {})


def test_what_cannot_be_set_up_again_is_told_and_tried_again(
    store: Store, clock: FakeClock, provider: FakeProvider
) -> None:
    provider.told, provider.trouble = [], AuthFailed("demo: the token may not")
    hooks = looking(store, provider, keep=True)

    assert events(hooks) == ["webhook needs attention"]
    assert hooks.health.notes["source:demo:webhook"] == (
        f"nothing posts to {URL}; not set up again: demo: the token may not"
    )

    provider.trouble = None
    clock.advance(hours=1)
    assert events(hooks) == ["webhook set up again"]
    assert hooks.health.notes == {}


def test_of_two_daemons_one_looks_and_both_report(store: Store, clock: FakeClock, provider: FakeProvider) -> None:
    provider.told = []
    first, second = looking(store, provider), looking(store, provider, "another")

    assert (events(first), events(second)) == (["webhook needs attention"], [])
    clock.advance(minutes=5)  # the first one has ended
    assert events(second) == []
    assert "source:demo:webhook" in second.health.notes


def test_what_posts_to_an_address_that_is_not_told_counts(store: Store, provider: FakeProvider) -> None:
    provider.told = [Hook("app", active=True)]

    assert events(looking(store, provider)) == []
