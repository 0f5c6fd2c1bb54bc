"""A stretch of bad luck: every call may be lost, refused or cut off. In the end each lead is there once."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syncd.connector import (
    Ambiguous,
    Done,
    NoteOrder,
    Outcome,
    RateLimited,
    RecordOrder,
    Ref,
    Retryable,
    TaskOrder,
    Unknown,
    Wait,
)
from tests.connectors.hubspot_world import ANNA, START, World, hubspot_world, note, record, task

LEADS = 30
TRIES = 60
WRITES = ("upsert", "update", "create")
FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("commit_then_drop", {}),
    ("drop_before_commit", {}),
    ("half_body", {}),
    ("server_error", {"committed": True}),
    ("server_error", {"committed": False, "status": 503}),
    ("too_many", {"policy": "SECONDLY"}),
)
Order = RecordOrder | TaskOrder | NoteOrder


class Courier:
    """What the orders table does with outcomes, in a few lines."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self.world, self.dice = world, dice

    def deliver(self, send: Callable[[Sequence[Any]], Sequence[Outcome]], orders: Sequence[Order]) -> list[Ref]:
        waiting, refs = dict(enumerate(orders)), dict[int, Ref]()
        for _ in range(TRIES):
            if not waiting:
                break
            self.trouble()
            chosen = sorted(self.dice.sample(sorted(waiting), min(len(waiting), self.dice.randint(1, 12))))
            for at, outcome in zip(chosen, self.attempt(send, [waiting[at] for at in chosen]), strict=True):
                if isinstance(outcome, Done):
                    refs[at] = outcome.ref
                    del waiting[at]
                elif isinstance(outcome, Unknown):
                    waiting[at] = doubted(waiting[at])
                else:
                    assert isinstance(outcome, Wait), outcome
            self.world.advance(minutes=1)
        self.world.fake.clear_faults()
        assert not waiting
        return [refs[at] for at in range(len(orders))]

    def attempt(self, send: Callable[[Sequence[Any]], Sequence[Outcome]], orders: Sequence[Order]) -> Sequence[Outcome]:
        try:
            return send(orders)
        except Ambiguous as error:
            return [Unknown(str(error))] * len(orders)
        except (RateLimited, Retryable) as error:
            return [Wait(str(error))] * len(orders)

    def trouble(self) -> None:
        self.world.fake.clear_faults()
        kind, details = self.dice.choice(FAULTS)
        if self.dice.random() < 0.5:
            path = f"*/batch/{self.dice.choice(WRITES)}"
            self.world.fake.order_fault(kind, path=path, nth=self.dice.randint(1, 2), **details)


def doubted(order: Order) -> Order:
    if isinstance(order, RecordOrder):
        return replace(order, sent_at=START)
    return replace(order, sent_at=START, looks=order.looks + 1 if order.sent_at else 0)


@pytest.mark.parametrize("unique", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_every_lead_is_there_once_with_one_task_and_one_note(tmp_path: Path, seed: int, unique: bool) -> None:
    options = {"unique_task_properties": unique, "search_lag": 30, "echo_trace_ids": seed % 2 == 0, "seed": seed}
    with hubspot_world(tmp_path, **options) as world:
        courier, anna = Courier(world, random.Random(seed)), world.owner(ANNA)
        orders = [
            record(
                number,
                owner=anna,
                company_domain=f"firm{number % 5}.example",
                **({"emails": ()} if number % 7 == 0 else {}),
            )
            for number in range(LEADS)
        ]

        refs = courier.deliver(world.sink.upsert, orders)
        courier.deliver(world.sink.add_tasks, [task(number, ref) for number, ref in enumerate(refs)])
        courier.deliver(world.sink.add_notes, [note(number, ref) for number, ref in enumerate(refs)])

        expected = {f"lead-{number}": ref.id for number, ref in enumerate(refs)}
        assert {each["properties"]["syncd_key"]: each["id"] for each in world.fake.contacts} == expected
        assert len(world.fake.contacts) == LEADS
        assert tasks_of(world.fake.tasks) == tasks_of(world.fake.notes) == dict.fromkeys(expected.values(), 1)
        assert len({each["properties"]["domain"] for each in world.fake.companies}) == len(world.fake.companies)


def tasks_of(activities: Sequence[dict[str, Any]]) -> Counter[str]:
    """How many stand on each contact."""
    return Counter(contact for each in activities for contact in each["associations"]["contacts"])
