import re
from datetime import date

import pytest

from syncd.core.holidays_of import public_holidays


def test_holidays_of_a_part_differ_from_those_of_the_country():
    epiphany = date(2026, 1, 6)

    assert epiphany in public_holidays("DE-BY")
    assert epiphany not in public_holidays("DE")


def test_category_adds_the_days_that_are_not_held_everywhere():
    assumption = date(2026, 8, 15)

    assert assumption not in public_holidays("DE-BY")
    assert assumption in public_holidays("de-by+Catholic")


def test_observed_day_counts_when_the_holiday_is_a_saturday():
    assert date(2026, 7, 3) in public_holidays("US")
    assert date(2021, 12, 31) in public_holidays("US")


def test_year_lists_its_days_with_names():
    days = public_holidays("GB-ENG").of(2026)

    assert days[date(2026, 12, 25)] == "Christmas Day"
    assert {day.year for day in days} == {2026}


def test_parts_are_found_whatever_their_case():
    assert public_holidays("nz-south canterbury").subdivision == "South Canterbury"


@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        ("XX", 'holidays "XX": unknown country "XX"'),
        ("UK", 'unknown country "UK" (did you mean'),
        ("", 'unknown country ""'),
        ("DE-BAY", 'DE has no part "BAY"; use one of BB, BE, BW, BY'),
        ("MC-01", "MC is not divided"),
        ("DE-BY+cathlic", 'DE has no category "cathlic"; it has catholic, public'),
    ],
)
def test_unknown_place_is_refused_with_what_would_be_right(place, complaint):
    with pytest.raises(ValueError, match=re.escape(complaint)):
        public_holidays(place)
