"""What happens to a booking afterwards makes no second lead."""

from typing import Any

import orjson
import pytest

from connectors.sources.posted import calcom, calendly, zoom
from syncd.connector import Plugin, WebRequest
from syncd.testing import NOON, lent_tools
from tests.connectors.posted import events
from tests.connectors.posted.case import SIGNED
from tests.world import World


def keep(world: World, plugin: Plugin[Any], *told: Any) -> None:
    source = plugin.make(plugin.options.model_validate(SIGNED), lent_tools("contact"))
    for event in told:
        request = WebRequest("POST", {"content-type": "application/json"}, {}, orjson.dumps(event), NOON)
        world.receive(*source.translate(request).submissions)
        world.settle()


NEW = events.INVITEE.replace("BBB", "NEW")
CALENDLY_MOVED = (
    events.booked(),
    events.booked("invitee.canceled", rescheduled=True, new_invitee=NEW, status="canceled"),
    events.booked(uri=NEW, old_invitee=events.INVITEE),
)
CALCOM = (
    events.cal("BOOKING_CREATED"),
    events.cal("BOOKING_RESCHEDULED", rescheduleUid="3f6a1c2e"),
    events.cal("BOOKING_CANCELLED"),
)
ZOOM = (
    events.registered(),
    events.registered("webinar.registration_approved"),
    events.registered("webinar.registration_cancelled"),
)


@pytest.mark.parametrize(
    ("plugin", "told", "aside"),
    [(calendly.plugin, CALENDLY_MOVED, 1), (calcom.plugin, CALCOM, 2), (zoom.plugin, ZOOM, 1)],
    ids=["calendly", "calcom", "zoom"],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_moved_or_canceled_it_is_one_lead_with_one_task(
    world: World, plugin: Plugin[Any], told: tuple[Any, ...], aside: int, backwards: bool
) -> None:
    keep(world, plugin, *(reversed(told) if backwards else told))
    keep(world, plugin, *told)  # and every delivery once more

    assert (len(world.leads()), len(world.crm.records), len(world.crm.tasks)) == (1, 1, 1)
    assert len(world.store.reports.aside("quarantined")) == aside
