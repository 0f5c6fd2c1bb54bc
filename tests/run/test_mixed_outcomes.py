"""A batch of which each order has its own fate: every one stands in the store exactly as it was answered (H3)."""

import random
from collections.abc import Callable

import pytest
from sqlalchemy import select

from syncd.model import Done, Outcome, Ref, Refusal, Unknown, Wait
from syncd.store.schema import orders
from tests.world import World, submission

BATCH = 100
FATES: dict[str, Callable[[str], Outcome]] = {
    "done": lambda lead: Done(Ref("contact", f"c-{lead}")),
    "waiting": lambda _: Wait("locked"),
    "parked": lambda _: Refusal("bad phone"),
    "unknown": lambda _: Unknown("the answer does not say"),
}


def states(world: World) -> dict[str, tuple[str, str | None]]:
    with world.store.database.read() as tx:
        rows = tx.execute(select(orders.c.lead_id, orders.c.state, orders.c.ref).where(orders.c.kind == "record")).all()
    return {row.lead_id: (row.state, row.ref) for row in rows}


@pytest.mark.parametrize("seed", range(4))
def test_each_order_ends_as_it_was_answered_and_no_other(world: World, seed: int) -> None:
    dice, fates = random.Random(seed), dict[str, str]()
    world.receive(
        *(submission(str(n), name="A B", email=f"a@firm{n}.com", message=f"Offer for {n}?") for n in range(BATCH))
    )
    world.plan()

    def answer(lead: str) -> Outcome:
        fates[lead] = dice.choice(list(FATES))
        return FATES[fates[lead]](lead)

    world.crm.troubles["upsert"] = [answer]
    world.dispatcher.turn()

    assert len(fates) == BATCH
    assert states(world) == {lead: (fate, f"c-{lead}" if fate == "done" else None) for lead, fate in fates.items()}
    tasks = {task.record.id for task in world.crm.tasks.values()}
    assert tasks == {f"c-{lead}" for lead, fate in fates.items() if fate == "done"}


def test_results_for_another_number_of_orders_are_nobodys(world: World) -> None:
    world.receive(
        *(submission(str(n), name="A B", email=f"a@firm{n}.com", message=f"Offer for {n}?") for n in range(BATCH))
    )
    world.plan()
    usual = world.crm.upsert
    world.crm.upsert = lambda wanted: usual(wanted)[1:]  # type: ignore[method-assign]

    world.dispatcher.turn()

    assert set(states(world).values()) == {("unknown", None)}
