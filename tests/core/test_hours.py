import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.hours import parse_hours, parse_week

NINE_TO_FIVE = ((540, 1020),)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("09:00-17:00", ((540, 1020),)),
        ("09:00-12:00, 13:00-17:30", ((540, 720), (780, 1050))),
        ("13:00-17:30,9:00 - 12:00", ((540, 720), (780, 1050))),
        ("09:00\u201317:00", ((540, 1020),)),
        ("00:00-24:00", ((0, 1440),)),
        ("18:00-24:00", ((1080, 1440),)),
        ("18:00-00:00", ((1080, 1440),)),
        ("22:00-06:00", ((1320, 1800),)),
        ("", ()),
        ("Closed", ()),
    ],
)
def test_hours_are_read_as_minutes_after_midnight(text, hours):
    assert parse_hours(text) == hours


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("9am-5pm", '"9am-5pm": write hours like 09:00-17:30'),
        ("09:00", '"09:00": write hours like 09:00-17:30'),
        ("09:00-17:00;", '"09:00-17:00;": write hours like'),
        ("09:00-17:75", "there is no 17:75"),
        ("09:00-25:00", "there is no 25:00"),
        ("24:00-06:00", "a day begins at 00:00"),
        ("09:00-09:00", "the whole day is 00:00-24:00"),
        ("09:00-13:00, 12:00-17:00", "the windows overlap"),
        ("09:00-12:00,", '"": write hours like'),
        ("\u0660\u0669:00-17:00", "write hours like"),
    ],
)
def test_hours_that_cannot_be_meant_are_refused_by_name(text, complaint):
    with pytest.raises(ValueError, match=re.escape(complaint)):
        parse_hours(text)


@given(st.text(max_size=40))
def test_any_text_gives_hours_or_a_value_error(text):
    try:
        hours = parse_hours(text)
    except ValueError:
        return

    assert all(0 <= begin < 1440 and begin < end <= 2880 for begin, end in hours)


def test_week_takes_ranges_single_days_and_lists():
    week = parse_week({"mon-wed": "09:00-17:00", "Fri, Sat": "10:00-14:00"})

    assert week == (NINE_TO_FIVE,) * 3 + ((),) + (((600, 840),),) * 2 + ((),)


def test_range_may_run_over_the_weekend():
    week = parse_week({"fri-mon": "09:00-17:00"})

    assert [bool(hours) for hours in week] == [True, False, False, False, True, True, True]


def test_daily_names_all_seven_days():
    assert parse_week({"daily": "09:00-17:00"}) == (NINE_TO_FIVE,) * 7


@pytest.mark.parametrize(
    ("texts", "complaint"),
    [
        ({"mon-fri": "09:00-17:00", "fri": "09:00-15:00"}, '"fri": fri has hours already'),
        ({"montag": "09:00-17:00"}, '"montag" is not a day'),
        ({"mon-": "09:00-17:00"}, '"" is not a day'),
        ({"mon": "all day"}, '"all day": write hours like'),
    ],
)
def test_week_that_cannot_be_meant_is_refused_by_name(texts, complaint):
    with pytest.raises(ValueError, match=re.escape(complaint)):
        parse_week(texts)
