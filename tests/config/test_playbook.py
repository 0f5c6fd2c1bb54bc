"""What the decisions get from a config."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from syncd.config.load import Loaded, load_text
from syncd.core.playbook import PoolMethod
from syncd.core.targets import Target
from syncd.core.templates import BODY, SUBJECT
from syncd.core.worktime import is_open
from tests.config.world import GOOD, registry

Load = Callable[..., Loaded]

FRIDAY_NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)


def version(text: str, **environ: str) -> str:
    return load_text(text, environ, registry()).playbook.version


def test_people_work_by_their_own_hours_or_by_the_first_ones(load: Load) -> None:
    late = '  late:\n    week: {daily: "14:00-22:00"}\n    zone: America/New_York\npeople:'

    people = load(("people:", late), ("email: tom@acme.com", "email: tom@acme.com, hours: late")).playbook.people

    assert people["eva"].calendar.name == "office"
    assert str(people["tom"].calendar.zone) == "America/New_York"
    assert load().playbook.people["tom"].calendar.name == "office"


def test_without_any_hours_everybody_works_around_the_clock() -> None:
    text = GOOD.replace(GOOD[GOOD.index("hours:") : GOOD.index("people:")], "").replace(", hours: office", "")

    playbook = load_text(text, {}, registry()).playbook

    assert is_open(playbook.calendar, SUNDAY)
    assert str(playbook.people["eva"].calendar.zone) == "Europe/Berlin"


def test_holidays_closed_days_and_special_days_are_heeded(load: Load) -> None:
    days = """holidays: DE-BY
    closed: [2026-11-20, 2026-12-24..2026-12-31]
    special: {2026-12-30: "10:00-12:00"}"""

    calendar = load(("holidays: DE-BY", days)).playbook.calendar

    assert calendar.hours_on(date(2026, 11, 19)) == ((540, 1020),)
    assert calendar.hours_on(date(2026, 11, 20)) == ()
    assert calendar.hours_on(date(2026, 12, 28)) == ()
    assert calendar.hours_on(date(2026, 12, 30)) == ((600, 720),)
    assert calendar.hours_on(date(2027, 1, 6)) == ()  # Epiphany, in Bavaria
    assert not is_open(calendar, FRIDAY_NOON)


def test_pools_keep_their_order_and_weights(load: Load) -> None:
    weighted = "members: {tom: 3, eva: 1}, method: weighted, in_hours_only: yes"

    pool = load(("members: [eva, tom]", weighted)).playbook.pools["sales"]

    assert pool.members == (("tom", 3), ("eva", 1))
    assert (pool.method, pool.in_hours_only) == (PoolMethod.WEIGHTED, True)
    assert load().playbook.pools["sales"].members == (("eva", 1), ("tom", 1))


def test_rules_keep_their_order_and_their_wishes(load: Load) -> None:
    urgent = "assign: {person: tom}, target: 2 h, hot: on, priority: high, task: {subject: Call now}, reassign: yes}"

    first, last = load(("assign: {pool: sales}}", urgent)).playbook.rules

    assert (first.name, first.person, first.pool, first.subject) == ("german", "tom", "", "Call now")
    assert (first.target, first.hot, first.priority, first.reassign) == (Target(timedelta(hours=2)), True, "high", True)
    assert first.when
    assert first.when.matches({"country": "AT"})
    assert (last.name, last.when, last.person, last.target, last.priority) == ("everyone else", None, "eva", None, "")


def test_away_days_targets_and_texts_have_their_defaults(load: Load) -> None:
    playbook = load(("email: tom@acme.com", "email: tom@acme.com, away: [2026-12-24, 2027-01-04..2027-01-08]")).playbook

    assert playbook.people["tom"].away == (
        (date(2026, 12, 24), date(2026, 12, 24)),
        (date(2027, 1, 4), date(2027, 1, 8)),
    )
    assert playbook.targets == {
        "hot": Target(timedelta(minutes=5)),
        "lead": Target(timedelta(hours=1)),
        "name": Target(days=1),
    }
    assert (playbook.subject, playbook.body) == (SUBJECT, BODY)


def test_sources_tell_their_tag_map_and_country(load: Load) -> None:
    plan = load(('form_id: "17"', "form_id: 17, tag: Web, map: {email: q1}, country: Germany")).playbook.sources[
        "contact"
    ]

    assert (plan.name, plan.tag, plan.map, plan.country) == ("contact", "Web", {"email": "q1"}, "DE")


def test_suppressed_people_are_known_by_the_key_of_their_address(load: Load) -> None:
    playbook = load(
        ("version: 1", "version: 1\nsuppress: {domains: [Rival.com], emails: [Max.Muster+x@googlemail.com]}")
    ).playbook

    assert playbook.suppressed_domains == {"rival.com"}
    assert playbook.suppressed_emails == {"maxmuster@gmail.com"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1", "# a remark\nversion: '1'\nweb: {port: 81}\nlog: {level: debug}"),
        ("{country: [DE, AT]}", "{ 'country': [ DE, # remark\n      \"AT\" ]}"),
        ("{type: crm}", "{type: crm, token: '${TOKEN}'}"),
    ],
)
def test_the_version_does_not_depend_on_form_on_place_or_on_the_value_of_a_secret(old: str, new: str) -> None:
    first, second = (version(GOOD.replace(old, new), TOKEN=token) for token in ("first-token", "second-token"))

    assert first == second
    assert (first == version(GOOD)) == ("TOKEN" not in new)
    assert len(first) == 64


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[DE, AT]", "[DE, CH]"),
        ("09:00-17:00", "09:00-17:30"),
        ('form_id: "17"', 'form_id: "18"'),
        ("version: 1", "version: 1\njunk: {flag: 30}"),
        ("[eva, tom]", "[tom, eva]"),
    ],
)
def test_the_version_changes_with_what_decides(old: str, new: str) -> None:
    assert version(GOOD.replace(old, new)) != version(GOOD)
