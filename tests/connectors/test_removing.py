"""A probe passes through every CRM and leaves nothing there: what else goes with a record, and in how many calls."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors.sinks.local import Local, LocalOptions
from syncd.connector import Done, NoteOrder, Ref, Refused
from syncd.core.probe import probe_address
from syncd.store import probes
from syncd.testing import NOON, lent_tools
from syncd.testing.sink_under_test import done
from tests.connectors.close_world import close_world
from tests.connectors.copper_world import copper_world
from tests.connectors.dynamics_world import dynamics_world
from tests.connectors.hubspot_world import hubspot_world
from tests.connectors.odoo_world import odoo_world
from tests.connectors.orders import record, task
from tests.connectors.pipedrive_world import pipedrive_world
from tests.connectors.salesforce_world import salesforce_world
from tests.connectors.streak_world import streak_world
from tests.connectors.sugar_world import sugar_world
from tests.connectors.zoho_world import zoho_world
from tests.run.test_prober import EMAIL, Chain
from tests.world import World

Rows = list[Mapping[str, Any]]
Account = tuple[Callable[..., AbstractContextManager[Any]], Callable[[Any], Rows]]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Of no matter here: the prober is tested on both."""
    return f"sqlite:///{tmp_path}/syncd.db"


def live(*tables: Mapping[Any, Mapping[str, Any]]) -> Rows:
    return [row for table in tables for row in table.values() if not row.get("is_deleted")]


def of_modules(fake: Any) -> Rows:
    return [row for module in ("Leads", "Contacts", "Tasks") for row in fake.rows(module)]


ACCOUNTS: Mapping[str, Account] = {
    "close": (close_world, lambda fake: live(fake.leads, fake.contacts, fake.tasks)),
    "copper": (copper_world, lambda fake: live(fake.leads, fake.people, fake.tasks)),
    "dynamics": (dynamics_world, lambda fake: [*fake.rows("lead"), *fake.rows("contact"), *fake.rows("task")]),
    "hubspot": (hubspot_world, lambda fake: [*fake.contacts, *fake.tasks]),
    "odoo": (odoo_world, lambda fake: live(fake.leads, fake.activities)),
    "pipedrive": (pipedrive_world, lambda fake: live(fake.persons, fake.leads, fake.deals, fake.activities)),
    "pipedrive with deals": (
        partial(pipedrive_world, sink={"make": "deal"}),
        lambda fake: live(fake.persons, fake.leads, fake.deals, fake.activities),
    ),
    "salesforce": (salesforce_world, lambda fake: [*fake.records("Lead"), *fake.records("Task")]),
    "streak": (streak_world, lambda fake: live(fake.boxes, fake.tasks)),
    "sugarcrm": (partial(sugar_world, dialect="sugarcrm"), of_modules),
    "suitecrm v8": (partial(sugar_world, dialect="v8"), of_modules),
    "suitecrm v4_1": (partial(sugar_world, dialect="v4_1"), of_modules),
    "zoho": (zoho_world, of_modules),
}


@pytest.mark.parametrize("name", ["close", "copper", "pipedrive", "streak"])
def test_a_probe_is_found_where_the_search_runs_behind(name: str, world: World, tmp_path: Path) -> None:
    build, standing = ACCOUNTS[name]
    with build(tmp_path, lag=30) as crm:
        last = Chain(world, tmp_path, crm=crm.sink).probe()

        assert last is not None
        assert last.trouble == ""
        assert standing(crm.fake) == []


@pytest.mark.parametrize("name", ACCOUNTS)
def test_a_probe_goes_through_and_leaves_nothing_and_so_does_the_next_one(
    name: str, world: World, tmp_path: Path
) -> None:
    build, standing = ACCOUNTS[name]
    with build(tmp_path) as crm:
        chain = Chain(world, tmp_path, crm=crm.sink)
        for _ in range(2):
            last = chain.probe()

            assert last is not None
            assert last.trouble == ""
            assert standing(crm.fake) == []
            assert probes.read(chain.store.database).remains["book"] == probes.Remains()
            chain.clock.advance(hours=1)


def made(sink: Any, **fields: str) -> list[Ref]:
    """A task and its record."""
    ref = done(sink.upsert([record(fields={**record().fields, **fields})]))[0].ref
    return [done(sink.add_tasks([task(ref)]))[0].ref, ref]


def calls_of(fake: Any, act: Callable[[], object]) -> list[str]:
    """Those that were made meanwhile, with their methods."""
    before = len(fake.log)
    act()
    return [f"{call.method} {call.template}" for call in fake.log[before:]]


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("dynamics", 1),
        ("sugarcrm", 1),
        ("zoho", 2),
        ("close", 2),
        ("copper", 2),
        ("odoo", 2),
        ("suitecrm v8", 2),
        ("pipedrive", 5),
        ("streak", 4),
    ],
)
def test_a_removal_takes_as_few_calls_as_the_service_allows(name: str, calls: int, tmp_path: Path) -> None:
    """Pipedrive's lead and Streak's contact are looked at before anything is done with them."""
    build, _ = ACCOUNTS[name]
    with build(tmp_path) as crm:
        refs = made(crm.sink)

        assert len(calls_of(crm.fake, lambda: crm.sink.remove(refs))) == calls


@pytest.mark.parametrize("kind", ["lead", "deal"])
def test_the_lead_or_deal_of_a_person_stays_where_it_is_none_of_ours(kind: str, tmp_path: Path) -> None:
    with pipedrive_world(tmp_path, sink={"make": kind}) as crm:
        refs = made(crm.sink)
        held = crm.fake.leads if kind == "lead" else crm.fake.deals
        (opening,) = held.values()
        if kind == "lead":
            opening["origin_id"] = "of somebody"
        else:
            opening["custom_fields"] = {}

        crm.sink.remove(refs)

        assert live(crm.fake.persons, crm.fake.activities) == []
        assert live(held) == [opening]


def test_a_person_that_cannot_be_looked_at_stays_with_their_lead(tmp_path: Path) -> None:
    with pipedrive_world(tmp_path) as crm:
        _, person = made(crm.sink)
        crm.fake.order_fault("answer", "GET", status=400, body=b'{"success": false, "error": "no"}')

        with pytest.raises(Refused, match="read of what is to be removed refused"):
            crm.sink.remove([person])

        assert len(live(crm.fake.persons, crm.fake.leads)) == 2


def test_a_contact_of_a_team_goes_only_when_it_is_a_probes(tmp_path: Path) -> None:
    with streak_world(tmp_path) as crm:
        crm.sink.remove(made(crm.sink, email=EMAIL))
        assert [one["emailAddresses"] for one in crm.fake.contacts.values()] == [[EMAIL]]

        crm.sink.remove(made(crm.another_sink(), email=probe_address("p1")))

        assert [one["emailAddresses"] for one in crm.fake.contacts.values()] == [[EMAIL]]


@pytest.mark.parametrize(("trigger", "runs"), [([], "false"), (["workflow"], "true")])
def test_zohos_workflows_run_on_a_removal_only_where_they_run_on_everything(
    trigger: list[str], runs: str, tmp_path: Path
) -> None:
    with zoho_world(tmp_path, sink={"trigger": trigger}) as crm:
        refs = made(crm.sink)

        crm.sink.remove(refs)

        asked = [call.query["wf_trigger"] for call in crm.fake.log if call.method == "DELETE"]
        assert asked == [[runs], [runs]]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Local]:
    with closing(Local(LocalOptions(), lent_tools("book", data_dir=tmp_path))) as made:
        yield made


def test_a_contact_of_the_book_that_somebody_has_noted_something_on_stays_whole(book: Local) -> None:
    refs = made(book)
    book.add_notes([NoteOrder("n1", refs[1], "Call back", NOON)])

    with pytest.raises(Refused, match="tasks or notes of its own"):
        book.remove(refs)

    (outcome,) = book.upsert([record()])
    assert isinstance(outcome, Done)
    assert not outcome.created
