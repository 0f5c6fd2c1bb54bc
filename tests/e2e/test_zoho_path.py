"""From a form to Zoho CRM and back, with the daemon and the CRM as real processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.processes import CONFIG, Daemon, Zoho, post_form, until
from tests.fakes.zoho.options import Options

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]

GIVEN = Options()
GRANT = f"client_id: {GIVEN.client_id}, client_secret: {GIVEN.client_secret}, refresh_token: {GIVEN.refresh_token}"
HUBSPOT = next(line for line in CONFIG.splitlines() if "type: hubspot" in line)
ZOHO = (
    "  crm: {{type: zoho, oauth: {{" + GRANT + '}}, accounts_url: "{hubspot}", api_url: "{hubspot}", '
    "patience: {patience} s, read_lag: 0, read_back: 1 s}}"
)  # fmt: skip


class ZohoDaemon(Daemon):
    def write_config(self, text: str = CONFIG) -> None:
        super().write_config(text.replace(HUBSPOT, ZOHO))


@pytest.fixture
def zoho(tmp_path: Path) -> Iterator[Zoho]:
    fake = Zoho(tmp_path, "--limits")
    yield fake
    fake.process.stop()


@pytest.fixture
def daemon(tmp_path: Path, zoho: Zoho) -> Iterator[Daemon]:
    """On an account that `syncd prepare` has made ready."""
    made = ZohoDaemon(tmp_path, f"sqlite:///{tmp_path}/syncd.db", zoho)  # type: ignore[arg-type]  # has a url
    prepared = made.command("prepare", "crm", "--apply")
    assert prepared.returncode == 0, prepared.stdout + prepared.stderr
    yield made
    made.stop()


def test_form_becomes_one_lead_with_owner_task_and_note_and_what_people_do_comes_back(
    daemon: Daemon, zoho: Zoho
) -> None:
    daemon.start()
    for _ in range(2):
        answered = post_form(daemon, "ada@ada-works.com", "What does it cost for ten people?", name="Ada Beispiel")
        assert answered.status_code == 200
    daemon.wait_until_done(1)

    (lead,), (task,), (note,) = (zoho.objects(module) for module in ("Leads", "Tasks", "Notes"))
    assert (lead["First_Name"], lead["Last_Name"], lead["Email"]) == ("Ada", "Beispiel", "ada@ada-works.com")
    assert (lead["Company"], lead["Lead_Source"], lead["Owner"]["email"]) == ("Cleo GmbH", "Website", "tom@example.com")
    assert (task["What_Id"]["id"], task["Owner"]["email"]) == (lead["id"], "tom@example.com")
    assert "What does it cost for ten people?" in task["Description"]
    assert note["Parent_Id"]["id"] == lead["id"]

    daemon.kill()
    zoho.order("advance", seconds=2)  # it keeps whole seconds: within one, nobody can tell what came first
    zoho.order("human", do="complete", task_id=task["id"])
    daemon.start()

    done = until(lambda: next((x for x in daemon.leads() if not x["task_open"]), None), "the signal")
    assert done["state"] == "attempted"
    assert daemon.command("prove").returncode == 0
    assert zoho.calls()["calls"]["POST /oauth/v2/token"] == 1  # shared by the commands and both runs of the daemon
