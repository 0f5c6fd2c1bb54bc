"""A daemon that reloads its config again and again needs no more of the machine than one that did so a few times."""

from collections.abc import Iterator

import pytest

from tests.battery.vitals import Sample, look
from tests.e2e.processes import CONFIG, Daemon, post_typeform, until
from tests.fakes.typeform import API_TOKEN, FakeTypeform

pytestmark = pytest.mark.process

MORE = """sources:
  asked: {{type: typeform, form_id: F1, api_token: {api_token}, base_url: "{form}", every: 1}}
  fair: {{type: csv, folder: "{inbox}"}}
"""
FEW, MANY = 3, 20
SPARE = 8
"""The store opens connections until there are as many as are wanted at once; what each reload left would be more."""


@pytest.fixture
def asked() -> Iterator[FakeTypeform]:
    with FakeTypeform({"id": "F1", "title": "Demo", "fields": []}) as fake:
        yield fake


def test_reloads_leave_neither_files_nor_threads_behind(daemon: Daemon, asked: FakeTypeform) -> None:
    (daemon.folder / "inbox").mkdir()
    daemon.texts |= {"api_token": API_TOKEN, "form": asked.url, "inbox": str(daemon.folder / "inbox")}
    daemon.start()
    daemon.write_config(CONFIG.replace("sources:\n", MORE))

    few = needed_after(daemon, asked, FEW)
    many = needed_after(daemon, asked, MANY)

    assert many[0] <= few[0] + SPARE
    assert many[1] <= few[1] + SPARE
    assert daemon.stop() == 0


def needed_after(daemon: Daemon, asked: FakeTypeform, reloads: int) -> tuple[int, int]:
    """Files and threads once so many reloads are over, a lead has landed and the source was asked."""
    process = daemon.process
    assert process
    while (done := _reloaded(daemon)) < reloads:
        process.hang_up()
        until(lambda done=done: _reloaded(daemon) > done or None, f"reload {done + 1}")
    leads, before = len(daemon.leads()), len(asked.asked())
    assert post_typeform(daemon, f"t{reloads}", f"ada@firm{reloads}.example", "How much is it?").status_code == 200
    daemon.wait_until_done(leads + 1)
    until(lambda: len(asked.asked()) > before + 1 or None, "the source to be asked")
    return needed(process.process.pid)


def needed(pid: int) -> tuple[int, int]:
    """The least of some looks: what a request or a turn has open goes again."""
    looks: list[Sample] = []

    def forty() -> bool | None:
        looks.append(look(pid, None, 0))
        return len(looks) == 40 or None

    until(forty, "forty looks")
    return min(each.files for each in looks), min(each.threads for each in looks)


def _reloaded(daemon: Daemon) -> int:
    assert daemon.process
    return sum("config reloaded" in line for line in list(daemon.process.lines))
