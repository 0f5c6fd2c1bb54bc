"""A task or note is made once, though answers are lost and nobody but its text knows its mark."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.connector import (
    Ambiguous,
    Done,
    Marked,
    NoteOrder,
    Once,
    Outcome,
    Ref,
    TaskOrder,
    Unknown,
    word_for,
)
from syncd.testing import NOON

LEAD = Ref("lead", "7")
TASK = TaskOrder("t-1", LEAD, "Call her", "She asked", NOON, "Europe/Berlin")
NOTE = NoteOrder("n-1", LEAD, "She asked again", NOON)
BOTH = pytest.mark.parametrize("order", [TASK, NOTE], ids=["task", "note"])


@dataclass
class Service:
    """Keeps what was made; may lose its next answer, and may hide what is there from whoever looks."""

    there: dict[str, Ref] = field(default_factory=dict)
    lost: bool = False
    hidden: bool = False
    made: int = 0
    changed: int = 0

    def change(self, order: TaskOrder, ref: Ref) -> Outcome | None:
        if ref not in self.there.values():
            return None
        self.changed += 1
        return Done(ref, created=False)

    def find(self, order: Marked) -> Ref | None:
        return None if self.hidden else self.there.get(order.mark)

    def make(self, order: Marked) -> Outcome:
        self.made += 1
        self.there[order.mark] = Ref("thing", str(self.made))
        if self.lost:
            raise Ambiguous("crm: sent, no answer")
        return Done(self.there[order.mark])


@pytest.fixture
def service() -> Service:
    return Service()


def again(order: Marked, **changed: Any) -> Marked:
    """The same order, sent again after a lost answer."""
    return replace(order, **{"sent_at": NOON, **changed})


@BOTH
def test_the_same_mark_twice_is_made_once_and_not_even_looked_for(service: Service, order: Marked) -> None:
    once = Once("crm", service)

    first, second = once.add([order, order])

    assert (first, second) == (Done(Ref("thing", "1")), Done(Ref("thing", "1"), created=False))
    assert service.made == 1


@BOTH
def test_what_a_lost_answer_has_made_is_found_by_who_comes_after(service: Service, order: Marked) -> None:
    service.lost = True
    with pytest.raises(Ambiguous):
        Once("crm", service).add([order])

    (found,) = Once("crm", service).add([again(order)])

    assert found == Done(Ref("thing", "1"), created=False)
    assert service.made == 1


@BOTH
def test_it_is_made_again_with_the_third_look_in_vain(service: Service, order: Marked) -> None:
    once = Once("crm", service)

    outcomes = [once.bring(again(order, looks=looks)) for looks in range(3)]

    assert [type(outcome) for outcome in outcomes] == [Unknown, Unknown, Done]
    assert service.made == 1


@BOTH
def test_it_is_made_again_only_after_the_service_has_settled(service: Service, order: Marked) -> None:
    once = Once("crm", service, timedelta(minutes=1))

    early = once.bring(again(order, looks=1))
    late = once.bring(again(order, looks=2))  # two minutes later

    assert early == Unknown(f"crm: the {word_for(order)} is not there yet", looked=True)
    assert late == Done(Ref("thing", "1"))


def test_a_task_that_is_there_is_changed_and_one_that_is_gone_is_made(service: Service) -> None:
    once = Once("crm", service)
    (made,) = once.add([TASK])
    assert isinstance(made, Done)

    changed = once.bring(again(TASK, ref=made.ref))
    service.there.clear()
    once = Once("crm", service)
    anew = once.bring(again(TASK, ref=made.ref, sent_at=None))

    assert (changed, anew) == (Done(made.ref, created=False), Done(Ref("thing", "2")))
    assert service.changed == 1
