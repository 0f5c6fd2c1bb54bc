"""kill -9 while what a provider announced is fetched: each lead once, whatever was lost on the way."""

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests

from tests.e2e.processes import Process, until
from tests.fakes.ad_platforms import API_TOKEN, FakeMeta, meta_error

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]

SECRET = "canary-app-secret"
LEADS = 6
CONFIG = """
version: 1
company: {{name: Example Ltd, domains: [shop.example.com], country: DE, zone: Europe/Berlin}}
store: {{url: "{store}"}}
web: {{port: {port}}}
log: {{format: json}}
people:
  eva: {{name: Eva Muster, email: eva@example.com}}
sources:
  ads: {{type: meta, secret: {secret}, api_token: {token}, page_id: "500", base_url: "{meta}", every: 3600}}
sinks:
  book: {{type: local, file: "{folder}/book.db"}}
rules:
  - {{name: everyone else, assign: eva}}
"""


@pytest.fixture
def meta() -> Iterator[FakeMeta]:
    with FakeMeta() as fake:
        for number in range(LEADS):
            at = datetime.now(UTC) - timedelta(minutes=10)
            fake.leads[str(number)] = {
                "id": str(number),
                "created_time": f"{at:%Y-%m-%dT%H:%M:%S}+0000",
                "form_id": "700",
                "field_data": [
                    {"name": "full_name", "values": ["Ines Brandão"]},
                    {"name": "email", "values": [f"ines{number}@brandao-{number}.com"]},
                ],
            }
        yield fake


class Advertised:
    """A daemon with a book, and Meta before it."""

    def __init__(self, folder: Path, store: str, meta: FakeMeta) -> None:
        self.folder, self.store, self.meta, self.port = folder, store, meta, 0
        self.process: Process | None = None
        self.url = ""

    def start(self) -> None:
        config = self.folder / "config.yaml"
        config.write_text(
            CONFIG.format(
                store=self.store, port=self.port, secret=SECRET, token=API_TOKEN, meta=self.meta.url, folder=self.folder
            )
        )
        config.chmod(0o600)
        self.process = Process("syncd", "run", "-c", str(config), cwd=self.folder)
        self.url = self.process.wait_for(r"syncd is ready: open (http://\S+?)/?$").group(1)
        self.port = int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        assert self.process
        self.process.kill()

    def post(self) -> list[int]:
        """Every lead in a webhook of its own, as Meta sends it; the answers."""
        return [self._post(number) for number in range(LEADS)]

    def _post(self, number: int) -> int:
        value = {"leadgen_id": number, "form_id": 700, "created_time": 1_772_000_000}
        body = orjson.dumps({"object": "page", "entry": [{"changes": [{"field": "leadgen", "value": value}]}]})
        proof = "sha256=" + hmac.digest(SECRET.encode(), body, "sha256").hex()
        headers = {"content-type": "application/json", "x-hub-signature-256": proof}
        return requests.post(f"{self.url}/in/ads", data=body, headers=headers, timeout=30).status_code

    def told(self) -> dict[str, Any]:
        return requests.get(f"{self.url}/api/leads", timeout=10).json()  # type: ignore[no-any-return]

    def everybody_is_there_once(self) -> None:
        def whole() -> bool:
            told = self.told()
            orders = [order["state"] for lead in told["leads"] for order in lead["orders"]]
            return len(told["leads"]) == LEADS and not told["announced"] and set(orders) == {"done"}

        until(lambda: whole() or None, f"{LEADS} leads, all done")
        assert sorted(lead["email"] for lead in self.told()["leads"]) == [
            f"ines{number}@brandao-{number}.com" for number in range(LEADS)
        ]
        assert {lead["interactions"] for lead in self.told()["leads"]} == {1}


@pytest.fixture
def daemon(tmp_path: Path, database_url: str, meta: FakeMeta) -> Iterator[Advertised]:
    made = Advertised(tmp_path, database_url, meta)
    yield made
    if made.process:
        made.process.stop()


def test_killed_while_fetching_it_is_fetched_again_and_there_once(daemon: Advertised, meta: FakeMeta) -> None:
    meta.order_fault("hang", "GET", "/*", nth=3, count=None)
    daemon.start()
    assert daemon.post() == [200] * LEADS
    until(lambda: sum(meta.calls.values()) >= 3 or None, "a call that hangs")
    daemon.kill()
    meta.clear_faults()

    daemon.start()
    daemon.post()

    daemon.everybody_is_there_once()


def test_lost_answers_and_a_limit_cost_time_and_no_lead(daemon: Advertised, meta: FakeMeta) -> None:
    slow = orjson.dumps(meta_error(400, 80005, 0, "too many leadgen api calls").body)
    meta.order_fault("answer", "GET", "/2", status=400, body=slow, headers={"retry-after": "1"})
    meta.order_fault("commit_then_drop", "GET", "/1")
    meta.order_fault("half_body", "GET", "/3")
    meta.order_fault("server_error", "GET", "/4")
    daemon.start()

    assert daemon.post() == [200] * LEADS

    daemon.everybody_is_there_once()
