"""What the installation must have. Neither API makes fields: a person does, in Studio.

https://support.sugarcrm.com/documentation/sugar_versions/14.0/ent/administration_guide/developer_tools/studio/
"""

from collections.abc import Iterator, Mapping, Sequence

from connectors.sinks.sugar import wire
from connectors.sinks.sugar.options import SugarOptions
from connectors.sinks.sugar.schema import Schema
from connectors.sinks.sugar.service import CONTACTS, EMAIL, LEADS, FieldInfo, Question, Service
from syncd.connector import AuthFailed, FieldState, Finding, Refused

TYPES: Mapping[str, str] = {"first_touch_at": "DateTime", "inquiries": "Integer"}  # the others are TextFields
FITTING: Mapping[str, frozenset[str]] = {
    "TextField": frozenset({"varchar", "name", "text", "char"}),
    "DateTime": frozenset({"datetime", "datetimecombo"}),
    "Integer": frozenset({"int", "varchar"}),
}
NEEDED, HEARD = (CONTACTS, "Tasks", "Notes"), ("Calls", "Meetings", "Opportunities")
FILLED = frozenset({"id", "last_name", "date_entered", "date_modified", "assigned_user_id", "email", "email1", "name"})


class Setup:
    def __init__(
        self,
        options: SugarOptions,
        service: Service,
        schema: Schema,
        emits: Mapping[str, Sequence[str]],
    ) -> None:
        self._options, self._service, self._schema, self._emits = options, service, schema, emits

    def prepare(self, *, apply: bool) -> list[Finding]:  # noqa: ARG002 - no API makes fields
        """Raises AuthFailed when the login is refused."""
        self._service.me()
        self._schema.forget()
        known = self._schema.fields(LEADS)
        found = (self._search(), self._access(), self._ours(known), self._named(known), self._values(known),
                 self._sources(known), _required(known, self._options))  # fmt: skip
        return [finding for findings in found for finding in findings]

    def described(self) -> Mapping[str, FieldState]:
        options = self._options
        names = {**wire.NAMES[LEADS], **options.map}.values()
        return self._schema.described({*names, *options.fixed, options.key_field, "status"})

    def _search(self) -> Iterator[Finding]:
        """Whether people can be found by address; some versions of SuiteCRM fail on that."""
        try:
            self._service.read([Question(LEADS, EMAIL, ("nobody@syncd.invalid",), ("id",))])
        except Refused as error:
            remedy = "update SuiteCRM to 7.12.3 or newer, or use api: v4_1"
            yield Finding("search by address", ok=False, detail=str(error), remedy=remedy)

    def _access(self) -> Iterator[Finding]:
        """What the user must be allowed to, and what is only not heard of otherwise."""
        for module in (*NEEDED, *HEARD):
            try:
                self._service.read([Question(module, "id", ("none",), ("id",))])
            except (AuthFailed, Refused):
                remedy = f"let the role of syncd's user list and view {module}"
                ok = module in HEARD
                detail = f"refused, so nothing of them is read back; {remedy}" if ok else "refused"
                yield Finding(f"access to {module}", ok=ok, detail=detail, remedy="" if ok else remedy)

    def _ours(self, known: Mapping[str, FieldInfo]) -> Iterator[Finding]:
        """Fields of ours: none is needed, for a lead is found by its id, and what has no field stands in the note."""
        wanted = {self._options.key_field: "TextField"} if self._options.key_field else {}
        for field, name in wire.OURS.items():
            if field not in self._options.map:
                wanted[name] = TYPES.get(field, "TextField")
        for name, kind in wanted.items():
            found, what = known.get(name), f"field {LEADS}.{name}"
            made = f"make one of this name in Studio, Leads, Fields ({kind}; Studio adds the _c)"
            if found is None:
                yield Finding(what, ok=True, detail=f"not there, so it is left out; {made}")
            elif found.type not in FITTING[kind]:
                remedy = f"rename it and {made}" if kind != "TextField" else f"{made}, or name another one"
                yield Finding(what, ok=False, detail=f"is of type {found.type}", remedy=remedy)
            else:
                yield Finding(what, ok=True)

    def _named(self, known: Mapping[str, FieldInfo]) -> Iterator[Finding]:
        remedy = "name a field as Studio shows it (custom ones end in _c)"
        for field, name in self._options.map.items():
            if name and name != "email" and name not in known:
                yield Finding(f"map.{field}", ok=False, detail=f"no field {LEADS}.{name}", remedy=remedy)
        for name in self._options.fixed:
            if name not in known:
                yield Finding(f"fixed.{name}", ok=False, detail=f"no field {LEADS}.{name}", remedy=remedy)

    def _values(self, known: Mapping[str, FieldInfo]) -> Iterator[Finding]:
        """Every choice that the options write or wait for is one of the CRM's."""
        options = self._options
        given = {name: [text] for name, text in options.fixed.items()}
        watched = list(options.statuses) if "statuses" in options.model_fields_set else []
        given["status"] = [*given.get("status", []), *watched, *filter(None, [options.lead_status])]
        for name, texts in given.items():
            choices = known[name].options if name in known else frozenset[str]()
            strange = sorted({text for text in texts if choices and text not in choices})
            if strange:
                remedy = f"name one of: {', '.join(sorted(filter(None, choices)))}"
                detail = f"not on the list: {', '.join(strange)}"
                yield Finding(f"values of {LEADS}.{name}", ok=False, detail=detail, remedy=remedy)

    def _sources(self, known: Mapping[str, FieldInfo]) -> Iterator[Finding]:
        found = known.get({**wire.NAMES[LEADS], **self._options.map}.get("lead_source", ""))
        strange = [each for each in self._emits.get("lead_source", ()) if found and each not in found.options]
        if found and found.options and strange:
            detail = f"not on the list, so left out: {', '.join(strange)}"
            yield Finding(f"lead sources in {found.name}", ok=True, detail=detail)


def _required(known: Mapping[str, FieldInfo], options: SugarOptions) -> Iterator[Finding]:
    """Fields without which the CRM takes no lead, and which nothing of ours fills for sure."""
    for info in known.values():
        if info.required and info.writable and info.name not in (FILLED | options.fixed.keys() | {"status"}):
            remedy = "give it a value in `fixed`, for leads that bring none"
            yield Finding(f"field {LEADS}.{info.name}", ok=False, detail="the CRM demands it", remedy=remedy)
