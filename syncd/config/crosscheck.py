"""What one entry says of another: every name must exist, every rule must be able to fire."""

from collections.abc import Iterable, Iterator, Sequence

from syncd.config.places import read_country
from syncd.config.playbook import Connectors
from syncd.config.problems import Complaint, Path, did_you_mean, not_among
from syncd.config.routing import RuleEntry
from syncd.config.settings import Settings
from syncd.connector import DropOptions, SourceOptions
from syncd.core.facts import FACT_NAMES
from syncd.core.mapping import MAPPABLE
from syncd.core.playbook import Rule
from syncd.core.routing.conditions import ConditionError, compile_condition
from syncd.core.routing.rules import check_rules
from syncd.model import FIELDS


def cross_check(settings: Settings, connectors: Connectors) -> Iterator[Complaint]:
    """Everything that does not fit together. `connectors`: as far as their options could be read."""
    yield from _check_people(settings)
    yield from _check_pools(settings)
    yield from _check_sources(settings, connectors)
    yield from _check_sinks(settings)
    yield from _check_probe(settings)
    yield from _check_fields(("fields",), settings.fields, FIELDS)
    yield from _check_rules(settings)


def _check_people(settings: Settings) -> Iterator[Complaint]:
    by_email: dict[str, str] = {}
    for person, entry in settings.people.items():
        path = "people", person
        if entry.hours and entry.hours not in settings.hours:
            yield _unknown((*path, "hours"), entry.hours, "hours", settings.hours)
        other = by_email.setdefault(entry.email.casefold(), person)
        if other != person:
            yield Complaint((*path, "email"), f"{other} has this address too; a CRM could not tell them apart")


def _check_pools(settings: Settings) -> Iterator[Complaint]:
    for name, entry in settings.pools.items():
        for person in entry.members:
            if person not in settings.people:
                yield _unknown(("pools", name, "members", person), person, "people", settings.people)


def _check_sources(settings: Settings, connectors: Connectors) -> Iterator[Complaint]:
    for name, each in connectors.get("sources", {}).items():
        path, options = ("sources", name), each.options
        if not isinstance(options, SourceOptions):
            continue
        yield from _check_fields((*path, "map"), options.map, MAPPABLE)
        for field, question in options.map.items():
            if not question:
                yield Complaint((*path, "map", field), "is empty: give the id, ref or label of a question")
        other = options.as_source if isinstance(options, DropOptions) else ""
        if other and other not in settings.sources:
            yield _unknown((*path, "as_source"), other, "sources", settings.sources)
        if settings.lead_sources and options.tag and options.tag not in settings.lead_sources:
            yield _unknown((*path, "tag"), options.tag, "lead_sources", settings.lead_sources)
        try:
            read_country(options.country or settings.company.country)
        except ValueError as error:
            yield Complaint((*path, "country"), str(error))


def _check_sinks(settings: Settings) -> Iterator[Complaint]:
    first, *others = [name for name, sink in settings.sinks.items() if sink.system_of_record] or [""]
    for name in others:
        yield Complaint(("sinks", name, "system_of_record"), f"{first} is the system of record already")
    on_trial = [name for name, sink in settings.sinks.items() if sink.shadow]
    if first in on_trial:
        yield Complaint(("sinks", first, "shadow"), "the system of record cannot be on trial")
    if on_trial and len(on_trial) == len(settings.sinks):
        yield Complaint(("sinks", on_trial[0], "shadow"), "one sink at least must not be on trial: it gets the leads")


def _check_probe(settings: Settings) -> Iterator[Complaint]:
    probe = settings.probe
    if probe is None:
        return
    if probe.source not in settings.sources:
        yield _unknown(("probe", "source"), probe.source, "sources", settings.sources)
    for name in probe.sinks:
        if name not in settings.sinks:
            yield _unknown(("probe", "sinks"), name, "sinks", settings.sinks)
        elif settings.sinks[name].shadow:
            yield Complaint(("probe", "sinks"), f"{name} is on trial: nothing is written there")
    if not (probe.url or settings.web.public_url or settings.web.port):
        yield Complaint(("probe", "url"), "is needed where web.port is 0")


def _check_fields(path: Path, names: Iterable[str], known: Iterable[str]) -> Iterator[Complaint]:
    for name in names:
        if name not in known:
            yield Complaint((*path, name), f"unknown field{did_you_mean(name, known)}", at_key=True)


def _check_rules(settings: Settings) -> Iterator[Complaint]:
    usable: list[tuple[Path, Rule]] = []
    for index, entry in enumerate(settings.rules):
        path = "rules", index
        yield from _check_assign(path, entry, settings)
        try:
            when = None if entry.when is None else compile_condition(entry.when, FACT_NAMES)
        except ConditionError as error:
            yield Complaint((*path, "when", *error.path), str(error), at_key=True)
        else:
            usable.append((path, Rule(entry.name, when)))
    if settings.rules[-1].when is not None:
        yield Complaint(
            ("rules", len(settings.rules) - 1),
            "the last rule has a condition; add one below it that takes what is left: "
            "- {name: everyone else, assign: <one of people>}",
        )
        usable.append(((), Rule("", None)))
    yield from _check_order(usable)


def _check_assign(path: Path, entry: RuleEntry, settings: Settings) -> Iterator[Complaint]:
    person, pool = entry.assign.person, entry.assign.pool
    if person and person not in settings.people:
        meant = f"; write {{pool: {person}}} for the pool" if person in settings.pools else ""
        yield _unknown((*path, "assign"), person, "people", settings.people, meant)
    if pool and pool not in settings.pools:
        yield _unknown((*path, "assign", "pool"), pool, "pools", settings.pools)


def _check_order(rules: Sequence[tuple[Path, Rule]]) -> Iterator[Complaint]:
    """A message of `check_rules` is about the rule that it names first."""
    for message in check_rules([rule for _, rule in rules]):
        starts = ((message.find(f'"{rule.name}"'), path) for path, rule in rules)
        _, path = min(((start, path) for start, path in starts if start >= 0), default=(0, ("rules",)))
        if path:
            yield Complaint(path, message)


def _unknown(path: Path, name: str, section: str, known: Iterable[str], remedy: str = "") -> Complaint:
    """`remedy` stands in the place of a guess."""
    message = f'"{name}" is not in {section}{remedy}' if remedy else not_among(name, section, tuple(known))
    return Complaint(path, message, needs=(section,))


def warn(settings: Settings) -> Iterator[Complaint]:
    """What works, but hardly as it is meant."""
    idle = {person for person, entry in settings.people.items() if not entry.active}
    for index, rule in enumerate(settings.rules):
        if rule.assign.person in idle:
            yield Complaint(("rules", index, "assign"), f"{rule.assign.person} is not active; the last rule takes over")
    for name, pool in settings.pools.items():
        if idle.issuperset(pool.members):
            yield Complaint(("pools", name, "members"), "nobody of these is active; the last rule takes over")
