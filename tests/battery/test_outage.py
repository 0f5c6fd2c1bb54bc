"""Each outage in small; `make outage` plays them in full, and those that need a daemon of their own."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.battery.outages import crm_down, damage, disk, hanging, limits, login, reloads, slow_index, tcp, wire
from tests.battery.outages.findings import CannotLook, Findings

pytestmark = pytest.mark.timeout(300)

Play = Callable[[Path], Findings]
SMALL: dict[str, Play] = {
    "the CRM is away for three hours": lambda at: crm_down.run(at, 120, 1, timedelta(hours=3)),
    "told to slow down for an hour": lambda at: limits.slow_down(at, 20, 1),
    "the calls of a day are spent": lambda at: limits.quota(at, 20, 1, daily=200),
    "the grant is revoked": lambda at: login.run(at, 20, 1, timedelta(minutes=10)),
    "names and certificates": lambda at: wire.run(at, 5, 1),
    "toxics on the wire": lambda at: tcp.run(at, 20, 1, times=1),
    "the search lags": lambda at: slow_index.run(at, 8, 1),
    "the disk fills up": lambda at: disk.run(at, 10, 1, rounds=6),
    "writes fail": lambda at: disk.io_errors(at, 10, 1, rounds=4),
    "bits flip": lambda at: damage.flips(at, 10, 1, cases=20),
    "the log is cut off": lambda at: damage.cut_log(at, 10, 1, commits=8),
    "a connector hangs": lambda at: hanging.run(at, 10, 1),
    "the config is swapped": lambda at: reloads.run(at, 30, 1),
    "an owner leaves": lambda at: reloads.owner_left(at, 30, 1),
}


@pytest.mark.parametrize("play", SMALL.values(), ids=list(SMALL))
def test_every_figure_holds_its_limit_while(play: Play, tmp_path: Path) -> None:
    try:
        found = play(tmp_path)
    except CannotLook as reason:
        pytest.skip(str(reason))

    assert [str(figure) for figure in found.broken] == []
    assert found.judged > 0


def test_a_figure_beyond_its_limit_breaks_the_scenario() -> None:
    found = Findings()
    found.most("calls", 3, 2)
    found.least("share", 0.5, 0.8)
    found.exactly("alarms", 2, 1)
    found.none("lost", ["k1"])
    found.told("seconds", 3)

    assert (len(found.broken), found.judged) == (4, 4)
    assert "BROKEN" in str(found.broken[0])
