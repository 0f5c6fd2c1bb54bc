"""The one judge of every battery: compares what was answered, what the CRM holds and what the store says.

    found = check(Evidence(ledger, stored(url), {"crm": hubspot(fake.state())}))
    print(f"{len(ledger)} sent, {lost(found)} lost, {doubled(found)} doubled")

The invariants, and what each is compared by:

I1  no loss: every submission answered 200 is a row; it and every row ends in the CRM (record, note, task) or aside
    with a reason
I2  no duplicate effect: one object per mark, one record per person, one note per submission, none unclaimed
I3  no orphan: nothing is leased longer than a lease and a minute; what is in doubt is looked at again
I4  terminal is final: what has ended does not go back except by a person's hand; an order makes one object
I5  order per person: the record says the newest state, and how many enquiries there really were
I7  conservation: received = rows, each of one class, none that nobody sent, repeats between answers and tries
I8  explainable: a line of history for every plan, every object made, everything set aside
I9  secrets and personal data: no canary in any text
I10 honest status: no 200 while readiness is red

I6 (isolation) is a matter of time: a driver measures it itself.
"""

from collections.abc import Callable, Iterable, Iterator

from tests.battery import crm_looks, store_looks
from tests.battery.evidence import Crm, Entry, Evidence, Ledger, Made, Stored, Violation

__all__ = ["Crm", "Entry", "Evidence", "Ledger", "Made", "Stored", "Violation", "check", "compared", "doubled", "lost"]


def check(evidence: Evidence) -> list[Violation]:
    """Everything that is not as promised, sorted by invariant."""
    seen = [violation for _, look in _looks(evidence) for violation in look(evidence)]
    return sorted(set(seen), key=lambda found: (int(found.invariant[1:]), found.what, found.who))


def compared(evidence: Evidence) -> tuple[str, ...]:
    """Which invariants `check` can judge with this evidence."""
    return tuple(dict.fromkeys(name for name, _ in _looks(evidence)))


def lost(found: Iterable[Violation]) -> int:
    return len({violation.who for violation in found if violation.invariant == "I1"})


def doubled(found: Iterable[Violation]) -> int:
    return len({violation.who for violation in found if violation.invariant == "I2"})


_Look = Callable[[Evidence], Iterator[Violation]]


def _looks(evidence: Evidence) -> list[tuple[str, _Look]]:
    always: list[tuple[str, _Look]] = [
        ("I1", store_looks.answered_and_gone),
        ("I2", crm_looks.twice),
        ("I2", store_looks.planned_twice),
        ("I3", store_looks.leased_too_long),
        ("I4", store_looks.made_again),
        ("I7", store_looks.conservation),
        ("I7", store_looks.repeats),
        ("I8", store_looks.unexplained),
        ("I10", store_looks.false_200),
    ]
    settled: list[tuple[str, _Look]] = [
        ("I1", store_looks.not_ended),
        ("I1", store_looks.aside_without_reason),
        ("I1", crm_looks.not_in_the_crm),
        ("I2", crm_looks.unclaimed),
        ("I5", crm_looks.newest),
    ]
    return [
        *always,
        *(settled if evidence.settled else ()),
        *([("I4", store_looks.gone_back)] if evidence.before else ()),
        *([("I9", _told)] if evidence.canaries else ()),
    ]


def _told(evidence: Evidence) -> Iterator[Violation]:
    for number, canary in enumerate(evidence.canaries):
        if any(canary in text for text in evidence.texts):
            yield Violation("I9", "a secret or personal value was told", f"canary {number}")
