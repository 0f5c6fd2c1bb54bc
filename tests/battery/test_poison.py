"""One poisonous lead among many: the others get through, and it is parked alone."""

from collections.abc import Iterator

import pytest

from tests.battery.parts import Workshop, workshop
from tests.battery.poison import KINDS, Kind, poisoned_run

LEADS = 60
SOON = 60  # seconds of the clock: three tries of a batch and their waits, then each by itself


@pytest.fixture(scope="module")
def made() -> Iterator[Workshop]:
    with workshop() as made:
        yield made


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_the_others_get_through_and_the_poison_is_parked_alone(made: Workshop, kind: Kind) -> None:
    wrong, seconds = poisoned_run(made, kind, LEADS, seed=1)

    assert wrong == []
    assert seconds <= SOON
