"""What the oracle compares within the store, and with the ledger of whoever posted (I1, I3, I4, I7, I8, I10)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.battery.evidence import Evidence, Violation, by_key, parked, repeated

MINUTE = 60_000_000
TAKEOVER = 90.0  # seconds: a lease and a minute
LONGEST_LOOK = 11 * MINUTE  # the last look after a lost answer comes ten minutes later
ASIDE = ("parked", "quarantined", "suppressed")
_BY_HAND = ("released by hand", "found by a person", "missed by a person, sent again")
_MADE = ("made in the CRM", "brought up to date in the CRM")
_ENDED = {*_MADE, "found by a person"}


def answered_and_gone(evidence: Evidence) -> Iterator[Violation]:
    rows = by_key(evidence.store)
    for entry in evidence.ledger:
        if entry.answers and (entry.source, entry.key) not in rows:
            yield Violation("I1", "answered 200, and not in the store", f"{entry.source}/{entry.key}")


def not_ended(evidence: Evidence) -> Iterator[Violation]:
    aside = {(o["lead_id"], o["sink"]) for o in evidence.store.orders if parked(o) and o["kind"] == "record"}
    for row in evidence.store.inbox:
        if row["state"] not in ("planned", *ASIDE):
            yield Violation("I1", f"a submission stays {row['state']}", f"{row['source']}/{row['key']}")
    for order in evidence.store.orders:
        held_back = order["state"] == "blocked" and (order["lead_id"], order["sink"]) in aside
        if order["state"] not in ("done", "parked") and not held_back:
            yield Violation("I1", f"a {order['kind']} stays {order['state']}", order["mark"])


def aside_without_reason(evidence: Evidence) -> Iterator[Violation]:
    for row in evidence.store.inbox:
        if row["state"] in ASIDE and not row["problem"]:
            yield Violation("I1", f"{row['state']} without a reason", f"{row['source']}/{row['key']}")
    for order in evidence.store.orders:
        if parked(order) and not order["reason"]:
            yield Violation("I1", "parked without a reason", order["mark"])


def planned_twice(evidence: Evidence) -> Iterator[Violation]:
    """One lead per person, one open task per lead; a new task follows only on news from the CRM."""
    people = defaultdict(list)
    for lead in evidence.store.leads:
        people[str(lead["fields"].get("email", "")).lower()].append(lead["id"])
    for address, ids in people.items():
        if address and len(ids) > 1:
            yield Violation("I2", "two leads of one person", " and ".join(sorted(ids)))
    news = Counter(event["lead_id"] for event in evidence.store.events if event["event"].startswith("signal: "))
    tasks = Counter((o["lead_id"], o["sink"]) for o in evidence.store.orders if o["kind"] == "task")
    for (lead, sink), count in tasks.items():
        if count > 1 + news[lead]:
            yield Violation("I2", f"{count} tasks for one lead in {sink}", lead)
    for ref in repeated(f"{o['sink']} {o['kind']} {o['ref']}" for o in evidence.store.orders if o["ref"]):
        yield Violation("I2", "two orders claim one object", ref)


def leased_too_long(evidence: Evidence) -> Iterator[Violation]:
    """Somebody must have been there who could take over what the dead had in hand."""
    if evidence.lived < TAKEOVER:
        return
    now = evidence.store.now
    for order in evidence.store.orders:
        if order["state"] == "sending" and order["due_at"] < now - MINUTE:
            yield Violation("I3", f"a {order['kind']} is in sending long after its lease", order["mark"])
        if order["state"] == "unknown" and order["due_at"] > now + LONGEST_LOOK:
            yield Violation("I3", f"a {order['kind']} in doubt is not looked for", order["mark"])
    for row in evidence.store.inbox:
        if row["state"] == "waiting" and row["lease"] and row["due_at"] < now - MINUTE:
            yield Violation("I3", "a submission is leased long after its lease", f"{row['source']}/{row['key']}")


def made_again(evidence: Evidence) -> Iterator[Violation]:
    first: dict[int, Any] = {}
    for event in sorted(evidence.store.events, key=lambda event: event["id"]):
        order, ref = event["order_id"], event["detail"].get("ref")
        if event["event"] in _BY_HAND:
            first.pop(order, None)
        elif event["event"] in _MADE and order in first and (ref != first[order] or event["event"] == _MADE[0]):
            yield Violation("I4", "an order has made a second object", f"order {order}")
        elif event["event"] in _MADE:
            first[order] = ref


def gone_back(evidence: Evidence) -> Iterator[Violation]:
    assert evidence.before is not None
    freed = {e["order_id"] for e in evidence.store.events if e["event"] in _BY_HAND}
    freed_rows = {e["submission_id"] for e in evidence.store.events if e["event"] in _BY_HAND}
    rows, orders = _by_id(evidence.store.inbox), _by_id(evidence.store.orders)
    for row in evidence.before.inbox:
        ended = row["state"] in ("planned", *ASIDE) and row["id"] not in freed_rows
        if ended and (row["id"] not in rows or rows[row["id"]]["state"] != row["state"]):
            yield Violation("I4", "a submission that had ended went back", f"{row['source']}/{row['key']}")
    for order in evidence.before.orders:
        once = order["kind"] == "note" and order["state"] == "done" and order["id"] not in freed
        if once and (order["id"] not in orders or orders[order["id"]]["state"] != "done"):
            yield Violation("I4", "a note that was done went back", order["mark"])


def conservation(evidence: Evidence) -> Iterator[Violation]:
    store = evidence.store
    if store.received != len(store.inbox):
        yield Violation("I7", f"received {store.received}, kept {len(store.inbox)}", "the sum")
    for words in store.broken:
        yield Violation("I7", "syncd prove", words)
    if len(by_key(store)) != len(store.inbox):
        yield Violation("I7", "two rows of one source and key", "the inbox")
    leads = {lead["id"] for lead in store.leads}
    for row in store.inbox:
        who = f"{row['source']}/{row['key']}"
        if len(evidence.ledger) and evidence.ledger.find(row["source"], row["key"]) is None:
            yield Violation("I7", "a submission that nobody sent", who)
        if row["state"] == "planned" and row["lead_id"] not in leads:
            yield Violation("I7", "planned, and of no lead", who)


def repeats(evidence: Evidence) -> Iterator[Violation]:
    """A repeat may be counted without an answer that arrives, and never without a try."""
    rows = by_key(evidence.store)
    for entry in evidence.ledger:
        row = rows.get((entry.source, entry.key))
        if row and not entry.answers <= row["repeats"] + 1 <= entry.tries:
            said = f"{entry.answers} answers, {row['repeats']} repeats, {entry.tries} tries"
            yield Violation("I7", said, f"{entry.source}/{entry.key}")


def unexplained(evidence: Evidence) -> Iterator[Violation]:
    by_row, by_order = defaultdict(set), defaultdict(set)
    for event in evidence.store.events:
        by_row[event["submission_id"]].add(event["event"].partition(":")[0])
        by_order[event["order_id"]].add(event["event"])
    for row in evidence.store.inbox:
        if row["state"] in ("planned", "quarantined", "suppressed") and "planned" not in by_row[row["id"]]:
            yield Violation("I8", f"{row['state']} without a story", f"{row['source']}/{row['key']}")
    for order in evidence.store.orders:
        if order["state"] == "done" and not by_order[order["id"]] & _ENDED:
            yield Violation("I8", f"a {order['kind']} is done without a story", order["mark"])
        if parked(order) and "parked" not in by_order[order["id"]]:
            yield Violation("I8", f"a {order['kind']} is parked without a story", order["mark"])


def false_200(evidence: Evidence) -> Iterator[Violation]:
    for entry in evidence.ledger:
        if entry.red:
            yield Violation("I10", "answered 200 while readiness was red", f"{entry.source}/{entry.key}")


def _by_id(rows: Iterable[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    return {row["id"]: row for row in rows}
