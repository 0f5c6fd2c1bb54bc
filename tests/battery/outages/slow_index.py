"""The search of the CRM lags thirty seconds behind what was written, and answers are lost meanwhile (H1, #59)."""

from datetime import timedelta
from pathlib import Path

from tests.battery.outages.findings import Findings
from tests.battery.outages.stage import stage, told

LAG = 30.0
EVERY = 3
"""Of so many calls that make tasks or notes one is carried out, and its answer lost."""


def run(folder: Path, leads: int, seed: int) -> Findings:
    """An account without unique marks, the hardest: only the search can tell whether a task is there."""
    found = Findings()
    options = {"unique_task_properties": False, "search_lag": LAG}
    with told(), stage(folder, hubspot={"search_lag": LAG}, **options) as here:
        for kind in ("tasks", "notes"):
            for nth in range(1, leads, EVERY):
                here.fake.order_fault("commit_then_drop", "POST", f"*/{kind}/batch/create", nth=nth)
        for number in range(leads):
            here.post(number)
            here.work()
            here.clock.advance(seconds=3)
        took = here.until_done(timedelta(hours=3), timedelta(seconds=5))
        lost = sum(call.status == 0 for call in here.fake.log)
        found.runs = lost
        found.least("answers lost", lost, 2)
        found.most("minutes until the last doubt was resolved", took / timedelta(minutes=1), 30)
        here.check(found)
    return found
