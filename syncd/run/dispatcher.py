"""From orders to a sink: batches what is waiting, sends at once when idle, saves every outcome on its own."""

import random
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from syncd import log
from syncd.core import backoff
from syncd.core.playbook import Playbook
from syncd.errors import Ambiguous, AuthFailed, RateLimited, Refused, Retryable, StoreBusy, StoreError
from syncd.model import Done, OrderKind, Outcome, Refusal, Unknown, Wait
from syncd.run.heartbeat import Heartbeat
from syncd.run.hold import Hold, Overslept
from syncd.run.line import Line
from syncd.run.loop import asked_to_stop
from syncd.run.sending import Sending, Sent, age
from syncd.store.leads import Leads
from syncd.store.orders import LEASE, Orders
from syncd.store.outcomes import Claimed, Settled
from syncd.store.schema import FRAIL

BUG_TRIES = 5
OWNER_TRIES = 3
NEWEST_EVERY = 2
"""Of a backlog every such turn starts from its end, with records as with tasks: who asks now may still be waiting for
an answer. The other turns see to it that nobody waits for ever.
"""

_AT_ONCE, _SHORT = timedelta(0), timedelta(seconds=1)
_SAVE_AGAIN = (0.1, 0.5, 2.0)
"""Seconds between tries to save what a sink has answered; after that the lease runs out and it is in doubt."""


class Dispatcher:
    """Several may run for one sink; leases keep them apart, and by their `number` they start from different ends."""

    def __init__(
        self,
        line: Line,
        orders: Orders,
        leads: Leads,
        playbook: Callable[[], Playbook],
        heartbeat: Heartbeat,
        number: int = 0,
        jitter: Callable[[], float] = random.random,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.line, self.orders, self.leads = line, orders, leads
        self.playbook, self.heartbeat, self.jitter, self._sleep = playbook, heartbeat, jitter, sleep
        self.sending = Sending(line, playbook)
        self._turns = number
        self._backlog: set[OrderKind] = set()  # of what the last batch was full
        self._log = log.get("dispatcher").bind(sink=line.name)

    def turn(self) -> bool:
        """One batch of records, one of tasks, and one of notes unless a backlog of the others waits."""
        self._turns += 1
        sent = [self._batch(OrderKind.RECORD), self._batch(OrderKind.TASK)]
        if max(sent) < self.line.sink.batch:
            sent.append(self._batch(OrderKind.NOTE))
        if not self.line.paused():
            sent += [self._frail(kind) for kind in self.orders.frail_kinds(self.line.name)]
        return any(sent)

    def _batch(self, kind: OrderKind) -> int:
        if self.line.paused():
            return 0
        newest = kind in self._backlog and self._turns % NEWEST_EVERY == 0
        hold = Hold(self.line.clock, LEASE)
        token, claimed = self.orders.claim(self.line.name, kind, self.line.sink.batch, newest=newest)
        (self._backlog.add if len(claimed) == self.line.sink.batch else self._backlog.discard)(kind)
        self._send(token, kind, claimed, hold)
        return len(claimed)

    def _frail(self, kind: OrderKind) -> int:
        if self.line.paused():
            return 0
        hold = Hold(self.line.clock, LEASE)
        token, claimed = self.orders.claim_frail(self.line.name, kind)
        self._send(token, kind, claimed, hold)
        return len(claimed)

    def _send(self, token: str, kind: OrderKind, claimed: Sequence[Claimed], hold: Hold) -> None:
        if claimed:
            ids = [order.id for order in claimed]
            with self.heartbeat.keep(lambda: hold.renew(lambda: self.orders.renew(token, ids))):
                self._deliver(token, kind, claimed, hold)

    def _deliver(self, token: str, kind: OrderKind, group: Sequence[Claimed], hold: Hold) -> None:
        try:
            sent = self.sending.send(kind, group, hold)
        except Overslept:
            self._log.warning("overslept", kind=kind.value, orders=len(group))
            self.orders.release(token, [order.id for order in group], _AT_ONCE)
        except (RateLimited, AuthFailed) as error:
            after = error.after if isinstance(error, RateLimited) else _SHORT
            self.orders.release(token, [order.id for order in group], after)
        except Refused as error:
            if len(group) > 1:
                self._halve(token, kind, group, hold)
            else:
                self._settle(token, kind, group, Sent([Refusal(str(error))]))
        except Ambiguous as error:
            self._settle(token, kind, group, Sent([Unknown(str(error))] * len(group)))
        except Retryable as error:
            outage = self.line.paused()  # a sick CRM pauses its sink and uses up nobody's attempts
            wait = Wait(str(error), error.after, failed=not outage)
            self._settle(token, kind, group, Sent([wait] * len(group)))
        except (StoreBusy, StoreError):  # of the budget; what was sent before it, the lease will put in doubt
            raise
        except Exception as error:  # noqa: BLE001 - a connector's bug must not stop the others' leads
            self._log.error("sending failed", kind=kind.value, orders=len(group), exc_info=error)
            wait = Wait(f"a bug of the connector: {type(error).__name__}")
            self._settle(token, kind, group, Sent([wait] * len(group)), bug=True)
        else:
            self._settle(token, kind, group, sent)

    def _halve(self, token: str, kind: OrderKind, group: Sequence[Claimed], hold: Hold) -> None:
        """The whole call was refused: one order may be at fault, and log2 n steps find it."""
        middle = len(group) // 2
        for half in (group[:middle], group[middle:]):
            if self.line.paused() or asked_to_stop():
                self.orders.release(token, [order.id for order in half], _SHORT)
            else:
                self._deliver(token, kind, half, hold)

    def _settle(self, token: str, kind: OrderKind, group: Sequence[Claimed], sent: Sent, *, bug: bool = False) -> None:
        outcomes = list(sent.outcomes)
        if len(outcomes) != len(group):
            self._log.error("connector answered for another number of orders", kind=kind.value)
            outcomes = [Unknown("the connector answered for another number of orders")] * len(group)
        results = [self._settled(order, outcome, bug=bug) for order, outcome in zip(group, outcomes, strict=True)]
        self._save(token, sent, results)
        for result in results:
            name = "parked" if result.give_up else type(result.outcome).__name__.lower()
            self.line.metrics.outcomes.labels(self.line.name, kind.value, name).inc()
            if result.parks:
                self._log.warning("order parked", order=result.order.id, kind=kind.value)

    def _settled(self, order: Claimed, outcome: Outcome, *, bug: bool) -> Settled:
        old = age(order, self.orders.database.now()) > self.line.options.give_up
        if isinstance(outcome, Unknown):
            return Settled(order, outcome, give_up=old and order.sent_at is not None)
        if isinstance(outcome, Refusal) and outcome.owner and order.attempts < OWNER_TRIES:
            self.line.forget_owners()  # they have left since the list was read: who stands in gets it
            outcome = Wait(outcome.reason)
        if isinstance(outcome, Refusal) and outcome.gone and self.line.options.remakes:
            return Settled(order, Wait("the record was deleted, and is made again", failed=False), forget=True)
        if not isinstance(outcome, Wait):
            return Settled(order, outcome)
        tries = order.attempts + outcome.failed
        usual = backoff.wait(tries, self.jitter()) if outcome.failed else timedelta(0)
        after = max(outcome.after if outcome.after is not None else usual, usual)
        spent = (bug and tries >= BUG_TRIES) or (old and tries >= FRAIL)
        return Settled(order, outcome, after, give_up=spent, in_doubt=bug)

    def _save(self, token: str, sent: Sent, results: Sequence[Settled]) -> None:
        """What the sink has answered is dear: a store that stumbles is asked again."""
        for pause in _SAVE_AGAIN:
            try:
                self._save_once(token, sent, results)
            except StoreBusy:
                self._sleep(pause)
            else:
                return
        self._save_once(token, sent, results)

    def _save_once(self, token: str, sent: Sent, results: Sequence[Settled]) -> None:
        self._adopt(sent, results)  # first: settling a record lets another worker send its task
        self.orders.settle(token, self.line.name, results)

    def _adopt(self, sent: Sent, results: Sequence[Settled]) -> None:
        """An owner found only now keeps the lead; the planner could not know of them."""
        done = {result.order.id for result in results if isinstance(result.outcome, Done)}
        people = {person.email.lower(): person.id for person in self.playbook().people.values()}
        for order, owner in sent.owners:
            ours = people.get(owner.email.lower(), "") or f"{self.line.name}:{owner.id}"
            if order.id in done and order.lead and ours != order.lead.owner:
                self.leads.adopt_owner(order.lead_id, self.line.name, ours)
