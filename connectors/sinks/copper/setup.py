"""What the account must have, and making it. https://developer.copper.com/custom-fields/general/"""

from collections.abc import Iterator, Mapping, Sequence

from connectors.sinks.copper.account import LINE, WRITABLE, Account
from connectors.sinks.copper.client import Client
from connectors.sinks.copper.options import CopperOptions
from connectors.sinks.copper.wire import LEAD, OURS, PERSON
from syncd.connector import AuthFailed, FieldState, Finding, Wanted, choice_findings, field_findings

BOTH = frozenset({LEAD, PERSON})


class Setup:
    def __init__(
        self, options: CopperOptions, client: Client, account: Account, emits: Mapping[str, Sequence[str]]
    ) -> None:
        self._options, self._client, self._account, self._emits = options, client, account, emits

    def prepare(self, *, apply: bool) -> list[Finding]:
        """Raises AuthFailed when the token is not good for anything."""
        self._prove_login()
        self._account.forget()
        findings = field_findings(self._wanted(), self._type, self._make if apply else None)
        self._account.forget()
        return [*findings, *self._choices()]

    def described(self) -> dict[str, FieldState]:
        """Custom fields of leads, and the lists that the config names choices of."""
        own = {*OURS.values(), *self._options.map.values(), self._options.key_field, self._options.status_field}
        lists = {"lead status": self._account.statuses(), "lead source": self._account.sources()}
        return {
            **{f"custom field {name}": FieldState(field.type, ours=name in own, writable=field.type in WRITABLE,
                                                  choices=tuple(field.options.values()))
               for name, field in self._account.fields().items() if LEAD in field.on},
            **{what: FieldState("list", ours=True, choices=tuple(names)) for what, names in lists.items()},
        }  # fmt: skip

    def _prove_login(self) -> None:
        """The cheapest real call."""
        reply = self._client.ask("/users/me", what="read of the own user")
        if not reply.ok:
            raise AuthFailed(f"copper: read of the own user answered {reply.status}")

    def _wanted(self) -> Iterator[Wanted]:
        key, status, line = self._options.key_field, self._options.status_field, frozenset({LINE})
        yield Wanted(f"custom field {key}", "filter", key, LINE, works=line, words=f"{LINE} of leads, used as a filter")
        yield Wanted(f"custom field {status}", LEAD, status, LINE, works=line, words=f"{LINE} of leads")
        for name in dict.fromkeys(name for name in {**OURS, **self._options.map}.values() if name):
            made_as, words = self._as(name), "one of leads that syncd can write"
            yield Wanted(f"custom field {name}", LEAD, name, made_as, works=WRITABLE, words=words)

    def _as(self, name: str) -> str:
        return "Float" if name == OURS["inquiries"] else LINE

    def _type(self, wanted: Wanted) -> str:
        found = self._account.fields().get(wanted.name)
        if found is None:
            return ""
        if LEAD not in found.on:
            return f"{found.type}, not of leads"
        return f"{found.type}, no filter" if wanted.of == "filter" and not found.filterable else found.type

    def _make(self, wanted: Wanted) -> str:
        body = {"name": wanted.name, "data_type": wanted.type, "available_on": sorted(BOTH),
                "is_filterable": wanted.of == "filter"}  # fmt: skip
        reply = self._client.write("POST", "/custom_field_definitions", body, what=f"making of the {wanted.what}")
        return "" if reply.ok else str(reply.fault)

    def _choices(self) -> Iterator[Finding]:
        options = self._options
        meant = options.statuses if "statuses" in options.model_fields_set else ()
        named = dict.fromkeys([options.status, *meant])
        statuses = {f"lead status {name}": name for name in named if name}
        yield from choice_findings(statuses, list(self._account.statuses()))
        if "lead_source" not in self._options.map:
            sources = {f"lead source {name}": name for name in self._emits.get("lead_source", ())}
            yield from choice_findings(sources, list(self._account.sources()))
