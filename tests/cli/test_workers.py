"""How many calls of a sink run at the same time: what the config says, else what suits the CRM."""

import pytest

from tests.cli.office import Office


@pytest.mark.parametrize(
    ("sink", "workers"),
    [
        ("{type: local}", 2),
        ("{type: close, api_key: key}", 8),
        ("{type: close, api_key: key, workers: 3}", 3),
    ],
)
def test_sink_has_the_workers_of_its_config_or_those_that_suit_it(office: Office, sink: str, workers: int) -> None:
    office.change("{type: local}", sink)

    with office.app() as built:
        assert sum(loop.name.startswith("dispatcher ") for loop in built.crew.loops) == workers
