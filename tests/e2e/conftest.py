"""A fake HubSpot, and a daemon on each database that lands leads in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sinks.hubspot import plugin
from syncd.clock import SystemClock
from syncd.connector import HttpClient, Tools
from tests.e2e.processes import TOKEN, Daemon, HubSpot


@pytest.fixture
def hubspot(tmp_path: Path) -> Iterator[HubSpot]:
    """With the properties that syncd needs, as `syncd prepare crm --apply` makes them."""
    fake = HubSpot(tmp_path)
    tools = Tools("crm", SystemClock(), HttpClient(), tmp_path)
    sink = plugin.make(plugin.options(token=TOKEN, base_url=fake.url), tools)
    assert all(finding.ok for finding in sink.prepare(apply=True))
    sink.close()
    yield fake
    fake.process.stop()


@pytest.fixture
def daemon(tmp_path: Path, database_url: str, hubspot: HubSpot) -> Iterator[Daemon]:
    """Not started yet."""
    made = Daemon(tmp_path, database_url, hubspot)
    yield made
    made.stop()
