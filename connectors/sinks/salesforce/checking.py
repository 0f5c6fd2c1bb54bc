"""What `check` looks at: login, version, limits, picklists, owners, duplicate rules, what conversion loses.

The fields of syncd are looked at by `prepare`; the doctor asks both.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from connectors.sinks.salesforce import wire
from connectors.sinks.salesforce.client import Client
from connectors.sinks.salesforce.options import SalesforceOptions
from connectors.sinks.salesforce.owners import Owners
from connectors.sinks.salesforce.schema import Schema
from connectors.sinks.salesforce.soql import listed, select
from syncd.connector import FieldState, Finding, RateLimited, Refused, Retryable, Tools, object_in, objects_in

RETIRED_BELOW = 31  # 21.0 to 30.0 ended in June 2025; no later end is announced as of November 2026
FIRST = (59, 2023 * 12 + 9)  # 59.0 came in October 2023, and three come a year
KEPT_MONTHS = 36  # at least: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/api_rest_eol.htm
SOON_MONTHS = 12
SCARCE = 0.1  # of the day's calls
TRANSLATE = "; lead_sources translates those of the config, and what is not listed is left out"
PASSWORD = (
    "works as long as the organisation allows it: Salesforce has it off in new ones, and ends it "  # noqa: S105 - words
    "(as of November 2026): go over to client_credentials"
)


class Checking:
    def __init__(
        self,
        options: SalesforceOptions,
        client: Client,
        schemas: Mapping[str, Schema],
        owners: Owners,
        tools: Tools,
    ) -> None:
        self._options, self._client, self._schemas = options, client, schemas
        self._owners, self._clock, self._emits = owners, tools.clock, tools.emits

    def check(self) -> list[Finding]:
        """Raises AuthFailed when the login is not good for anything. Of a version that the organisation does not know
        nothing else can be asked.
        """
        offered = [str(each.get("version")) for each in objects_in(self._client.versions())]
        version = self._version(offered)
        if self._options.api_version not in offered:
            return [version]
        users = self._owners.probe()
        for schema in self._schemas.values():
            schema.forget()
        return [
            Finding("login and list of users", ok=True, detail=f"{users} users"),
            *([Finding("login by password", ok=True, detail=PASSWORD)] if self._options.password else []),
            version,
            self._limits(),
            *self._required(),
            *self._mapped(),
            *self._picklists(),
            *self._queues(),
            self._rules(),
            *self._conversion(),
        ]

    def described(self) -> dict[str, FieldState]:
        """All fields of what a stranger becomes, and of tasks."""
        options, kind = self._options, self._options.object
        written = wire.names_for(kind, options, self._schemas[kind].fields()).values()
        return {
            **self._schemas[kind].described({*written, *options.fixed, options.key_field, "Status", "OwnerId"}),
            **self._schemas[wire.TASK].described({*wire.TASK_FIELDS, options.mark_field}),
        }

    def _version(self, offered: Sequence[str]) -> Finding:
        """https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_versions.htm"""
        what, ours = f"API version {self._options.api_version}", self._options.api_version
        newest = max(offered, key=lambda each: float(each) if each.replace(".", "").isdecimal() else 0, default=ours)
        remedy = f"set api_version: {newest}"
        number = int(float(ours))
        if ours not in offered or number < RETIRED_BELOW:
            return Finding(what, ok=False, detail="not offered any more", remedy=remedy)
        end = FIRST[1] + (number - FIRST[0]) * 4 + KEPT_MONTHS
        until = date(end // 12, end % 12 + 1, 1)
        today = self._clock.now()
        if end - (today.year * 12 + today.month - 1) < SOON_MONTHS:
            return Finding(what, ok=True, detail=f"kept until {until:%B %Y} at least; {remedy}, tried elsewhere first")
        return Finding(what, ok=True, detail=f"kept until {until:%B %Y} at least; newest is {newest}")

    def _limits(self) -> Finding:
        """https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_limits.htm"""
        what = "calls of the last 24 hours"
        try:
            told = object_in(self._client.get("limits", what="read of limits"), "DailyApiRequests")
        except (Refused, RateLimited, Retryable) as error:
            return Finding(what, ok=True, detail=f"not told: {error}")
        most, left = told.get("Max"), told.get("Remaining")
        if not isinstance(most, int) or not isinstance(left, int):
            return Finding(what, ok=True, detail="not told")
        remedy = "find out what else uses the API, or buy more calls"
        return Finding(what, ok=left > most * SCARCE, detail=f"{most - left} of {most}", remedy=remedy)

    def _required(self) -> Iterator[Finding]:
        """A field that must be filled, and that nothing of ours fills, would park every lead, or every task."""
        kind = self._options.object
        filled = {*wire.fillers_for(kind, self._options), *self._options.fixed, self._options.key_field}
        names = sorted(name for name, info in self._schemas[kind].fields().items() if info.required)
        for name in names:
            if name not in filled:
                remedy = f"give it a value for new records (fixed: {{{name}: ...}}), or make it optional"
                yield Finding(f"required field {kind}.{name}", ok=False, detail="nothing fills it", remedy=remedy)
        ours = {*wire.TASK_FIELDS, self._options.mark_field}
        for name, info in sorted(self._schemas[wire.TASK].fields().items()):
            if info.required and name not in ours:
                remedy = "make it optional, or give it a default there: syncd has no value for it"
                yield Finding(f"required field Task.{name}", ok=False, detail="nothing fills it", remedy=remedy)

    def _mapped(self) -> Iterator[Finding]:
        kind = self._options.object
        known = self._schemas[kind].fields()
        for field, name in self._options.map.items():
            info = known.get(name)
            if name and not (info and (info.createable or info.updateable)):
                detail = f"{kind}.{name} is {'read only' if info else 'not there, or hidden from us'}"
                remedy = "name a field by its API name, and let the user that syncd runs as edit it"
                yield Finding(f"map.{field}", ok=False, detail=detail, remedy=remedy)

    def _picklists(self) -> Iterator[Finding]:
        """Every value that the config can write or wait for is one that the organisation lists."""
        options, kind = self._options, self._options.object
        sources = [options.lead_sources.get(each, each) for each in self._emits.get("lead_source", ())]
        given: list[tuple[str, str, Sequence[str]]] = [
            (wire.LEAD, "Status", [*options.statuses, *filter(None, [options.status])]),
            (kind, "LeadSource", [*options.lead_sources.values(), *sources]),
            *((kind, name, [value]) for name, value in options.fixed.items()),
            (wire.TASK, "Priority", wire.PRIORITIES),
            (wire.TASK, "Status", [wire.DONE]),
        ]
        for where, name, values in given:
            info = self._schemas[where].fields().get(name)
            known = {each.casefold() for each in info.options} if info else set()
            strange = sorted({each for each in values if known and each.casefold() not in known})
            what = f"values of {where}.{name}"
            if info is None and values and name in options.fixed:
                yield Finding(what, ok=False, detail="no such field that we may see", remedy="name another field")
            elif strange and info is not None:
                remedy = f"name one of: {', '.join(info.options)}" + (TRANSLATE if name == "LeadSource" else "")
                yield Finding(what, ok=False, detail=f"not in the organisation: {', '.join(strange)}", remedy=remedy)

    def _queues(self) -> Iterator[Finding]:
        known = self._owners.queues()
        for email, name in sorted(self._options.queues.items()):
            if name not in known:
                remedy = f"name one of: {', '.join(sorted(known)) or 'none is there'}"
                yield Finding(f"queue {name}", ok=False, detail=f"not there (for {email})", remedy=remedy)
        owner = self._options.task_owner
        if owner and not self._owners.by_id(owner).active:
            remedy = "name the id of an active user, or of a queue for tasks"
            yield Finding("task_owner", ok=False, detail="no active user and no queue", remedy=remedy)

    def _rules(self) -> Finding:
        """https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_duplicaterule.htm"""
        what = "duplicate rules"
        where = ["IsActive = true", listed("SobjectType", (wire.LEAD, wire.CONTACT))]
        rows = self._told(select(["DeveloperName", "SobjectType"], "DuplicateRule", where), what)
        if rows is None:
            return Finding(what, ok=True, detail="not told")
        names = ", ".join(f"{row.get('DeveloperName')} ({row.get('SobjectType')})" for row in rows)
        then = (
            "its record is used" if self._options.duplicates == "match" else "we save beside it where the rule lets us"
        )
        return Finding(what, ok=True, detail=f"active: {names}; on a match {then}" if names else "none is active")

    def _conversion(self) -> Iterator[Finding]:
        """Custom fields of a lead vanish when it is converted, unless they are mapped: the last one shows it."""
        key, what = self._options.key_field, "key after conversion"
        if not all(self._schemas[kind].has(key) for kind in (wire.LEAD, wire.CONTACT)):
            return
        where = ["IsConverted = true", "ConvertedContactId != null", f"{key} != null"]
        asked = select(["ConvertedContactId"], wire.LEAD, where, " ORDER BY SystemModstamp DESC LIMIT 1")
        leads = self._told(asked, what) or []
        contacts = [str(row.get("ConvertedContactId")) for row in leads]
        rows = self._told(select([key], wire.CONTACT, [listed("Id", contacts)]), what) if contacts else None
        if rows and not rows[0].get(key):
            remedy = f"Setup, Object Manager, Lead, Fields, Map Lead Fields: {key} to {key} of contacts"
            yield Finding(what, ok=False, detail="the contact of the lead converted last has lost it", remedy=remedy)

    def _told(self, soql: str, what: str) -> list[Mapping[str, Any]] | None:
        try:
            (rows,) = self._client.rows([soql], what=f"read of {what}")
        except (Refused, Retryable, RateLimited):
            return None
        return rows
