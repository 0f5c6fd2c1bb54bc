"""A stretch of bad luck: every call may be lost, refused or cut off. In the end each lead is there once."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.test_hubspot_faults import Courier
from tests.connectors.zoho_world import ANNA, note, record, task, zoho_world

LEADS = 30
FAULTS: tuple[tuple[Any, dict[str, Any]], ...] = (
    ("commit_then_drop", {}),
    ("drop_before_commit", {}),
    ("half_body", {}),
    ("server_error", {"committed": True}),
    ("server_error", {"committed": False, "status": 503}),
    ("too_many", {}),
)


class ZohoCourier(Courier):
    def trouble(self) -> None:
        self.world.fake.clear_faults()
        kind, details = self.dice.choice(FAULTS)
        if self.dice.random() < 0.5:
            method, module = self.dice.choice(("POST", "PUT")), self.dice.choice(("Leads", "Tasks", "Notes"))
            self.world.fake.order_fault(kind, method, f"/crm/v8/{module}*", **details)


@pytest.mark.parametrize("kind", ["unique", "none"])
@pytest.mark.parametrize("seed", range(3))
def test_every_lead_is_there_once_with_one_task_and_one_note(tmp_path: Path, seed: int, kind: str) -> None:
    with zoho_world(tmp_path, task_fields=kind, read_lag=30) as world:
        courier, anna = ZohoCourier(world, random.Random(seed)), world.owner(ANNA)  # type: ignore[arg-type]  # alike
        orders = [record(number, owner=anna, **({"emails": ()} if number % 7 == 0 else {})) for number in range(LEADS)]

        refs = courier.deliver(world.sink.upsert, orders)
        courier.deliver(world.sink.add_tasks, [task(number, ref) for number, ref in enumerate(refs)])
        courier.deliver(world.sink.add_notes, [note(number, ref) for number, ref in enumerate(refs)])

        ids = [world.id_of(ref) for ref in refs]
        assert {row["Syncd_Key"]: row["id"] for row in world.fake.rows("Leads")} == {
            f"lead-{number}": each for number, each in enumerate(ids)
        }
        assert Counter(row["What_Id"]["id"] for row in world.fake.rows("Tasks")) == Counter(ids)
        assert Counter(row["Parent_Id"]["id"] for row in world.fake.rows("Notes")) == Counter(ids)
