"""From orders to a sink: batches what is waiting, sends at once when idle, saves every outcome on its own."""

import random
from collections.abc import Callable, Sequence
from datetime import timedelta

from syncd import log
from syncd.core import backoff
from syncd.core.playbook import Playbook
from syncd.errors import Ambiguous, AuthFailed, RateLimited, Refused, Retryable
from syncd.model import Done, OrderKind, Outcome, Refusal, Unknown, Wait
from syncd.run.heartbeat import Heartbeat
from syncd.run.line import Line
from syncd.run.sending import Sending, Sent, age
from syncd.store.leads import Leads
from syncd.store.orders import Claimed, Orders, Settled

FRAIL = 3
"""After so many sure failures an order is sent alone, so that it cannot pull others down."""

BUG_TRIES = 5
_SHORT = timedelta(seconds=1)


class Dispatcher:
    """Several may run for one sink; leases keep them apart."""

    def __init__(
        self,
        line: Line,
        orders: Orders,
        leads: Leads,
        playbook: Callable[[], Playbook],
        heartbeat: Heartbeat,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.line, self.orders, self.leads = line, orders, leads
        self.playbook, self.heartbeat, self.jitter = playbook, heartbeat, jitter
        self.sending = Sending(line, playbook)
        self._log = log.get("dispatcher").bind(sink=line.name)

    def turn(self) -> bool:
        """One batch of records, then one of tasks; notes when neither is waiting."""
        worked = [self._one_batch(OrderKind.RECORD), self._one_batch(OrderKind.TASK)]
        return any(worked) or self._one_batch(OrderKind.NOTE)

    def _one_batch(self, kind: OrderKind) -> bool:
        if self.line.paused():
            return False
        token, claimed = self.orders.claim(self.line.name, kind, self.line.sink.batch)
        if not claimed:
            return False
        with self.heartbeat.keep(lambda: self.orders.renew(token, [order.id for order in claimed])):
            for group in _groups(claimed):
                self._deliver(token, kind, group)
        return True

    def _deliver(self, token: str, kind: OrderKind, group: Sequence[Claimed]) -> None:
        try:
            sent = self.sending.send(kind, group)
        except (RateLimited, AuthFailed) as error:
            after = error.after if isinstance(error, RateLimited) else _SHORT
            self.orders.release(token, [order.id for order in group], after)
            return
        except Refused as error:
            if len(group) > 1:
                for order in group:
                    self._deliver(token, kind, [order])
                return
            sent = Sent([Refusal(str(error))])
        except Ambiguous as error:
            sent = Sent([Unknown(str(error))] * len(group))
        except Retryable as error:
            sent = Sent([Wait(str(error), error.after)] * len(group))
        except Exception as error:  # noqa: BLE001 - a connector's bug must not stop the others' leads
            self._log.error("sending failed", kind=kind.value, orders=len(group), exc_info=error)
            sent = Sent([Wait(f"a bug of the connector: {type(error).__name__}")] * len(group))
        self._settle(token, kind, group, sent)

    def _settle(self, token: str, kind: OrderKind, group: Sequence[Claimed], sent: Sent) -> None:
        outcomes = list(sent.outcomes)
        if len(outcomes) != len(group):
            self._log.error("connector answered for another number of orders", kind=kind.value)
            outcomes = [Unknown("the connector answered for another number of orders")] * len(group)
        results = [self._settled(order, outcome) for order, outcome in zip(group, outcomes, strict=True)]
        self.orders.settle(token, self.line.name, results)
        for result in results:
            name = "parked" if result.give_up else type(result.outcome).__name__.lower()
            self.line.metrics.outcomes.labels(self.line.name, kind.value, name).inc()
            if name in ("parked", "refusal"):
                self._log.warning("order parked", order=result.order.id, kind=kind.value)
        self._adopt(sent, results)

    def _settled(self, order: Claimed, outcome: Outcome) -> Settled:
        if not isinstance(outcome, Wait):
            return Settled(order, outcome)
        tries = order.attempts + outcome.failed
        usual = backoff.wait(tries, self.jitter()) if outcome.failed else timedelta(0)
        after = outcome.after if outcome.after is not None else usual
        bug = outcome.reason.startswith("a bug of") and tries >= BUG_TRIES
        old = age(order, self.orders.database.now()) > self.line.options.give_up and tries >= FRAIL
        return Settled(order, outcome, max(after, usual), give_up=bug or old)

    def _adopt(self, sent: Sent, results: Sequence[Settled]) -> None:
        """An owner found only now keeps the lead; the planner could not know of them."""
        done = {result.order.id for result in results if isinstance(result.outcome, Done)}
        people = {person.email.lower(): person.id for person in self.playbook().people.values()}
        for order, owner in sent.owners:
            ours = people.get(owner.email.lower(), "") or f"{self.line.name}:{owner.id}"
            if order.id in done and order.lead and ours != order.lead.owner:
                self.leads.adopt_owner(order.lead_id, self.line.name, ours)


def _groups(claimed: Sequence[Claimed]) -> list[list[Claimed]]:
    sound = [order for order in claimed if order.attempts < FRAIL]
    alone = [[order] for order in claimed if order.attempts >= FRAIL]
    return [sound, *alone] if sound else alone
