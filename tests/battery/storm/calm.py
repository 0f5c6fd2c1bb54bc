"""After the storm: nothing fails any more, and the clock runs on until nothing is left to do."""

from typing import TYPE_CHECKING

from tests.battery.storm.chance import Violation
from tests.battery.storm.daemon import LOOPS

if TYPE_CHECKING:
    from tests.battery.storm.storm import Storm

REST = 400  # rounds of calm after which somebody has gone round in circles


def calm_down(storm: "Storm") -> None:
    """No fault any more: everything is sent, retried by hand, and waited for."""
    storm.chance.calm = True
    storm.tell("calm")
    storm.start_all()
    come_to_rest(storm)
    for _ in range(2):
        if storm.operator.retry():
            come_to_rest(storm)


def come_to_rest(storm: "Storm") -> None:
    for _ in range(REST):
        take_a_round(storm)
        after = storm.next_due()
        if after is None and not last_look(storm):
            return
        storm.clock.advance(max(after or 0.0, 1.0))  # as loops look once a second
    raise Violation("no orphan: it does not come to rest")


def last_look(storm: "Storm") -> bool:
    """A minute later the CRM is read again, as it always is; whether that made something new."""
    before = len(storm.platter.rows("SELECT 1 FROM history"))
    storm.clock.advance(60)
    storm.run_loop(storm.any_one(), "follower")
    return len(storm.platter.rows("SELECT 1 FROM history")) > before


def take_a_round(storm: "Storm") -> None:
    """Everybody who has something to do does it, on some daemon."""
    for letter in [letter for letter in storm.letters.posted if not letter.answered]:
        storm.deliver(storm.any_one(), [letter])
    storm.service.arrive()
    for loop in LOOPS:
        if loop in storm.ready():
            storm.run_loop(storm.any_one(), loop)
    for daemon in storm.daemons:
        while daemon and daemon.hanging:
            daemon.run("look-up")
    storm.witness.look()


def stay_calm(storm: "Storm") -> None:
    """A day later nothing has changed."""
    before = storm.platter.rows(_PICTURE)
    storm.clock.advance(86_400)
    daemon = storm.any_one()
    for loop in LOOPS:
        daemon.run(loop)
    after = storm.platter.rows(_PICTURE)
    if [tuple(row) for row in before] != [tuple(row) for row in after]:
        raise Violation("terminal is final: the next day somebody began anew")


_PICTURE = """
    SELECT id, state, done, ref FROM orders UNION ALL SELECT id, state, attempts, lead_id FROM inbox UNION ALL
    SELECT id, state, interactions, open_task FROM leads
"""
