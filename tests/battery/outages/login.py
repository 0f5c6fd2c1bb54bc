"""The grant is revoked while eight workers send, and given back an hour later (H6, F16)."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from syncd.connector import AlertMessage, AlertRef
from syncd.run.alarms import Alarms
from syncd.run.health import Health
from tests.battery.outages.findings import Findings
from tests.battery.outages.stage import Stage, stage, told
from tests.fakes.hubspot import FakeHubSpot
from tests.together import together

WORKERS = 8
AWAY = timedelta(hours=1)
TOKEN = ("POST", "/oauth/v3/token")


class Chat:
    def __init__(self) -> None:
        self.titles: list[str] = []

    def send(self, message: AlertMessage) -> AlertRef:
        self.titles.append(message.title)
        return AlertRef(message.mark)


class Quiet:
    """An intake that is well."""

    trouble, closed_for, alive = "", "", True


def run(folder: Path, leads: int, seed: int, away: timedelta = AWAY) -> Findings:
    found, chat = Findings(), Chat()
    with told() as events, stage(folder, workers=WORKERS, login=_grant) as here:
        health = Health(here.store, Quiet(), list)  # type: ignore[arg-type] # all that a report asks of an intake
        alarms = Alarms(health, here.store.database, lambda: {"chat": chat}, "me", here.clock)  # type: ignore[dict-item]
        here.post(0)
        here.until_done(timedelta(minutes=1))
        here.fake.revoke_token()
        here.fake.revoke_refresh_token()
        before = here.fake.calls
        for number in range(1, leads + 1):
            here.post(number)
        _all_at_once(here)
        found.most("calls for a token when it was revoked", (here.fake.calls - before)[TOKEN], 2)
        found.most("calls with the dead token", sum((here.fake.calls - before).values()), WORKERS + 2)
        asked = here.fake.calls[TOKEN]
        for _ in range(away // timedelta(seconds=10)):
            _all_at_once(here)
            alarms.turn()
            here.clock.advance(seconds=10)
        found.most(
            "calls for a token until it was given back", here.fake.calls[TOKEN] - asked, away / timedelta(minutes=1) + 1
        )
        found.exactly("alarms", len(chat.titles), 1)
        found.exactly("lines that say the sink is paused", sum(e["event"] == "sink paused" for e in events), 1)
        here.fake.account.tokens.refresh_valid = True
        began = here.clock.now()
        while not (_all_at_once(here) and len(here.fake.tasks) > 1):
            here.clock.advance(seconds=1)
        found.most("seconds until it goes on with new credentials", (here.clock.now() - began).total_seconds(), 60)
        here.until_done(timedelta(minutes=30))
        alarms.turn()
        found.exactly("alarms, and the word that it is over", len(chat.titles), 2)
        here.check(found)
    return found


def _grant(fake: FakeHubSpot) -> Mapping[str, Any]:
    options = fake.options
    return {
        "oauth": {
            "client_id": options.client_id,
            "client_secret": options.client_secret,
            "refresh_token": options.refresh_token,
        }
    }


def _all_at_once(here: Stage) -> bool:
    """A turn of every worker, each in a thread of its own; whether somebody had something to send."""
    here.plan()
    return any(together(*(worker.turn for worker in here.workers)))
