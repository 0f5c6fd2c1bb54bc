"""Which fields the modules have, so that a missing one never spoils a record. Read when needed, kept for a while."""

from collections.abc import Collection, Mapping
from functools import partial

from connectors.sinks.sugar.service import CONTACTS, LEADS, FieldInfo, Service
from syncd.connector import Clock, FieldState, Fresh


class Schema:
    def __init__(self, service: Service, clock: Clock) -> None:
        modules = (LEADS, CONTACTS, "Tasks")
        self._known = {module: Fresh(partial(service.fields, module), clock) for module in modules}

    def fields(self, module: str) -> Mapping[str, FieldInfo]:
        return self._known[module].value()

    def asked(self, module: str, names: Mapping[str, str], *more: str) -> tuple[str, ...]:
        """Those of the fields that the module has."""
        known = self.fields(module)
        wanted = dict.fromkeys([*more, *names.values()])
        return tuple(name for name in wanted if name and (name in known or name in ("id", "email")))

    def described(self, ours: Collection[str]) -> dict[str, FieldState]:
        return {f"field {LEADS}.{name}": each.state(ours=name in ours) for name, each in self.fields(LEADS).items()}

    def length(self, module: str, name: str, usual: int) -> int:
        found = self.fields(module).get(name)
        return (found.length if found else None) or usual

    def forget(self) -> None:
        for known in self._known.values():
            known.forget()
