"""The CRM takes thirty seconds for every answer (H19): the door does not notice, and another sink does not either."""

import time
from pathlib import Path
from statistics import median

from tests.battery.outages.findings import Findings
from tests.battery.outages.real import Site, site

SLOW = 30.0
POSTS = 100


def run(folder: Path, leads: int, seed: int, posts: int = POSTS) -> Findings:
    found = Findings()
    with site(folder, extra="\n  book: {{type: local}}") as here:
        here.post(5)  # so that both measurements find it warm
        here.until_done()
        quick = _timed(here, posts)
        here.until_done()
        here.hub.order("fault", kind="latency", seconds=SLOW, count=None)
        slow = _timed(here, posts)
        began = time.monotonic()
        here.until_done("book", 60)
        found.told("median answer to a post before, ms", round(median(quick) * 1000, 2))
        found.told("median answer to a post meanwhile, ms", round(median(slow) * 1000, 2))
        found.most("how much longer it took meanwhile", median(slow) / median(quick), 1.5)
        found.most("seconds until the other sink had everything", time.monotonic() - began, 25)
        found.least("orders of the slow one that wait", here.open_orders("crm"), 1)
        here.hub.order("fault", kind="clear")
        here.judge(found)
        found.also = f"answers {median(quick) * 1000:.1f} ms before, {median(slow) * 1000:.1f} ms meanwhile (median)"
    return found


def _timed(here: Site, posts: int) -> list[float]:
    times = []
    for _ in range(posts):
        began = time.perf_counter()
        here.post()
        times.append(time.perf_counter() - began)
        time.sleep(0.01)  # a steady stream, not a burst
    return times
