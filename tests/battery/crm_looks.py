"""What the oracle compares with the objects of a CRM (I1, I2, I5)."""

from collections import Counter
from collections.abc import Iterator

from tests.battery.evidence import Evidence, Violation, by_key, parked, repeated


def not_in_the_crm(evidence: Evidence) -> Iterator[Violation]:
    """By what the driver sent, not by what the store believes."""
    rows, aside = by_key(evidence.store), {o["lead_id"] for o in evidence.store.orders if parked(o)}
    for sink, crm in evidence.crms.items():
        people = {address for record in crm.records for address in record.people}
        told = Counter(word for note in crm.notes for word in note.words)
        helped = {record for task in crm.tasks for record in task.records}
        at = {address: record.id for record in crm.records for address in record.people}
        for entry in evidence.ledger:
            row = rows.get((entry.source, entry.key))
            if row is None or row["state"] != "planned" or row["lead_id"] in aside:
                continue
            who = f"{entry.source}/{entry.key}"
            if entry.person and entry.person not in people:
                yield Violation("I1", f"no record in {sink}", who)
            elif entry.person and at[entry.person] not in helped:
                yield Violation("I1", f"no task in {sink}", who)
            if entry.token and not told[entry.token]:
                yield Violation("I1", f"no note in {sink}", who)


def twice(evidence: Evidence) -> Iterator[Violation]:
    tokens = {entry.token: f"{entry.source}/{entry.key}" for entry in evidence.ledger if entry.token}
    for sink, crm in evidence.crms.items():
        for kind in ("record", "task", "note"):
            for mark in repeated(made.mark for made in crm.of(kind) if made.mark):
                yield Violation("I2", f"two {kind}s of one mark in {sink}", mark)
        for address in repeated(address for record in crm.records for address in set(record.people)):
            keys = sorted(record.mark or record.id for record in crm.records if address in record.people)
            yield Violation("I2", f"two records of one person in {sink}", " and ".join(keys))
        for token in repeated(word for note in crm.notes for word in note.words & tokens.keys()):
            yield Violation("I2", f"two notes of one submission in {sink}", tokens[token])


def unclaimed(evidence: Evidence) -> Iterator[Violation]:
    """An object of ours in the CRM that is not the one its order points to: made by a try that nobody remembers."""
    refs = {(o["sink"], o["kind"], o["ref"]) for o in evidence.store.orders}
    for sink, crm in evidence.crms.items():
        for kind in ("record", "task", "note"):
            for made in crm.of(kind):
                if made.mark and (sink, kind, made.id) not in refs:
                    yield Violation("I2", f"a {kind} in {sink} that no order points to", made.mark)
                elif not made.mark and made.records:
                    yield Violation("I2", f"a {kind} in {sink} without a mark", made.id)


def newest(evidence: Evidence) -> Iterator[Violation]:
    arrivals = Counter(row["lead_id"] for row in evidence.store.inbox if row["state"] == "planned")
    for order in evidence.store.orders:
        if order["state"] == "done" and order["done"] != order["wanted"]:
            yield Violation("I5", f"a {order['kind']} is done with an older revision", order["mark"])
    records = {(o["sink"], o["ref"]): o["lead_id"] for o in evidence.store.orders if o["kind"] == "record"}
    for sink, crm in evidence.crms.items():
        for record in crm.records:
            lead = records.get((sink, record.id))
            if lead and record.inquiries is not None and record.inquiries != arrivals[lead]:
                said = f"a record in {sink} says {record.inquiries} enquiries of {arrivals[lead]}"
                yield Violation("I5", said, lead)
