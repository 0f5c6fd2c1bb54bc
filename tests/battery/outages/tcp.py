"""The network between us and the CRM: slow, sliced, reset, half closed, silent, down (F11), each many times over."""

import random
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from tests.battery.outages.findings import Findings
from tests.battery.outages.stage import stage, told
from tests.fakes.tcp_proxy import SOUND, TcpProxy, Toxic

READ_SECONDS = 0.4


def toxics(dice: random.Random) -> dict[str, Toxic]:
    """One of each kind; where in the bytes it strikes is a matter of luck."""
    return {
        "latency": Toxic(latency=dice.uniform(0.01, 0.1)),
        "slicer": Toxic(slice=dice.randint(1, 200), latency=0.0005),
        "reset of the answer": Toxic(reset_after=dice.randint(0, 900)),
        "reset of the request": Toxic(reset_request_after=dice.randint(0, 900)),
        "half close": Toxic(half_close_after=dice.randint(0, 900)),
        "dead peer": Toxic(silent_after=dice.randint(0, 900)),
        "down": Toxic(down=True),
        "bandwidth": Toxic(bandwidth=dice.uniform(20_000, 80_000)),
    }


def run(folder: Path, leads: int, seed: int, times: int | None = None) -> Findings:
    """Rounds of one toxic each while enquiries come in; between two rounds the network is sound for a moment."""
    found, dice, times = Findings(), random.Random(seed), times or min(max(leads // 400, 2), 50)
    with told() as events, ExitStack() as opened:

        def behind(url: str) -> str:
            proxy.target = (str(urlsplit(url).hostname), int(urlsplit(url).port or 0))
            return proxy.url

        proxy = opened.enter_context(TcpProxy(("127.0.0.1", 9)))
        here = opened.enter_context(stage(folder, base_url=behind, patience=(READ_SECONDS, READ_SECONDS)))
        number, kinds = 0, list(toxics(dice))
        for each in range(times * len(kinds)):
            proxy.spoil(toxics(dice)[kinds[each % len(kinds)]])
            for _ in range(3):
                number += 1
                here.post(number)
            for _ in range(2):
                here.work()
                here.clock.advance(seconds=5)
            proxy.spoil(SOUND)
            here.work()
            here.clock.advance(seconds=5)
        here.until_done(timedelta(hours=12), timedelta(seconds=20))
        found.runs = times * len(kinds)
        found.told("toxics", f"{len(kinds)} kinds, {times} times each")
        found.told("connections", proxy.connections)
        found.exactly(
            "bugs logged", sum(event["event"].endswith("failed") for event in events if "exc_info" in event), 0
        )
        here.check(found)
    return found
