"""HubSpot's names beside ours: nothing is lost on the way."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sinks.hubspot import wire
from syncd.connector import FIELDS


@given(
    st.integers(0, 4_000_000_000_000_000).map(lambda us: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=us))
)
def test_times_survive_both_ways_of_writing_them(moment: datetime) -> None:
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    assert wire.moment_of(wire.instant(moment)) == whole
    assert wire.moment_of(str(wire.milliseconds(moment))) == whole


@pytest.mark.parametrize("value", [None, "", "yesterday", "9" * 40, "2026-13-01", 12.5])
def test_what_is_no_time_is_none(value: object) -> None:
    assert wire.moment_of(value) is None


def test_time_in_another_zone_is_told_in_utc() -> None:
    assert wire.moment_of("2026-03-02T10:00:00+02:00") == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert wire.moment_of("2026-03-02T10:00:00") == datetime(2026, 3, 2, 10, tzinfo=UTC)


@given(st.dictionaries(st.sampled_from(sorted(wire.PROPERTIES)), st.text(max_size=50)))
def test_fields_survive_the_way_there_and_back(fields: dict[str, str]) -> None:
    there = wire.properties_from(fields, wire.PROPERTIES)

    assert wire.fields_from(there, wire.PROPERTIES) == {name: value for name, value in fields.items() if value}


def test_every_built_in_name_is_a_canonical_field() -> None:
    touches = {"first_channel", "last_channel", "first_campaign", "last_campaign", "first_touch_at", "inquiries"}

    assert set(wire.PROPERTIES) - touches <= set(FIELDS)
    assert "consent" not in wire.PROPERTIES


def test_merged_ids_are_read_in_both_spellings() -> None:
    properties = {"hs_merged_object_ids": "1;2", "hs_calculated_merged_vids": "2:1700000000000;3:1700000000001"}

    assert wire.merged_ids(properties) == ["1", "2", "3"]
    assert wire.merged_ids({}) == []


def test_addresses_come_in_lower_case_the_own_one_first() -> None:
    properties = {"email": "A@x.example", "hs_additional_emails": "B@x.example;c@x.example"}

    assert wire.addresses(properties) == ["a@x.example", "b@x.example", "c@x.example"]
    assert wire.addresses({"email": None}) == []


def test_queue_is_told_from_a_person() -> None:
    queue = wire.owner_from({"id": 7, "type": "QUEUE", "firstName": "Inbound", "email": None, "archived": False})

    assert (queue.id, queue.queue, queue.email, queue.name, queue.active) == ("7", True, "", "Inbound", True)


def test_instant_is_in_utc_with_milliseconds() -> None:
    moment = datetime(2026, 3, 2, 9, 0, 0, 123_999, tzinfo=UTC) + timedelta(hours=1)

    assert wire.instant(moment) == "2026-03-02T10:00:00.123Z"
