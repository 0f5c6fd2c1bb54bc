"""The model in small: the core agrees with it, and cores with a fault in them are found out."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from syncd.model import Submission
from syncd.store.inbox import Inbox
from syncd.store.keeping import Accepted
from syncd.store.leads import Leads
from syncd.store.orders import Orders
from tests.battery.model import compare
from tests.battery.simulation import log_of_nobody
from tests.battery.storm.daemon import Cast


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with log_of_nobody():
        yield


def test_the_core_does_what_the_model_says_in_any_order_of_things() -> None:
    seed = random.SystemRandom().randrange(2**31)
    print(f"seed {seed}")  # pytest shows it when it fails

    assert compare(runs=30, steps=20, seed=seed) > 200


class Repeating(Inbox):
    """Keeps a repeat as something new."""

    def accept(self, submissions: Sequence[Submission]) -> Accepted:
        now = self.database.now_us()
        return super().accept([replace(each, key=f"{each.key}:{now}") for each in submissions])


class Deaf(Leads):
    """Never acts on what was read back."""

    def hear(self, sink: str, found: Any, cursor: str, fence: int) -> int:
        return super().hear(sink, (), cursor, fence)


class Strict(Orders):
    """Releases nothing."""

    def retry(self, ids: Sequence[int]) -> int:
        return 0


FAULTS = {
    "repeats are kept": Cast(inbox=Repeating),
    "signals are not acted on": Cast(leads=Deaf),
    "parked orders are not released": Cast(orders=Strict),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_model_sees(fault: str) -> None:
    with pytest.raises(AssertionError):
        compare(runs=100, steps=20, seed=1, cast=FAULTS[fault], shortest=False)
