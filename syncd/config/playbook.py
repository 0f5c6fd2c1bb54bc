"""From Settings that fit together to the playbook of the decisions."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import orjson

from syncd.config.entries import Chosen
from syncd.config.roster import HoursEntry
from syncd.config.routing import RuleEntry
from syncd.config.settings import Settings, SourceEntry
from syncd.connector import SourceOptions
from syncd.core.cleaning.countries import clean_country
from syncd.core.cleaning.emails import clean_email
from syncd.core.expect import parse_expected
from syncd.core.facts import FACT_NAMES
from syncd.core.holidays_of import public_holidays
from syncd.core.hours import parse_hours, parse_week
from syncd.core.playbook import JunkPlan, Person, Playbook, Pool, Rule, SourcePlan
from syncd.core.routing.conditions import compile_condition
from syncd.core.targets import parse_target
from syncd.core.worktime import WorkCalendar, always_open

Connectors = Mapping[str, Mapping[str, Chosen]]
"""Section ("sources", "sinks", "alerts") -> name -> connector."""


def make_playbook(settings: Settings, connectors: Connectors) -> Playbook:
    """Settings must have passed `cross_check`. People without hours have the first ones, or work always."""
    zone = ZoneInfo(settings.company.zone)
    calendars = {name: _calendar(name, entry, zone) for name, entry in settings.hours.items()}
    usual = next(iter(calendars.values()), None) or always_open(zone)
    return Playbook(
        version=fingerprint(settings, connectors),
        company=settings.company.name,
        own_domains=frozenset(settings.company.domains),
        country=settings.company.country,
        calendar=usual,
        people={
            person: Person(person, entry.name, entry.email, calendars.get(entry.hours, usual), entry.active, entry.away)
            for person, entry in settings.people.items()
        },
        pools={
            name: Pool(name, tuple(entry.members.items()), entry.method, entry.in_hours_only)
            for name, entry in settings.pools.items()
        },
        rules=tuple(map(_rule, settings.rules)),
        sources={name: _source(name, each, settings.sources[name]) for name, each in connectors["sources"].items()},
        targets={stage: parse_target(text) for stage, text in settings.targets.model_dump().items()},
        policies=settings.fields,
        junk=JunkPlan(settings.junk.flag, settings.junk.quarantine, settings.junk.weights),
        lead_sources=settings.lead_sources,
        subject=settings.task.subject,
        body=settings.task.body,
        languages=frozenset(settings.junk.languages),
        suppressed_domains=frozenset(settings.suppress.domains),
        suppressed_emails=frozenset(_email_keys(settings.suppress.emails)),
    )


def fingerprint(settings: Settings, connectors: Connectors) -> str:
    """SHA-256 (hex) of what is configured, whatever the secrets and the form of the file.

    Where syncd runs (store, web, log) decides nothing about a lead and does not count.
    """
    canonical = {
        "settings": settings.model_dump(mode="json", exclude={"store", "web", "log"}),
        "options": {
            section: {name: each.options.model_dump(mode="json") for name, each in entries.items()}
            for section, entries in connectors.items()
        },
    }
    return hashlib.sha256(orjson.dumps(canonical)).hexdigest()


def _calendar(name: str, entry: HoursEntry, zone: ZoneInfo) -> WorkCalendar:
    return WorkCalendar(
        name,
        ZoneInfo(entry.zone) if entry.zone else zone,
        parse_week(entry.week),
        frozenset(day for first, last in entry.closed for day in _days(first, last)),
        {day: parse_hours(text) for day, text in entry.special.items()},
        public_holidays(entry.holidays) if entry.holidays else None,
    )


def _days(first: date, last: date) -> Iterator[date]:
    for step in range((last - first).days + 1):
        yield first + timedelta(days=step)


def _rule(entry: RuleEntry) -> Rule:
    return Rule(
        name=entry.name,
        when=None if entry.when is None else compile_condition(entry.when, FACT_NAMES),
        person=entry.assign.person,
        pool=entry.assign.pool,
        target=parse_target(entry.target) if entry.target else None,
        hot=entry.hot,
        priority=entry.priority or "",
        subject=entry.task.subject,
        body=entry.task.body,
        reassign=entry.reassign,
    )


def _source(name: str, each: Chosen, entry: SourceEntry) -> SourcePlan:
    options = each.options
    expected = parse_expected(entry.expect) if entry.expect else None
    if not isinstance(options, SourceOptions):
        return SourcePlan(name, expected=expected, learned=entry.silence)
    country = clean_country(options.country)
    return SourcePlan(name, options.tag, options.map, country, expected, entry.silence)


def _email_keys(addresses: Iterable[str]) -> Iterator[str]:
    return (email.key for email in map(clean_email, addresses) if email)
