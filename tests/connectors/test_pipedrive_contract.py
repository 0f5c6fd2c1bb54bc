"""Pipedrive keeps the contract of sinks, with leads, with deals, and where the search runs behind."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.sinks.pipedrive import Pipedrive, plugin
from syncd.connector import OwnerRef, RecordOrder, Ref
from tests.connectors.pipedrive_world import World, pipedrive_world
from tests.connectors.world_contract import OneByOneContract
from tests.fakes.pipedrive.service import CLIENT, SECRET, TOKEN

FORBIDDEN = b'{"success": false, "error": "Forbidden", "error_info": "", "data": null, "additional_data": null}'


class TestPipedriveWithLeads(OneByOneContract):
    plugin = plugin
    secrets = (TOKEN,)
    fields = ("company", "phone")  # a name is one text there, and comes back divided as Pipedrive sees fit
    build = staticmethod(pipedrive_world)
    allowed = 80, timedelta(seconds=2)
    world: World

    def refuse_login(self) -> None:
        self.world.fake.token = "another"

    def lose_answers(self) -> None:
        for method in ("POST", "PATCH", "DELETE"):
            self.world.fake.order_fault("commit_then_drop", method, "*/v[12]/*", count=None)

    def forbid_removal(self) -> None:
        self.world.fake.order_fault("answer", "DELETE", "*", status=403, body=FORBIDDEN, count=None)

    def let_in(self) -> None:
        self.world.fake.token = TOKEN

    def use_up_the_day(self) -> None:
        self.world.fake.left_today = 0

    def deactivate(self, owner: OwnerRef) -> None:
        self.world.fake.users[int(owner.id)]["active_flag"] = False

    def human_gives(self, record: Ref, owner: OwnerRef) -> None:
        self.world.fake.human_edits(self.world.fake.persons, int(record.id), owner_id=int(owner.id))

    def human_deletes_tasks(self) -> None:
        for activity in self.world.fake.activities.values():
            activity["is_deleted"] = True

    def human_deletes(self, record: Ref) -> None:
        self.world.fake.human_deletes(int(record.id))

    def human_merges(self, into: Ref, lost: Ref) -> str:
        return str(self.world.fake.human_merges(int(into.id), int(lost.id)))

    def test_merging_is_told(self, sink: Any) -> None:
        pytest.skip("does not apply: Pipedrive tells of no merging; the survivor is found by the address")

    def bad_record(self) -> RecordOrder:
        order = self.record(2)
        return replace(order, fields={**order.fields, "email": "no address at all"})


class TestPipedriveThatIsLoggedInToByAGrant(TestPipedriveWithLeads):
    secrets = (SECRET, "access-canary")

    @pytest.fixture
    def sink(self, tmp_path: Path) -> Iterator[Pipedrive]:
        with pipedrive_world(tmp_path) as self.world:
            grant = {"client_id": CLIENT, "client_secret": SECRET, "refresh_token": "refresh-1"}
            self.world.fake.token = "nobody's"
            yield self.world.another_sink(oauth=grant, oauth_url=f"{self.world.fake.url}/oauth/token")

    def expire_login(self) -> None:
        self.world.fake.access = "another"

    def refuse_login(self) -> None:
        self.world.fake.access = self.world.fake.refresh_token = "another"

    def let_in(self) -> None:
        """The refresh token that is known is not asked for again."""


class TestPipedriveWithAListOfChoices(TestPipedriveWithLeads):
    @pytest.fixture
    def sink(self, tmp_path: Path) -> Iterator[Pipedrive]:
        options = [{"id": 5, "label": "Large"}]
        size = {"field_name": "Size", "field_code": "s" * 40, "field_type": "enum", "is_custom_field": True}
        with pipedrive_world(tmp_path) as self.world:
            self.world.fake.fields["personFields"].append({**size, "options": options})
            yield self.world.another_sink(map={"company_size": "Size"})

    def unlisted_choice(self) -> tuple[str, str]:
        return "company_size", "gigantic"


class TestPipedriveWithDeals(TestPipedriveWithLeads):
    options: ClassVar[dict[str, Any]] = {"sink": {"make": "deal"}}


class TestPipedriveWhoseSearchRunsBehind(TestPipedriveWithLeads):
    options: ClassVar[dict[str, Any]] = {"lag": 30.0, "sink": {"make": "nothing"}}

    def human_merges(self, into: Ref, lost: Ref) -> str:
        lives_on = super().human_merges(into, lost)
        self.world.advance(seconds=31)
        return lives_on
