"""Health: red when nothing can be kept durably; everything else is told and takes nothing away."""

from datetime import timedelta

import pytest

from syncd.run.health import Health
from syncd.store.store import Store
from tests.together import busy


class Part:
    """An intake or a loop, as far as health looks at one."""

    def __init__(self, name: str = "intake") -> None:
        self.name, self.alive, self.trouble, self.hangs, self.closed_for = name, True, "", "", ""


@pytest.fixture
def parts(store: Store) -> tuple[Health, Part, Part]:
    intake, loop = Part(), Part("planner")
    return Health(store, intake, lambda: [loop]), intake, loop  # type: ignore[arg-type, list-item]


def test_all_well(parts: tuple[Health, Part, Part]) -> None:
    health, _, _ = parts

    assert health.alive()
    assert health.report() == {
        "ready": True, "store": "ok", "intake": "ok", "sinks": {}, "loops": {}, "notes": {}, "silent": {},
    }  # fmt: skip


def test_a_paused_sink_and_a_loop_in_trouble_are_told_and_take_nothing_away(
    parts: tuple[Health, Part, Part], store: Store
) -> None:
    health, _, loop = parts
    store.sinks.pause("crm", "login", "token revoked", timedelta(minutes=1))
    health.notes["source:mail"] = "password refused"
    loop.trouble = "KeyError"

    report = health.report()

    assert report["ready"] is True
    assert report["sinks"]["crm"]["state"] == "login"
    assert (report["loops"], report["notes"]) == ({"planner": "KeyError"}, {"source:mail": "password refused"})


def test_a_loop_that_hangs_is_named(parts: tuple[Health, Part, Part]) -> None:
    health, _, loop = parts
    loop.hangs = "hangs in one turn for 400 s"

    assert health.report()["loops"] == {"planner": "hangs in one turn for 400 s"}


def test_red_while_the_intake_can_keep_nothing(parts: tuple[Health, Part, Part]) -> None:
    health, intake, _ = parts
    intake.trouble = "disk is full"

    assert (health.report()["ready"], health.alive()) == (False, True)


@pytest.mark.parametrize("which", [1, 2])
def test_red_and_dead_when_a_thread_has_ended(parts: tuple[Health, Part, Part], which: int) -> None:
    parts[which].alive = False  # type: ignore[union-attr]

    assert (parts[0].report()["ready"], parts[0].alive()) == (False, False)


def test_red_when_the_store_cannot_be_read(parts: tuple[Health, Part, Part], store: Store) -> None:
    with busy(store.database):
        report = parts[0].report()

    assert (report["ready"], report["sinks"]) == (False, {})
    assert report["store"].startswith("the store cannot be used now")
