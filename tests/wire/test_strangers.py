"""Who was looked for a moment ago."""

from dataclasses import replace

from syncd.connector import Known, LeadKeys, OwnerRef, Ref, Strangers, only_missing
from syncd.testing import NOON, FakeClock
from tests.connectors.orders import record


def test_one_who_was_looked_for_is_a_stranger_for_a_minute() -> None:
    clock = FakeClock(NOON)
    strangers = Strangers(clock)
    assert strangers.unasked(record())

    strangers.met(replace(record().keys, lead=""))  # as it is planned

    assert not strangers.unasked(record())
    assert strangers.unasked(record(2))
    clock.advance(seconds=61)
    assert strangers.unasked(record())


def test_one_who_is_about_to_be_made_is_a_stranger_no_more() -> None:
    strangers = Strangers(FakeClock(NOON))
    strangers.met(record().keys)

    strangers.forget(record().keys)

    assert strangers.unasked(record())


def test_one_who_is_known_was_asked_about() -> None:
    assert not Strangers(FakeClock(NOON)).unasked(record(known=Known(Ref("lead", "1"))))


def test_one_without_an_address_cannot_be_looked_for() -> None:
    assert not Strangers(FakeClock(NOON)).unasked(record(keys=LeadKeys("lead-1")))


def test_only_what_is_missing_is_left_of_an_order() -> None:
    order = record(owner=OwnerRef("7"))

    left = only_missing(order, {"company": "Old Ltd", "email": "x@y.example"}, owned=True)

    assert set(left.fields) == {"first_name", "last_name", "inquiries"}
    assert left.owner is None
    assert only_missing(order, {}, owned=False) == replace(order)
